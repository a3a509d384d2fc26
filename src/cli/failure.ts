import { inspect } from 'node:util';
import { CairnError, ExitCode } from '../errors.ts';
import type { Output } from './output.ts';
import { visible } from './text.ts';

/** An error as `--json` shows it: docs/json.md. */
export interface FailureObject {
  readonly code: string;
  readonly exit: number;
  readonly message: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
  /** More, by code: who holds it, the current value. */
  readonly [detail: string]: unknown;
}

export function failureObject(error: unknown): FailureObject {
  if (error instanceof CairnError) {
    const { code, exitCode, message, hint, retryAfterMs, details } = error;
    return {
      code,
      exit: exitCode,
      message: oneLine(message),
      ...(hint !== undefined && { hint: oneLine(hint) }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...details,
    };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: 'internal',
    exit: ExitCode.failed,
    message: oneLine(`expected no defect, got ${what}`),
    hint: 'please report it, with what CAIRN_DEBUG=1 shows',
  };
}

/** Tells an error in one line and its hint in another; the stack only with `CAIRN_DEBUG=1`. Gives the exit code. */
export function reportFailure(error: unknown, output: Output, debug: boolean): number {
  const failure = failureObject(error);
  output.stderr.write(
    output.strict
      ? `${JSON.stringify(failure)}\n`
      : `cairn: ${visible(failure.message)}\n${failure.hint === undefined ? '' : `hint: ${visible(failure.hint)}\n`}`,
  );
  if (debug) output.stderr.write(`${inspect(error, { depth: 5 })}\n`);
  return failure.exit;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
