import { CairnError } from '../errors.ts';
import type { Cursor } from '../harness/cursor.ts';
import { positionOf } from '../harness/position.ts';
import type { Harness, ReadOptions, SourceKey, StreamRef } from '../harness/types.ts';
import type { Runtime } from '../runtime.ts';
import { createOnce } from '../store/create-once.ts';
import { partKey, type StreamAddress } from '../store/keys.ts';
import { sealBytes } from '../store/seal.ts';
import type { BucketStore } from '../store/types.ts';
import {
  addImages,
  type Closed,
  chainHash,
  compressHeader,
  compressRecords,
  contentHash,
  HEADER_RANGE,
  type Opened,
  type PartHeader,
  readHeader,
  sealHeader,
  type Totals,
} from './part.ts';
import type { PreparedPart } from './prepare.ts';
import type { PreparedLines, Preparer } from './preparer.ts';
import type { StreamRecord } from './stream-record.ts';
import { addTallies, type Tally } from './tally.ts';

/** Everything the functions of this folder need to move one stream; `record` is what they change. */
export interface Stream {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly harness: Harness;
  readonly ref: StreamRef;
  readonly address: StreamAddress;
  readonly key: SourceKey;
  /** Names the rule set in every header. */
  readonly redactor: string;
  /** Of the session: its streams share what was found. */
  readonly preparer: Preparer;
  readonly writer: PartHeader['writer'];
  /** What the records do not say of the session; goes into part 0 of an epoch. */
  readonly context: PartHeader['context'];
  /** gzip level, 0 to 9. */
  readonly compress: number;
  readonly chunkBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly blob: ReadOptions['blob'];
  /** What was redacted in blobs, and which were images, since the last call: it is counted in the part that names them. */
  takeBlobFindings(): { readonly found: Tally; readonly images: number };
  record: StreamRecord;
  /** Makes `record` durable. */
  save(): Promise<void>;
  report(event: StreamEvent): void;
}

export type StreamEvent =
  | {
      readonly event: 'part';
      readonly epoch: number;
      readonly seq: number;
      readonly records: number;
      readonly bytes: number;
      readonly stored: number;
      readonly redactions: Readonly<Record<string, number>>;
    }
  | { readonly event: 'reset'; readonly reason: string; readonly epoch: number }
  | { readonly event: 'adopted'; readonly epoch: number; readonly seq: number };

/** How a stream without a source is read, by its name: side files come in versions, transcripts grow. */
export function streamKind(name: string): Cursor['kind'] {
  return name === 'files' || name === 'file-history' ? 'versions' : 'bytes';
}

/** What a part says of itself besides its records. */
export interface PartMarks {
  readonly opened?: Opened | undefined;
  readonly closed?: Closed | undefined;
  readonly event?: 'ended' | 'gone' | undefined;
  readonly seen?: PartHeader['seen'] | undefined;
}

/** The slot that a part without or with records would take: its place in the chain is given by the caller. */
export function makeHeader(
  stream: Stream,
  place: { epoch: number; seq: number; chain: string; totals: Totals },
  part: Pick<PreparedPart, 'from' | 'to' | 'records' | 'bytes' | 'source' | 'content' | 'sealed' | 'found' | 'images'>,
  marks: PartMarks,
): PartHeader {
  const { harness, session, stream: name } = stream.address;
  return {
    cairn: 'part',
    v: 1,
    w: stream.runtime.id(),
    harness,
    session,
    stream: name,
    epoch: place.epoch,
    seq: place.seq,
    from: part.from,
    to: positionOf(part.to, stream.ref.kind),
    records: part.records,
    bytes: part.bytes,
    source: part.source,
    content: part.content,
    ...(part.sealed && { sealed: part.sealed }),
    prev: place.chain,
    chain: chainHash(place.chain, part.content),
    redactions: { ...part.found },
    ...(part.images > 0 && { images: part.images }),
    redactor: stream.redactor,
    totals: {
      records: place.totals.records + part.records,
      bytes: place.totals.bytes + part.bytes,
      redactions: addTallies(place.totals.redactions, part.found),
      ...addImages(place.totals, part),
    },
    ...(marks.opened && { opened: marks.opened }),
    ...(marks.closed && { closed: marks.closed }),
    ...(marks.event && { event: marks.event }),
    ...(marks.seen && { seen: marks.seen }),
    ...(place.seq === 0 && stream.context && { context: stream.context }),
    writer: stream.writer,
    at: new Date(stream.runtime.now()).toISOString(),
  };
}

/** A part without records at the position of `cursor`: closings, events, the opening of an empty source. */
export async function emptyPart(stream: Stream, cursor: Cursor | undefined): Promise<PreparedPart> {
  const lines = new Uint8Array();
  const body = await compressRecords(lines, stream.compress);
  return sealLines(stream, {
    from: positionOf(cursor, stream.ref.kind),
    to: cursor,
    records: 0,
    bytes: 0,
    source: stream.key.hmac().digest(),
    content: contentHash(lines),
    found: {},
    images: 0,
    body,
    summary: stream.record.summary,
  });
}

/** In an encrypted project: the records' half encrypted, and named by the hash of that. */
export async function sealLines<T extends PreparedLines>(stream: Stream, lines: T): Promise<T> {
  const seal = await stream.store.sealing?.();
  if (!seal) return lines;
  const body = await sealBytes(seal, lines.body);
  return { ...lines, body, content: contentHash(body), sealed: 'age' };
}

export type Placed =
  | { readonly outcome: 'won'; readonly date: number | undefined }
  | { readonly outcome: 'lost'; readonly header: PartHeader };

/** Creates the part's object once; a wish to stop does not cut it short. @throws CairnError `unknown` when the store does not say what became of it */
export async function createPart(stream: Stream, header: PartHeader, body: Uint8Array): Promise<Placed> {
  const key = partKey({ ...stream.address, epoch: header.epoch, seq: header.seq });
  const seal = header.sealed && (await stream.store.sealing?.());
  const head = await (seal ? sealHeader(header, seal) : compressHeader(header));
  const payload =
    body.length < 16 << 20
      ? Buffer.concat([head, body])
      : {
          size: head.length + body.length,
          async *open() {
            yield head;
            yield body;
          },
        };
  const result = await createOnce(stream.store, key, payload, header.w, {
    runtime: stream.runtime,
    range: HEADER_RANGE,
    read: (object) => readHeader(object, key),
  });
  if (result.outcome === 'won') return result;
  if (result.outcome === 'lost') return { outcome: 'lost', header: result.other };
  throw new CairnError('unknown', `expected an answer for ${key}, but the store gave none that settles it`, {
    cause: result.cause,
    hint: 'run the same command again: what was stored is found and not uploaded twice',
  });
}
