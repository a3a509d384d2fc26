import { CairnError } from '../errors.ts';
import type { Coordination } from './coordination.ts';

/** How something is waited for. */
export interface WaitOptions {
  /** Milliseconds; 0 looks once. Default 110,000, which is below the usual limit of an agent's tool. */
  readonly timeoutMs?: number | undefined;
  /** Longest pause between two looks, milliseconds. Default 10,000. */
  readonly pollMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const shortest = 250;
const briskMs = 5000;
const growth = 1.5;
const spread = 0.2;

/**
 * Looks until there is something: every 250 ms at first, for 5 s, then less and less often, and at once when
 * a bell rings on this host.
 * @throws CairnError `timeout`; the reason of an aborted signal
 */
export async function poll<T>(
  c: Coordination,
  paths: readonly string[],
  options: WaitOptions,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const { runtime } = c.space;
  const { timeoutMs = 110_000, pollMs = 10_000, signal } = options;
  const start = runtime.monotonic();
  let pause = Math.min(shortest, pollMs);
  let rung = new AbortController();
  // Before the first look, so that nothing is written between the two.
  const stop = timeoutMs > 0 ? c.bells.watch(paths, () => rung.abort()) : () => {};
  try {
    for (;;) {
      rung = new AbortController();
      await c.refresh();
      const found = await look();
      if (found !== undefined) return found;
      const passed = runtime.monotonic() - start;
      if (passed >= timeoutMs) {
        throw new CairnError('timeout', `expected an answer within ${timeoutMs / 1000} s, got none`);
      }
      const jitter = 1 - spread + 2 * spread * runtime.random();
      const either = signal === undefined ? rung.signal : AbortSignal.any([signal, rung.signal]);
      if (!either.aborted) await runtime.sleep(Math.min(pause * jitter, timeoutMs - passed), either);
      signal?.throwIfAborted();
      if (rung.signal.aborted) pause = Math.min(shortest, pollMs);
      else if (passed > briskMs) pause = Math.min(pause * growth, pollMs);
    }
  } finally {
    stop();
  }
}
