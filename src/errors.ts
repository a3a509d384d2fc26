/**
 * Exit codes are a contract: scripts branch on them. `docs/cli.md` prints this table.
 */
export const ExitCode = {
  ok: 0,
  /** An internal error, things differ, or a part of the work failed (said at the end). */
  failed: 1,
  usage: 2,
  /** Held by another process. */
  held: 3,
  notFound: 9,
  nothingToDo: 10,
  /** Outcome unknown or transient: safe to run again. */
  transient: 75,
  /** Credentials missing, wrong or expired, or a file that may not be read or written. */
  denied: 77,
  /** The store or the format cannot do what is asked. */
  unfit: 78,
  timeout: 124,
} as const;

/** Stable words for programs; each has one exit code. */
export const errorCodes = {
  internal: ExitCode.failed,
  differs: ExitCode.failed,
  incomplete: ExitCode.failed,
  corrupt: ExitCode.failed,
  usage: ExitCode.usage,
  config: ExitCode.usage,
  ambiguous: ExitCode.usage,
  held: ExitCode.held,
  'not-found': ExitCode.notFound,
  'nothing-to-do': ExitCode.nothingToDo,
  unavailable: ExitCode.transient,
  unknown: ExitCode.transient,
  'disk-full': ExitCode.transient,
  denied: ExitCode.denied,
  unfit: ExitCode.unfit,
  'newer-format': ExitCode.unfit,
  'too-large': ExitCode.unfit,
  timeout: ExitCode.timeout,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * The one error of Cairn: `message` says what was expected and what came, `hint` what to do.
 * Everything else that is thrown is a defect.
 */
export class CairnError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The pause that a store asked for. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CairnError';
    this.code = code;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
  }

  get exitCode(): number {
    return errorCodes[this.code];
  }
}
