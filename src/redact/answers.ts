/** Longer texts hardly come again, and would be much to keep. */
const longest = 512;

/**
 * What was answered about texts that come again, all forgotten when there are `capacity`. Texts are latin1, and kept as
 * copies: a piece of a string keeps all of it alive.
 */
export class Answers<T> {
  readonly #capacity: number;
  readonly #known = new Map<string, T>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(text: string): T | undefined {
    return this.#known.get(text);
  }

  set(text: string, answer: T): void {
    if (text.length > longest) return;
    if (this.#known.size >= this.#capacity) this.#known.clear();
    this.#known.set(Buffer.from(text, 'latin1').toString('latin1'), answer);
  }
}
