import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { ByteWriter } from './bytes.ts';
import type { Run, SearchSession } from './document.ts';
import { type DocumentColumns, encodeColumns } from './documents.ts';
import type { Postings } from './postings.ts';

const deflate = promisify(deflateRaw);

/** Uncompressed bytes of a block, at least, unless it is the last: what one look-up reads. */
const blockBytes = 32 << 10;
const level = 6;

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

/** Writes a segment: blocks of postings in the order of their terms, then the tail. docs/format.md is its law. */
export class SegmentWriter {
  readonly #blocks: [first: string, deflated: Promise<Uint8Array>][] = [];
  readonly #block = new ByteWriter(blockBytes * 2);
  readonly #utf8 = new TextEncoder();
  #first = '';
  #before = '';

  /** Terms come in ascending order of their UTF-16 form. */
  async add(term: string, postings: Postings): Promise<void> {
    const block = this.#block;
    if (block.length === 0) {
      this.#first = term;
      this.#before = '';
    }
    const shared = sharedLength(this.#before, term);
    const rest = this.#utf8.encode(term.slice(shared));
    for (const n of [shared, rest.length]) block.number(n);
    block.append(rest);
    for (const n of [postings.count, postings.documents.length, postings.places.length]) block.number(n);
    block.append(postings.documents);
    block.append(postings.places);
    this.#before = term;
    if (block.length >= blockBytes) await this.#flush();
  }

  async finish(table: SegmentTable): Promise<WrittenSegment> {
    await this.#flush();
    const pieces = await Promise.all(this.#blocks.map(([, deflated]) => deflated));
    const { columns, ...rest } = table;
    const head = {
      cairn: 'segment',
      v: 1,
      documents: columns.kind.length,
      ...rest,
      blocks: this.#blocks.map(([first], i) => [first, pieces[i]?.length ?? 0]),
    };
    const tail = await deflate(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), encodeColumns(columns)]), {
      level,
    });
    const start = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return { pieces: [...pieces, tail], size: start + tail.length, tail: start };
  }

  async #flush(): Promise<void> {
    if (this.#block.length === 0) return;
    // A copy: it is compressed while the next block is filled.
    this.#blocks.push([this.#first, deflate(this.#block.view().slice(), { level })]);
    this.#block.clear();
    // Compression is the slower half: without a pause for it all blocks would wait uncompressed.
    const waiting = this.#blocks.at(-32);
    if (waiting) await waiting[1];
  }
}

/** Characters that two terms begin with in common; a pair of surrogates is not parted. */
function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length > 0 && a.charCodeAt(length - 1) >>> 10 === 0x36 ? length - 1 : length;
}
