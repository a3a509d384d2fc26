import { inflateRawSync } from 'node:zlib';
import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { ByteReader } from './bytes.ts';
import { type DocumentColumns, decodeColumns } from './documents.ts';
import type { Postings } from './postings.ts';

/** Uncompressed, more than any block or tail holds: what is larger was not written by Cairn. */
const largestBlock = 1 << 30;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();

const headSchema = v.looseObject({
  cairn: v.literal('segment'),
  v: v.literal(1),
  documents: count,
  tokens: count,
  textBytes: count,
  tools: v.array(text),
  sessions: v.array(
    v.object({
      harness: text,
      session: text,
      updatedAt: text,
      host: text,
      title: v.exactOptional(text),
      repository: v.exactOptional(text),
      cwd: v.exactOptional(text),
    }),
  ),
  runs: v.array(
    v.object({
      session: count,
      stream: text,
      head: count,
      epoch: count,
      first: count,
      count,
      from: count,
      events: count,
      parts: v.array(count),
    }),
  ),
  blocks: v.array(v.tuple([text, count])),
});

type SegmentHead = v.InferOutput<typeof headSchema>;

/** Reads bytes `start` to `end` (excluded) of a segment. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/** A segment that is read: its tail is held, blocks are fetched when a term is asked for. */
export class Segment {
  readonly id: string;
  readonly head: SegmentHead;
  readonly columns: DocumentColumns;
  readonly #read: ReadRange;
  readonly #starts: readonly number[];

  /** @param tail where the tail begins. @throws CairnError `corrupt`, `newer-format` */
  static async open(id: string, size: number, tail: number, read: ReadRange): Promise<Segment> {
    const bytes = inflate(await read(tail, size), id);
    const end = bytes.indexOf(10);
    const head = parseHead(bytes.subarray(0, end), id);
    return new Segment(id, head, decodeColumns(bytes.subarray(end + 1), head.documents), read);
  }

  private constructor(id: string, head: SegmentHead, columns: DocumentColumns, read: ReadRange) {
    this.id = id;
    this.head = head;
    this.columns = columns;
    this.#read = read;
    let start = 0;
    this.#starts = [0, ...head.blocks.map(([, length]) => (start += length))];
  }

  /** Postings of a term; `undefined` where no document has it. */
  async postings(term: string): Promise<Postings | undefined> {
    const at = this.#blockOf(term);
    if (at < 0) return undefined;
    for (const entry of entriesOf(await this.#block(at))) {
      if (entry.term === term) return entry;
      if (entry.term > term) return undefined;
    }
    return undefined;
  }

  /** Terms that begin so, with their postings, in order. */
  async *beginning(prefix: string): AsyncGenerator<Postings & { readonly term: string }> {
    const { blocks } = this.head;
    if (blocks.length === 0) return;
    const from = Math.max(0, this.#blockOf(prefix));
    let to = from;
    while (to + 1 < blocks.length && (blocks[to + 1]?.[0] ?? '').startsWith(prefix)) to++;
    for (const bytes of await this.#blocks(from, to)) {
      for (const entry of entriesOf(bytes)) if (entry.term.startsWith(prefix)) yield entry;
    }
  }

  /** All terms, in order. */
  async *terms(): AsyncGenerator<Postings & { readonly term: string }> {
    for (const [at] of this.head.blocks.entries()) yield* entriesOf(await this.#block(at));
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

  async #block(at: number): Promise<Uint8Array> {
    const [block] = await this.#blocks(at, at);
    return block ?? new Uint8Array();
  }

  /** Blocks that lie one after the other: one read. */
  async #blocks(from: number, to: number): Promise<Uint8Array[]> {
    const start = this.#starts[from] ?? 0;
    const bytes = await this.#read(start, this.#starts[to + 1] ?? start);
    return Array.from({ length: to - from + 1 }, (_, i) =>
      inflate(
        bytes.subarray((this.#starts[from + i] ?? 0) - start, (this.#starts[from + i + 1] ?? 0) - start),
        this.id,
      ),
    );
  }
}

function* entriesOf(block: Uint8Array): Generator<Postings & { readonly term: string }> {
  const reader = new ByteReader(block);
  const decoder = new TextDecoder();
  let term = '';
  while (!reader.done) {
    term = term.slice(0, reader.number()) + decoder.decode(reader.take(reader.number()));
    const [documents, length, places] = [reader.number(), reader.number(), reader.number()];
    yield { term, count: documents, documents: reader.take(length), places: reader.take(places) };
  }
}

function parseHead(line: Uint8Array, id: string): SegmentHead {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch (cause) {
    throw corrupt(id, 'its tail is no JSON', cause);
  }
  const version = (value as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && version > 1) {
    throw new CairnError('newer-format', `index segment ${id} has format version ${version}, this program reads 1`, {
      hint: 'update cairn on this host',
    });
  }
  const parsed = v.safeParse(headSchema, value);
  if (!parsed.success) throw corrupt(id, parsed.issues[0].message);
  const { documents, runs, sessions } = parsed.output;
  const inside = runs.every((run) => run.session < sessions.length && run.first + run.count <= documents);
  if (!inside || documents > 2 ** 31) throw corrupt(id, 'its runs lie outside of it');
  return parsed.output;
}

function inflate(bytes: Uint8Array, id: string): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: largestBlock });
  } catch (cause) {
    throw corrupt(id, 'a block of it does not decompress', cause);
  }
}

function corrupt(id: string, what: string, cause?: unknown): CairnError {
  return new CairnError('corrupt', `expected an index segment ${id}, but ${what}`, {
    cause,
    hint: 'make the index again: `cairn index --rebuild`',
  });
}
