import { CairnError, type ErrorCode } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** These are of the store or the host, whichever session meets them first. */
const general: ReadonlySet<ErrorCode> = new Set(['unavailable', 'unknown', 'disk-full']);
/** So many failures of one kind in a row, and it is not the session's fault. */
const PATIENCE = 3;

/** The pause before the next try after `failures` in a row: doubled each time, with jitter. */
export function backoffMs(failures: number, random: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10)) * (0.5 + random / 2);
}

/** What keeps every session from being shipped. */
export interface Trouble {
  readonly code: ErrorCode | 'internal';
  readonly message: string;
  readonly hint?: string;
  /** ISO 8601. */
  readonly since: string;
}

/** A trouble that is over. */
export interface PastTrouble extends Trouble {
  /** How long it lasted. */
  readonly seconds: number;
}

/**
 * Tells a fault of the store, the network or the disk from one of a session. While it lasts one session at a time is
 * tried, more and more seldom; the first success ends it.
 */
export class Outage {
  readonly #runtime: Runtime;
  #trouble: Trouble | undefined;
  /** Monotonic: the clock that people read may jump meanwhile. */
  #beganAt = 0;
  #last: string | undefined;
  #inARow = 0;
  #failures = 0;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Monotonic time of the next try. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** A session failed. Gives what is to be said: a fault that is new. */
  failed(cause: unknown): Trouble | undefined {
    const code = cause instanceof CairnError ? cause.code : 'internal';
    this.#inARow = this.#last === code ? this.#inARow + 1 : 1;
    this.#last = code;
    const isGeneral = general.has(code as ErrorCode) || concernsBucket(cause);
    if (!isGeneral && this.#inARow < PATIENCE && this.#trouble?.code !== code) return undefined;
    const now = this.#runtime.monotonic();
    // Those that fail side by side are one failure.
    if (now >= this.#nextAt) {
      this.#failures++;
      this.#nextAt = now + backoffMs(this.#failures, this.#runtime.random());
    }
    // A store that hangs and one that refuses are one outage.
    if (this.#trouble && (this.#trouble.code === code || isGeneral)) return undefined;
    const { message } = cause instanceof Error ? cause : new Error(String(cause));
    const hint = cause instanceof CairnError ? cause.hint : undefined;
    const since = new Date(this.#runtime.now()).toISOString();
    if (!this.#trouble) this.#beganAt = now;
    this.#trouble = { code, message, ...(hint !== undefined && { hint }), since };
    return this.#trouble;
  }

  /** A session was shipped, or had nothing to ship but was asked for. Gives the fault that is over. */
  succeeded(): PastTrouble | undefined {
    const over = this.#trouble && {
      ...this.#trouble,
      seconds: Math.round((this.#runtime.monotonic() - this.#beganAt) / 1000),
    };
    this.#trouble = undefined;
    this.#last = undefined;
    this.#inARow = 0;
    this.#failures = 0;
    this.#nextAt = Number.NEGATIVE_INFINITY;
    return over;
  }
}

/** Credentials that have expired, a bucket that is gone: the store says so of whatever is asked. */
function concernsBucket(cause: unknown): boolean {
  return cause instanceof CairnError && cause.details.concerns === 'bucket';
}
