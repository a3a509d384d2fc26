import type { Runtime } from '../runtime.ts';

/** Events of one change come in bursts. */
const DEBOUNCE_MS = 10;

/** Sleeps until a time, or until something wakes it. */
export class Alarm {
  readonly #runtime: Runtime;
  readonly #signal: AbortSignal | undefined;
  #wake: (() => void) | undefined;
  #woken = false;

  /** @param signal ends every sleep */
  constructor(runtime: Runtime, signal: AbortSignal | undefined) {
    this.#runtime = runtime;
    this.#signal = signal;
  }

  /** Ends the sleep, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** @param at by the monotonic clock */
  async sleepUntil(at: number): Promise<void> {
    const signal = this.#signal;
    // Never without a pause: timers and sockets have to come to their turn.
    const ms = Math.max(1, at - this.#runtime.monotonic());
    if (!this.#woken && !signal?.aborted) {
      const waking = new AbortController();
      this.#wake = () => waking.abort();
      signal?.addEventListener('abort', this.#wake, { once: true });
      await this.#runtime.sleep(ms, waking.signal);
      signal?.removeEventListener('abort', this.#wake);
      this.#wake = undefined;
    }
    if (this.#woken) await this.#runtime.sleep(DEBOUNCE_MS);
    this.#woken = false;
  }
}
