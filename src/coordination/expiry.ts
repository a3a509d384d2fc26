import type { ProcessIdentity } from '../mirror/lock.ts';
import type { Runtime } from '../runtime.ts';

/** Newest heartbeat of a process, as one answer of the store gave it. */
export interface LastBeat {
  readonly n: number;
  readonly modified: number;
  readonly date: number;
}

/** Decides whether one may try to kill a process. Being wrong costs work, never a second holder. */
export interface Expiry {
  isExpired(process: string, beat: LastBeat, ttlMs: number): boolean;
  /** Whether a process of this host and boot is gone: then nobody has to wait. */
  isGone(identity: ProcessIdentity): Promise<boolean>;
}

/** Answers of the store may be this much apart in time. */
const slackMs = 5000;

/**
 * By the store's clock, where it is trusted: age of the newest beat in one answer. Else by this process's own
 * observation: the same beat seen for the time to live on both of its clocks.
 */
export function expiryBy(
  runtime: Runtime,
  options: { readonly trustClock: boolean; readonly isGone?: Expiry['isGone'] },
): Expiry {
  const observed = new Map<string, { readonly n: number; readonly monotonic: number; readonly wall: number }>();
  return {
    isExpired(process, beat, ttlMs) {
      if (options.trustClock) return beat.date - beat.modified >= ttlMs + slackMs;
      const first = observed.get(process);
      if (first?.n !== beat.n) {
        observed.set(process, { n: beat.n, monotonic: runtime.monotonic(), wall: runtime.now() });
        return false;
      }
      return Math.min(runtime.monotonic() - first.monotonic, runtime.now() - first.wall) >= ttlMs + slackMs;
    },
    isGone: options.isGone ?? (async () => false),
  };
}
