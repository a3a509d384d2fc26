import type { Output } from './output.ts';
import { formatBytes, truncate } from './text.ts';

const EVERY_MS = 100;
/** Before that a rate says nothing. */
const SETTLED_SECONDS = 2;

/** One line on the terminal behind standard error that says how far a run is; nothing elsewhere. */
export class Progress {
  readonly #output: Output;
  readonly #shown: boolean;
  readonly #start = performance.now();
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(output: Output) {
    this.#output = output;
    this.#shown = output.stderr.isTTY === true && !output.quiet && !output.strict;
  }

  /** @param total bytes expected; what is read may grow meanwhile */
  update(bytes: number, total: number, what: string): void {
    const now = performance.now();
    if (!this.#shown || now - this.#drawn < EVERY_MS) return;
    this.#drawn = now;
    const seconds = Math.max(0.001, (now - this.#start) / 1000);
    const rate = bytes / seconds;
    const left = Math.max(0, total - bytes);
    const eta = seconds > SETTLED_SECONDS && rate > 0 ? `, ${formatSeconds(left / rate)} left` : '';
    const percent = total > 0 ? Math.min(100, Math.floor((100 * bytes) / total)) : 100;
    const line = `${percent} %  ${formatBytes(bytes)} of ${formatBytes(Math.max(bytes, total))}, ${formatBytes(rate)}/s${eta}  ${what}`;
    this.#output.stderr.write(`\r${truncate(line, (this.#output.stderr.columns ?? 80) - 1)}\u001b[K`);
  }

  /** The same where nobody knows how much there is. */
  note(what: string): void {
    const now = performance.now();
    if (!this.#shown || now - this.#drawn < EVERY_MS) return;
    this.#drawn = now;
    this.#output.stderr.write(`\r${truncate(what, (this.#output.stderr.columns ?? 80) - 1)}\u001b[K`);
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#shown && this.#drawn > 0) this.#output.stderr.write('\r\u001b[K');
    this.#drawn = Number.NEGATIVE_INFINITY;
  }
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
