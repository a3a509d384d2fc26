import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '../../src/runtime.ts';

/** A runtime whose time passes only when `pass` is called; files and promises get the real time that they need. */
export class VirtualTime implements Runtime {
  readonly #sleepers = new Set<{ readonly at: number; wake(): void }>();
  #time = 0;
  #ids = 0;
  /** What the wall clock is off by. */
  offset = 0;

  now(): number {
    return 1_800_000_000_000 + this.#time + this.offset;
  }

  monotonic(): number {
    return this.#time;
  }

  random(): number {
    return 0.5;
  }

  id(): string {
    return `v-${String(++this.#ids).padStart(8, '0')}`;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { at: this.#time + ms, wake };
      if (signal?.aborted) return resolve();
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets `ms` pass, sleeper by sleeper; ends early when `enough` says so. */
  async pass(ms: number, enough: () => boolean | Promise<boolean> = () => false): Promise<void> {
    const end = this.#time + ms;
    // Without a sleeper somebody is about to sleep, or all have ended.
    for (let alone = 0; alone < 50 && !(await enough()); ) {
      await workDone();
      const [next] = [...this.#sleepers].sort((a, b) => a.at - b.at);
      alone = next ? 0 : alone + 1;
      if (!next) continue;
      if (next.at > end) {
        this.#time = end;
        return;
      }
      this.#time = Math.max(this.#time, next.at);
      next.wake();
    }
  }
}

/** Waits until no file is being read or written, and nothing compressed. */
async function workDone(): Promise<void> {
  for (let calm = 0; calm < 3; calm++) {
    await delay(1);
    if (process.getActiveResourcesInfo().some((name) => /^(FSReq|Zlib)/.test(name))) calm = 0;
  }
}
