import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { BitWriter } from './bits.ts';
import { ByteWriter } from './bytes.ts';
import type { Run, SearchSession } from './document.ts';
import { type DocumentColumns, encodeColumns } from './documents.ts';
import type { Postings } from './matches.ts';
import { writePostings } from './postings.ts';

const deflate = promisify(deflateRaw);

/** Bytes of a block, at least, unless it is the last: what one look-up reads. */
const blockBytes = 32 << 10;
const level = 6;

/** The format that is written, and the only one that is read. */
export const segmentVersion = 2;

/** What stands in a segment beside its postings. */
export interface SegmentTable {
  readonly sessions: readonly SearchSession[];
  readonly runs: readonly Run[];
  readonly tools: readonly string[];
  readonly columns: DocumentColumns;
  /** Tokens of all documents, and bytes of their text. */
  readonly tokens: number;
  readonly textBytes: number;
}

export interface WrittenSegment {
  readonly pieces: readonly Uint8Array[];
  readonly size: number;
  /** Where the tail begins. */
  readonly tail: number;
}

/** Writes a segment: blocks of terms with their postings, in order, then the tail. docs/format.md is its law. */
export class SegmentWriter {
  readonly #all: number;
  readonly #blocks: { readonly first: string; readonly terms: Promise<Uint8Array>; readonly postings: Uint8Array }[] =
    [];
  readonly #numbers = new ByteWriter();
  readonly #texts = new ByteWriter();
  readonly #postings = new ByteWriter(blockBytes * 2);
  readonly #bits = new BitWriter();
  #count = 0;
  #first = '';
  #before = '';

  /** @param all documents of the segment */
  constructor(all: number) {
    this.#all = all;
  }

  /**
   * Terms come in ascending order of their UTF-16 form, with their documents from `from` to `to` (excluded). What it
   * returns, if anything, has to be waited for.
   */
  add(term: string, postings: Postings, from: number, to: number): Promise<unknown> | undefined {
    if (this.#count++ === 0) [this.#first, this.#before] = [term, ''];
    const bits = this.#bits;
    const repeated = writePostings(bits, postings, from, to, this.#all);
    const encoded = bits.view();
    const shared = sharedLength(this.#before, term);
    const length = this.#texts.text(term.slice(shared));
    this.#numbers.number(shared);
    this.#numbers.number(length);
    this.#numbers.number((to - from) * 2 + (repeated ? 1 : 0));
    this.#numbers.number(encoded.length);
    this.#postings.append(encoded);
    bits.clear();
    this.#before = term;
    return this.#numbers.length + this.#texts.length + this.#postings.length < blockBytes ? undefined : this.#flush();
  }

  async finish(table: SegmentTable): Promise<WrittenSegment> {
    this.#flush();
    const blocks = await Promise.all(
      this.#blocks.map(async ({ first, terms, postings }) => ({ first, pieces: [await terms, postings] as const })),
    );
    const { columns, ...rest } = table;
    const head = {
      cairn: 'segment',
      v: segmentVersion,
      documents: this.#all,
      ...rest,
      blocks: blocks.map(({ first, pieces: [terms, postings] }) => [first, terms.length, postings.length]),
    };
    const tail = await deflate(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), encodeColumns(columns)]), {
      level,
    });
    const pieces = blocks.flatMap((block) => block.pieces);
    const start = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return { pieces: [...pieces, tail], size: start + tail.length, tail: start };
  }

  #flush(): Promise<unknown> | undefined {
    if (this.#count === 0) return undefined;
    const count = new ByteWriter(5);
    count.number(this.#count);
    const terms = deflate(Buffer.concat([count.view(), this.#numbers.view(), this.#texts.view()]), { level });
    this.#blocks.push({ first: this.#first, terms, postings: this.#postings.view().slice() });
    for (const part of [this.#numbers, this.#texts, this.#postings]) part.clear();
    this.#count = 0;
    // Without a pause for it all blocks would wait for their compression.
    return this.#blocks.at(-32)?.terms;
  }
}

/** Characters that two terms begin with in common; a pair of surrogates is not parted. */
function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length > 0 && a.charCodeAt(length - 1) >>> 10 === 0x36 ? length - 1 : length;
}
