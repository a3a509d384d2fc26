import { enlarged } from './bytes.ts';
import { fnvStart, fnvStep } from './hints.ts';

/**
 * Numbers terms in the order in which they come. Terms are looked up in the text itself, so that no string is made of
 * each word: most words of a text are known already.
 */
export class Vocabulary {
  /** By hash: number + 1 of the term there, and its hash. */
  #table = new Int32Array(1 << 16);
  /** Where each term begins in `#units`; one more than there are terms. */
  #starts = new Uint32Array((1 << 14) + 1);
  #units = new Uint16Array(1 << 18);
  #bits = new Uint8Array((1 << 14) + 1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the piece of a text, in lower case where it is ASCII. */
  idOf(text: string, start = 0, end = text.length): number {
    const from = this.#starts[this.#size] ?? 0;
    while (from + end - start > this.#units.length) this.#units = enlarged(this.#units);
    const units = this.#units;
    // It is written behind the last term; if it is known, the next one is written over it.
    let hash = fnvStart;
    let to = from;
    for (let at = start; at < end; at++) {
      const unit = text.charCodeAt(at);
      const lower = unit > 64 && unit < 91 ? unit | 32 : unit;
      units[to++] = lower;
      hash = fnvStep(hash, lower);
    }
    const table = this.#table;
    const mask = table.length - 2;
    let slot = slotOf(hash) & mask;
    for (; table[slot] !== 0; slot = (slot + 2) & mask) {
      const id = (table[slot] ?? 0) - 1;
      if (table[slot + 1] === hash && this.#stands(id, from, to)) return id;
    }
    table[slot] = this.#size + 1;
    table[slot + 1] = hash;
    return this.#add(hash, to);
  }

  /** `neighbourBit` of a term. */
  bit(id: number): number {
    return this.#bits[id] ?? 0;
  }

  term(id: number): string {
    return String.fromCharCode(...this.#units.subarray(this.#starts[id], this.#starts[id + 1]));
  }

  /** Numbers of all terms, in the order of their UTF-16 form. */
  ordered(): Uint32Array {
    const [units, starts] = [this.#units, this.#starts];
    // What most terms differ in, as one number each.
    const keys = Float64Array.from({ length: this.#size }, (_, id) => {
      const [from, to] = [starts[id] ?? 0, starts[id + 1] ?? 0];
      let key = 0;
      for (let i = from; i < from + 3; i++) key = key * 0x10000 + (i < to ? (units[i] ?? 0) : 0);
      return key;
    });
    return Uint32Array.from({ length: this.#size }, (_, id) => id).sort((a, b) => {
      const difference = (keys[a] ?? 0) - (keys[b] ?? 0);
      if (difference !== 0) return difference;
      const [ends, other] = [starts[a + 1] ?? 0, starts[b + 1] ?? 0];
      let [i, j] = [(starts[a] ?? 0) + 3, (starts[b] ?? 0) + 3];
      while (i < ends && j < other && units[i] === units[j]) {
        i++;
        j++;
      }
      if (i >= ends || j >= other) return ends - (starts[a] ?? 0) - (other - (starts[b] ?? 0));
      return (units[i] ?? 0) - (units[j] ?? 0);
    });
  }

  #stands(id: number, from: number, to: number): boolean {
    const units = this.#units;
    const start = this.#starts[id] ?? 0;
    if ((this.#starts[id + 1] ?? 0) - start !== to - from) return false;
    for (let i = from; i < to; i++) if (units[i] !== units[start + i - from]) return false;
    return true;
  }

  #add(hash: number, end: number): number {
    const id = this.#size++;
    if (this.#size === this.#starts.length) {
      this.#starts = enlarged(this.#starts);
      this.#bits = enlarged(this.#bits);
    }
    this.#bits[id] = hash >>> 31;
    this.#starts[id + 1] = end;
    if (this.#size * 4 > this.#table.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const old = this.#table;
    const table = new Int32Array(old.length * 2);
    const mask = table.length - 2;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue;
      let slot = slotOf(old[at + 1] ?? 0) & mask;
      while (table[slot] !== 0) slot = (slot + 2) & mask;
      table[slot] = old[at] ?? 0;
      table[slot + 1] = old[at + 1] ?? 0;
    }
    this.#table = table;
  }
}

function slotOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 7;
}
