import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type Job, leaveAlone } from './live-job.ts';
import type { LiveEvent } from './live-types.ts';
import { backoffMs, Outage, type Trouble } from './outage.ts';

/** What goes wrong while the mirror is live: told once, and tried again later and later. */
export class LiveFaults {
  readonly #runtime: Runtime;
  readonly #tell: (event: LiveEvent) => void;
  readonly #outage: Outage;

  constructor(runtime: Runtime, tell: (event: LiveEvent) => void) {
    this.#runtime = runtime;
    this.#tell = tell;
    this.#outage = new Outage(runtime);
  }

  /** What keeps every session from being shipped. */
  get trouble(): Trouble | undefined {
    return this.#outage.trouble;
  }

  /** It is of this host, and not of the bucket. */
  get isLocal(): boolean {
    return this.trouble?.code === 'disk-full';
  }

  /** Monotonic time of the next try. */
  get nextAt(): number {
    return this.#outage.nextAt;
  }

  /** A session, or one stream of it, was not shipped. */
  failed(job: Job, cause: unknown, stream?: string): void {
    job.dirty = true;
    if (cause instanceof CairnError && cause.code === 'held') return;
    if (cause instanceof CairnError && cause.code === 'terminal') leaveAlone(job);
    else {
      job.failures++;
      job.lookAt = this.#runtime.monotonic() + backoffMs(job.failures, this.#runtime.random());
    }
    const said = cause instanceof Error ? cause.message : String(cause);
    if (!this.ofAll(cause) && !this.trouble && job.said !== said) {
      const { harness, id: session } = job.found.ref;
      this.#tell({ event: 'failed', harness, session, ...(stream !== undefined && { stream }), cause });
    }
    job.said = said;
  }

  /** Something failed that may concern every session. True: it was news, and was told. */
  ofAll(cause: unknown): boolean {
    const trouble = this.#outage.failed(cause);
    if (trouble) this.#tell({ event: 'trouble', ...trouble, cause });
    return trouble !== undefined;
  }

  /**
   * A session has nothing left to ship.
   * @param proved and by it what kept it from being shipped is over
   */
  succeeded(job: Job, proved: boolean, all: Iterable<Job>): void {
    job.failures = 0;
    job.said = undefined;
    job.stalled = false;
    if (proved) this.over(all);
  }

  /** Whatever it was, it is over. */
  over(all: Iterable<Job>): void {
    const over = this.#outage.succeeded();
    if (!over) return;
    for (const other of all) other.failures = 0; // they were not to blame
    this.#tell({ event: 'recovered', code: over.code, seconds: over.seconds });
  }
}
