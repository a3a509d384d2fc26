import { inflateRawSync } from 'node:zlib';
import { ByteReader } from './bytes.ts';
import { type DocumentColumns, decodeColumns } from './documents.ts';
import type { Postings } from './matches.ts';
import { readPostings } from './postings.ts';
import { corrupt, parseHead, type SegmentHead } from './segment-head.ts';

/** Uncompressed, more than any block or tail holds: what is larger was not written by Cairn. */
const largestBlock = 1 << 30;
/** Blocks that are read one after the other are fetched together, up to so many bytes. */
const readTogether = 1 << 18;

/** Reads bytes `start` to `end` (excluded) of a segment. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/** A term of a segment; its documents are decoded when they are asked for. */
export interface SegmentTerm {
  readonly term: string;
  readonly postings: () => Postings;
}

/** A segment that is read: its tail is held, blocks are fetched when a term is asked for. */
export class Segment {
  readonly id: string;
  readonly head: SegmentHead;
  readonly columns: DocumentColumns;
  readonly #read: ReadRange;
  readonly #starts: readonly number[];

  /** @param tail where the tail begins; `undefined` for a segment of an older format. @throws CairnError `corrupt`, `newer-format` */
  static async open(id: string, size: number, tail: number, read: ReadRange): Promise<Segment | undefined> {
    if (tail >= size) throw corrupt(id, 'it has no tail');
    const bytes = inflate(await read(tail, size), id);
    const end = bytes.indexOf(10);
    const head = parseHead(bytes.subarray(0, end), id, tail);
    if (!head) return undefined;
    const columns = bytes.subarray(end + 1);
    // Six columns, a byte in each at least: memory is taken for what is there.
    if (head.documents * 6 > columns.length) throw corrupt(id, 'its columns end too early');
    return new Segment(id, head, decodeColumns(columns, head.documents), read);
  }

  private constructor(id: string, head: SegmentHead, columns: DocumentColumns, read: ReadRange) {
    this.id = id;
    this.head = head;
    this.columns = columns;
    this.#read = read;
    let start = 0;
    this.#starts = [0, ...head.blocks.map(([, terms, postings]) => (start += terms + postings))];
  }

  /** Documents of a term; `undefined` where there are none. */
  async postings(term: string): Promise<Postings | undefined> {
    const at = this.#blockOf(term);
    if (at < 0) return undefined;
    for await (const entry of this.#terms(at, at)) {
      if (entry.term === term) return entry.postings();
      if (entry.term > term) return undefined;
    }
    return undefined;
  }

  /** Terms that begin so, in order. */
  async *beginning(prefix: string): AsyncGenerator<SegmentTerm> {
    const { blocks } = this.head;
    const from = Math.max(0, this.#blockOf(prefix));
    let to = from;
    while (to + 1 < blocks.length && (blocks[to + 1]?.[0] ?? '').startsWith(prefix)) to++;
    for await (const entry of this.#terms(from, to)) if (entry.term.startsWith(prefix)) yield entry;
  }

  /** All terms, in order, block by block. */
  async *blocks(): AsyncGenerator<Iterable<SegmentTerm>> {
    const { blocks } = this.head;
    for (let from = 0; from < blocks.length; ) {
      let to = from;
      while (to + 1 < blocks.length && (this.#starts[to + 2] ?? 0) - (this.#starts[from] ?? 0) <= readTogether) to++;
      yield* await this.#blocks(from, to);
      from = to + 1;
    }
  }

  /** The last block whose first term is not above `term`. */
  #blockOf(term: string): number {
    const { blocks } = this.head;
    let [low, high] = [0, blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.[0] ?? '') <= term) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  async *#terms(from: number, to: number): AsyncGenerator<SegmentTerm> {
    for (const block of await this.#blocks(from, to)) yield* block;
  }

  /** Blocks that lie one after the other: one read. */
  async #blocks(from: number, to: number): Promise<Iterable<SegmentTerm>[]> {
    const [first, behind] = [this.#starts[from] ?? 0, this.#starts[to + 1] ?? 0];
    if (behind <= first) return [];
    const bytes = await this.#read(first, behind);
    return this.head.blocks.slice(from, to + 1).map(([, terms], i) => {
      const start = (this.#starts[from + i] ?? 0) - first;
      const end = (this.#starts[from + i + 1] ?? 0) - first;
      return this.#termsOf(inflate(bytes.subarray(start, start + terms), this.id), bytes.subarray(start + terms, end));
    });
  }

  *#termsOf(block: Uint8Array, postings: Uint8Array): Generator<SegmentTerm> {
    const numbers = new ByteReader(block);
    const count = numbers.number();
    if (count * 4 > block.length) throw corrupt(this.id, 'a block of it is too short');
    const table = Uint32Array.from({ length: count * 4 }, () => numbers.number());
    const decoder = new TextDecoder();
    let term = '';
    let at = 0;
    for (let i = 0; i < table.length; i += 4) {
      const [shared = 0, rest = 0, documents = 0, length = 0] = table.subarray(i, i + 4);
      term = term.slice(0, shared) + decoder.decode(numbers.take(rest));
      const bytes = postings.subarray(at, at + length);
      at += length;
      yield { term, postings: () => this.#decode(bytes, documents) };
    }
  }

  #decode(bytes: Uint8Array, code: number): Postings {
    const postings = readPostings(bytes, code >>> 1, (code & 1) === 1, this.head.documents);
    if (!postings) throw corrupt(this.id, 'a list of it does not end');
    return postings;
  }
}

function inflate(bytes: Uint8Array, id: string): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: largestBlock });
  } catch (cause) {
    throw corrupt(id, 'a block of it does not decompress', cause);
  }
}
