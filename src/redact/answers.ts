/** Longer texts hardly come again, and would be much to keep. */
const longest = 512;

interface Entry<T> {
  readonly text: string;
  readonly answer: T;
}

/**
 * What was answered about texts that come again, all forgotten when there are `capacity`. Texts are latin1, and kept as
 * copies: a piece of a string keeps all of it alive.
 */
export class Answers<T> {
  readonly #capacity: number;
  readonly #known = new Map<string, Entry<T>>();
  /** Lists have the same one over and over: to compare it costs less than to look it up. */
  #latest: Entry<T> | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(text: string): T | undefined {
    if (text !== this.#latest?.text) this.#latest = this.#known.get(text) ?? this.#latest;
    return text === this.#latest?.text ? this.#latest.answer : undefined;
  }

  set(text: string, answer: T): void {
    if (text.length > longest) return;
    if (this.#known.size >= this.#capacity) this.#known.clear();
    const entry = { text: Buffer.from(text, 'latin1').toString('latin1'), answer };
    this.#known.set(entry.text, entry);
    this.#latest = entry;
  }
}
