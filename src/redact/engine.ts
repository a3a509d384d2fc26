import { inflateRawSync } from 'node:zlib';
import { engineCode } from './engine-code.ts';

/** As much of it as is needed: neither the language's own types nor Node's have it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

interface Global {
  readonly value: number;
}

/** What the WebAssembly of the folder `wasm` exports. Offsets and counts are unsigned 32-bit numbers. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly windowSize: Global;
  readonly window: Global;
  readonly found: Global;
  readonly region: Global;
  readonly characters: Global;
  allocate(bytes: number): number;
  compile(words: number, size: number, programs: number): number;
  findWords(size: number): number;
  isProgramLikely(program: number, from: number, to: number): number;
  nextLink(link: number): number;
  wordAt(link: number): number;
  findBase64(size: number): number;
  takeImages(): number;
  filterOf(bits: number): number;
  isRegionText(): number;
  search(size: number, first: number, second: number): number;
  reserve(size: number): void;
  readRegion(size: number, lineEnd: number): number;
  regionEnd(): number;
  startOf(index: number): number;
  endOf(index: number, lineEnd: number): number;
  depthOf(index: number, lineEnd: number): number;
  findInside(): number;
}

/** The two bits of `hash` in a filter of `1 << bits` bits. */
export function slotsOf(hash: number, bits: number): readonly [number, number] {
  return [hash >>> (32 - bits), Math.imul(hash, 0x9e3779b1) >>> (32 - bits)];
}

/** A word that the engine looks for, and the program of its looks. */
export interface EngineWord {
  /** Latin1 without capitals; ASCII letters match in either case. */
  readonly text: string;
  readonly program: readonly number[];
}

/** Bytes before and behind a window: no word is longer. */
const margin = 4096;
export const longestWord = margin;
/** Bytes before and behind a region that escapes and looks may reach. */
const regionBefore = 64;
const regionBehind = 512;

let code: object | undefined;

/**
 * The parts of the redactor that read every byte, in WebAssembly: as fast in its first milliseconds as later, where
 * JavaScript is interpreted until the compiler has come round to it.
 */
export class Engine {
  readonly windowSize: number;
  readonly #exports: Exports;
  #bytes: Buffer;
  #numbers: Uint32Array;

  constructor(words: readonly EngineWord[] = []) {
    code ??= new WebAssembly.Module(inflateRawSync(Buffer.from(engineCode, 'base64')));
    this.#exports = new WebAssembly.Instance(code).exports as Exports;
    this.windowSize = this.#exports.windowSize.value;
    this.#bytes = Buffer.from(this.#exports.memory.buffer);
    this.#numbers = new Uint32Array(this.#exports.memory.buffer);
    if (words.length > 0) this.#compile(words);
  }

  #compile(words: readonly EngineWord[]): void {
    const lengthOf = ({ length }: string) => String.fromCharCode(length & 0xff, length >> 8);
    const texts = Buffer.from(words.map(({ text }) => lengthOf(text) + text).join(''), 'latin1');
    const programs: number[] = [];
    for (const { program } of words) programs.push(...program, 0);
    const addresses = new Uint32Array(words.length + 1);
    const at = this.#exports.allocate(programs.length);
    let next = at;
    words.forEach(({ program }, index) => {
      addresses[index + 1] = next;
      next += program.length + 1;
    });
    const list = this.#exports.allocate(addresses.byteLength);
    const text = this.#exports.allocate(texts.length);
    this.#refresh();
    this.#bytes.set(programs, at);
    this.#bytes.set(texts, text);
    this.#numbers.set(addresses, list >> 2);
    this.#exports.compile(text, texts.length, list);
    this.#refresh();
  }

  /** Views of a memory that has grown are empty. */
  #refresh(): void {
    if (this.#bytes.buffer === this.#exports.memory.buffer) return;
    this.#bytes = Buffer.from(this.#exports.memory.buffer);
    this.#numbers = new Uint32Array(this.#exports.memory.buffer);
  }

  /** Moves the window to `[from, from + size)` of `block`. Returns its size, less at the end of the block. */
  load(block: Uint8Array, from: number): number {
    const size = Math.min(this.windowSize, block.length - from);
    this.#copy(block, from, size, this.#exports.window.value, margin, margin);
    return size;
  }

  /** Copies a part of the block with what stands around it; zeros stand before its beginning and behind its end. */
  #copy(block: Uint8Array, from: number, size: number, to: number, before: number, behind: number): void {
    const start = Math.max(0, from - before);
    const end = Math.min(block.length, from + size + behind);
    if (start > from - before) this.#bytes.fill(0, to - before, to - (from - start));
    this.#bytes.set(block.subarray(start, end), to - (from - start));
    if (end < from + size + behind) this.#bytes.fill(0, to + (end - from), to + size + behind);
  }

  /** Calls `take` for each place in the window where a word ends that may matter, with the link that tells the words. */
  findWords(size: number, take: (end: number, link: number) => void): void {
    this.#each(this.#exports.findWords(size), take);
  }

  /** Keeps a program of looks; gives the number by which it is asked. */
  keep(program: readonly number[]): number {
    const at = this.#exports.allocate(program.length + 1);
    this.#refresh();
    this.#bytes.set([...program, 0], at);
    return at;
  }

  /** Whether a look of a kept program says yes to the word at `[from, to)` of the window. */
  isLikely(kept: number, from: number, to: number): boolean {
    return this.#exports.isProgramLikely(kept, from, to) !== 0;
  }

  /** Indexes of the words that a link tells. */
  wordsOf(first: number): readonly number[] {
    const words: number[] = [];
    for (let link = first; link !== 0; link = this.#exports.nextLink(link)) {
      const word = this.#exports.wordAt(link);
      if (word !== 0) words.push(word - 1);
    }
    return words;
  }

  /** Calls `take` for the runs of base64 in the window: of forty characters and worth a look, or at an edge of the window. */
  findBase64(size: number, take: (from: number, to: number) => void): void {
    this.#each(this.#exports.findBase64(size), take);
  }

  /** Images of which the base64 began in what `findBase64` has read since the last call. */
  takeImages(): number {
    return this.#exports.takeImages();
  }

  /** Whether the base64 at `from` begins with readable text. */
  isText(block: Uint8Array, from: number): boolean {
    this.#exports.reserve(regionBehind);
    this.#refresh();
    this.#copy(block, from, 0, this.#exports.region.value, 0, regionBehind);
    return this.#exports.isRegionText() !== 0;
  }

  /** The filter of `search`: for each hash two bits, as `slotsOf` tells them. */
  know(filter: Uint8Array): void {
    const at = this.#exports.filterOf(Math.log2(8 * filter.length));
    this.#refresh();
    this.#bytes.set(filter, at);
  }

  /** Calls `take` for every fourth offset in the window whose five bytes have a known hash. */
  search(size: number, first: number, second: number, take: (at: number, hash: number) => void): void {
    this.#each(this.#exports.search(size, first, second), take);
  }

  #each(count: number, take: (first: number, second: number) => void): void {
    const at = this.#exports.found.value >> 2;
    for (let i = at; i < at + 2 * count; i += 2) take(this.#numbers[i] as number, this.#numbers[i + 1] as number);
  }

  /** Undoes the escapes of `raw[from, to)` in a line that ends at `lineEnd`. Returns the text; offsets below count from `from`. */
  readRegion(raw: Uint8Array, from: number, to: number, lineEnd: number): string {
    this.#exports.reserve(to - from);
    this.#refresh();
    this.#copy(raw, from, to - from, this.#exports.region.value, regionBefore, regionBehind);
    const length = this.#exports.readRegion(to - from, lineEnd);
    const at = this.#exports.characters.value;
    return this.#bytes.toString('latin1', at, at + length);
  }

  /** Calls `take` for each place in the text of the region where a word ends that may matter, with the word's index. */
  findInside(take: (end: number, word: number) => void): void {
    const count = this.#exports.findInside();
    this.#refresh();
    this.#each(count, (end, word) => take(end, word - 1));
  }

  /** Behind the last byte of the region that was read. */
  regionEnd(): number {
    return this.#exports.regionEnd();
  }

  startOf(index: number): number {
    return this.#exports.startOf(index);
  }

  endOf(index: number, lineEnd: number): number {
    return this.#exports.endOf(index, lineEnd);
  }

  depthOf(index: number, lineEnd: number): number {
    return this.#exports.depthOf(index, lineEnd);
  }
}
