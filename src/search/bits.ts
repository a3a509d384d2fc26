/** Bytes that are filled bit by bit, the lowest first. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #at = 0;

  /** @param width at most 24 bits of `value`, which is below 2^width */
  bits(value: number, width: number): void {
    if ((this.#at + width + 7) >>> 3 >= this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let byte = this.#at >>> 3;
    let rest = value << (this.#at & 7);
    bytes[byte] = (bytes[byte] ?? 0) | rest;
    for (rest >>>= 8; rest > 0; rest >>>= 8) bytes[++byte] = rest;
    this.#at += width;
  }

  /** A number as so many zeros, and a one. */
  unary(value: number): void {
    let rest = value;
    for (; rest > 23; rest -= 24) this.bits(0, 24);
    this.bits(1 << rest, rest + 1);
  }

  /** What was written, up to a whole byte: valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, (this.#at + 7) >>> 3);
  }

  clear(): void {
    this.#bytes.fill(0, 0, (this.#at >>> 3) + 1);
    this.#at = 0;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what `BitWriter` wrote. Behind the end it reads ones: no number goes on for ever. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @param width at most 24 */
  bits(width: number): number {
    const value = this.#window() & ((1 << width) - 1);
    this.#at += width;
    return value;
  }

  unary(): number {
    for (let zeros = 0; ; zeros += 24) {
      const window = this.#window() & 0xffffff;
      if (window === 0) {
        this.#at += 24;
        continue;
      }
      const more = 31 - Math.clz32(window & -window);
      this.#at += more + 1;
      return zeros + more;
    }
  }

  /** The next 25 bits, or more. */
  #window(): number {
    const bytes = this.#bytes;
    const byte = this.#at >>> 3;
    return (
      ((bytes[byte] ?? 255) |
        ((bytes[byte + 1] ?? 255) << 8) |
        ((bytes[byte + 2] ?? 255) << 16) |
        ((bytes[byte + 3] ?? 255) << 24)) >>>
      (this.#at & 7)
    );
  }
}
