/**
 * Exit codes are a contract: scripts branch on them. `docs/cli.md` prints this table.
 */
export const ExitCode = {
  ok: 0,
  /** An internal error, things differ, or a part of the work failed (said at the end). */
  failed: 1,
  usage: 2,
  /** Held by another process, or a claim that was lost. */
  held: 3,
  /** The task has ended already. */
  terminal: 4,
  /** The name is in use, the session was lost, or the delivery superseded. */
  superseded: 5,
  /** Blocked by dependencies, or the name exists. */
  blocked: 6,
  /** Another version than the expected one. */
  version: 7,
  notFound: 9,
  nothingToDo: 10,
  /** Outcome unknown or transient: safe to run again. */
  transient: 75,
  /** Credentials missing, wrong or expired, or a file that may not be read or written. */
  denied: 77,
  /** The store or the format cannot do what is asked. */
  unfit: 78,
  /** `wait` reached its deadline. */
  timeout: 124,
  /** `run`: Cairn failed, the command could not be executed, it was not found. */
  runFailed: 125,
  cannotExecute: 126,
  commandNotFound: 127,
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
  lost: ExitCode.held,
  terminal: ExitCode.terminal,
  'name-in-use': ExitCode.superseded,
  'session-lost': ExitCode.superseded,
  superseded: ExitCode.superseded,
  blocked: ExitCode.blocked,
  exists: ExitCode.blocked,
  'version-differs': ExitCode.version,
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
  'run-failed': ExitCode.runFailed,
  'cannot-execute': ExitCode.cannotExecute,
  'command-not-found': ExitCode.commandNotFound,
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
  /** More that a program wants to know: who holds it, the current value. Goes out with `--json`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      hint?: string;
      cause?: unknown;
      retryAfterMs?: number | undefined;
      details?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CairnError';
    this.code = code;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }

  get exitCode(): number {
    return errorCodes[this.code];
  }
}
