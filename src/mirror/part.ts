import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip as gzipCallback, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { type Seal, sealBytes } from '../store/seal.ts';
import type { StoredObject } from '../store/types.ts';
import { lineageSchema } from './meta.ts';

const gzip = promisify(gzipCallback);

/** The first bytes of a part that surely hold its header: see `docs/format.md`. */
export const HEADER_RANGE = { start: 0, end: 16_383 } as const;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.maxLength(64));
const tally = v.record(v.string(), count);
const position = v.variant('kind', [
  v.object({ kind: v.literal('bytes'), offset: count }),
  v.object({ kind: v.literal('versions'), count }),
  v.object({
    kind: v.literal('rows'),
    generation: v.pipe(v.string(), v.maxLength(256)),
    seq: v.pipe(v.number(), v.safeInteger()),
  }),
  v.object({ kind: v.literal('changes'), count }),
]);
const place = v.object({ epoch: count, seq: count });

/**
 * The header line of a part: what it holds, where it belongs, who wrote it. Unknown fields are kept.
 * The law of its fields is `docs/format.md`.
 */
const headerSchema = v.looseObject({
  cairn: v.literal('part'),
  v: v.literal(1),
  w: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  harness: v.string(),
  session: v.string(),
  stream: v.string(),
  epoch: count,
  seq: count,
  from: position,
  to: position,
  records: count,
  bytes: count,
  source: hex,
  content: hex,
  /** The records are encrypted: `content` is the hash of what is stored below the header. */
  sealed: v.exactOptional(v.literal('age')),
  prev: hex,
  chain: hex,
  redactions: tally,
  /** Images in base64 and in side files. */
  images: v.exactOptional(count),
  redactor: v.string(),
  totals: v.object({ records: count, bytes: count, redactions: tally, images: v.exactOptional(count) }),
  opened: v.exactOptional(
    v.object({ reason: v.string(), departs: v.nullable(v.object({ ...place.entries, chain: hex })) }),
  ),
  closed: v.exactOptional(v.object({ reason: v.string(), restart: v.boolean(), next: place })),
  event: v.exactOptional(v.picklist(['ended', 'gone'])),
  /** Of a `gone` part: the source as its writer saw it last, when nothing of it was left to ship. */
  seen: v.exactOptional(v.object({ size: v.exactOptional(count), mtime: v.string() })),
  /** Of a part that was written anew: where its content stood before. */
  replaces: v.exactOptional(place),
  /** Of the parts with which an epoch begins that is an older one cut short: the last part of that one which they stand for. */
  cuts: v.exactOptional(place),
  /** On part 0 of an epoch: what the records do not say of the session. */
  context: v.exactOptional(
    v.object({
      user: v.exactOptional(v.string()),
      repository: v.exactOptional(v.string()),
      title: v.exactOptional(v.string()),
      agentVersion: v.exactOptional(v.string()),
      schema: v.exactOptional(v.string()),
      sdkProject: v.exactOptional(v.string()),
      lineage: v.exactOptional(v.array(lineageSchema)),
    }),
  ),
  writer: v.looseObject({
    mirror: v.string(),
    host: v.string(),
    agent: v.exactOptional(v.string()),
    version: v.string(),
  }),
  at: v.string(),
});

export type PartHeader = Readonly<v.InferOutput<typeof headerSchema>>;
export type Totals = PartHeader['totals'];
export type Opened = NonNullable<PartHeader['opened']>;
export type Closed = NonNullable<PartHeader['closed']>;

/** Why an epoch was closed whose session was deleted: nothing follows, whatever `next` says. */
export const deletedReason = 'deleted';

/** Whether a part covers nothing of its source: an end, an event. One whose records were cut covers something. */
export function coversNothing({ records, from, to }: Pick<PartHeader, 'records' | 'from' | 'to'>): boolean {
  return records === 0 && JSON.stringify(from) === JSON.stringify(to);
}

export const noTotals: Totals = { records: 0, bytes: 0, redactions: {} };

/** The field of what has images. */
export function addImages(...of: readonly { readonly images?: number }[]): { readonly images?: number } {
  const images = of.reduce((sum, { images = 0 }) => sum + images, 0);
  return images > 0 ? { images } : {};
}

/** Hash of the lines of a part, as they stand in the bucket. */
export function contentHash(lines: Uint8Array): string {
  return createHash('sha256').update(lines).digest('hex');
}

/** Ties a part to all before it. `prev` is empty for the first part of an epoch that departs from nothing. */
export function chainHash(prev: string, content: string): string {
  return createHash('sha256').update(`${prev}\n${content}`).digest('hex');
}

/** So little is compressed sooner than another thread is asked to. */
const SMALL = 64 << 10;

/** The records' half of a part: one gzip member. */
export async function compressRecords(lines: Uint8Array, level: number): Promise<Uint8Array> {
  // Mostly one piece holds it all: every further piece costs a callback and a copy of all of them.
  const options = { level, memLevel: 9, chunkSize: Math.min(Math.max(lines.length >> 2, 1 << 14), 4 << 20) };
  return lines.length <= SMALL ? gzipSync(lines, options) : gzip(lines, options);
}

/** The header's half: a gzip member that stands before the records and is written after them. */
export function compressHeader(header: PartHeader): Uint8Array {
  return checkedHead(gzipSync(`${JSON.stringify(header)}\n`, { level: 6 }));
}

/** The same before sealed records: the plain line. What it says of the session in words is sealed by itself. */
export async function sealHeader({ context, ...header }: PartHeader, seal: Seal): Promise<Uint8Array> {
  const sealed = context && Buffer.from(await sealBytes(seal, Buffer.from(JSON.stringify(context)))).toString('base64');
  return checkedHead(Buffer.from(`${JSON.stringify({ ...header, ...(sealed && { context: { sealed } }) })}\n`));
}

function checkedHead(bytes: Uint8Array): Uint8Array {
  if (bytes.length > HEADER_RANGE.end) throw new Error(`part header of ${bytes.length} bytes`);
  return bytes;
}

/** Parses a header line. @throws CairnError `newer-format`, `corrupt` */
export function parseHeader(line: string, key: string): PartHeader {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw corrupt(key, 'its first line is no JSON', cause);
  }
  const version = (value as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && version > 1) {
    throw new CairnError('newer-format', `${key} has format version ${version}, this program reads 1`, {
      hint: 'update cairn on this host',
    });
  }
  const parsed = v.safeParse(headerSchema, value);
  if (!parsed.success)
    throw corrupt(key, `its header is not one: ${v.flatten(parsed.issues).root ?? parsed.issues[0].message}`);
  return parsed.output;
}

/** Header of a part from its first bytes (`HEADER_RANGE` suffices). */
export async function readHeader(object: Pick<StoredObject, 'body' | 'close'>, key: string): Promise<PartHeader> {
  for await (const piece of openPart(object.body, key)) {
    object.close();
    if (piece.header) return piece.header;
  }
  throw corrupt(key, 'it is empty');
}

/** A part as it is read: first its header, then pieces of its lines (not split at lines). */
export type PartPiece =
  | { readonly header: PartHeader; readonly lines?: never }
  | { readonly lines: Uint8Array; readonly header?: never };

/** Decompresses a part with back-pressure; `body` may be cut after the header when only that is wanted. */
export async function* openPart(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<PartPiece> {
  let head: Uint8Array[] | undefined = [];
  let held = 0;
  for await (const piece of gunzip(body, key)) {
    if (!head) {
      yield { lines: piece };
      continue;
    }
    const end = piece.indexOf(10);
    head.push(end < 0 ? piece : piece.subarray(0, end));
    held += piece.length;
    if (end < 0) {
      if (held > 1 << 20) throw corrupt(key, 'its first line is longer than a header can be');
      continue;
    }
    yield { header: parseHeader(Buffer.concat(head).toString('utf8'), key) };
    head = undefined;
    if (end + 1 < piece.length) yield { lines: piece.subarray(end + 1) };
  }
  if (head) throw corrupt(key, 'it ends before its header does');
}

/** @throws CairnError `corrupt`, and of the body */
export async function* gunzip(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false });
  const inflate = createGunzip();
  // The reader sees what goes wrong with either; a reader that stops early ends both.
  pipeline(source, inflate, () => {});
  try {
    for await (const piece of inflate) yield piece;
  } catch (cause) {
    const first = source.errored ?? cause;
    if (first instanceof CairnError) throw first;
    throw corrupt(key, 'it is no gzip, or cut short', first);
  }
}

function corrupt(key: string, what: string, cause?: unknown): CairnError {
  return new CairnError('corrupt', `expected a part at ${key}, but ${what}`, {
    cause,
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}
