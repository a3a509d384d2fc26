import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { CairnError } from '../errors.ts';
import { openFile, readFully } from './byte-source.ts';
import type { SideFileRecord, SideFileVersion, VersionsCursor } from './cursor.ts';
import { linesOfPieces, parseRecord } from './jsonl.ts';
import { sameStamp, stampOf } from './stamp.ts';
import type { AdoptOptions, Chunk, FileRef, FileStamp, PartRange, ReadOptions, SourceKey, StreamRef } from './types.ts';

/** A larger file, or one that is no UTF-8 text, is a blob of its session. */
const inlineBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;

/**
 * The `read` of a `versions` stream: one record for every side file that is new, changed or gone, in
 * order of their names. Stamps decide what is looked at, marks decide what changed. A file that
 * changes while it is read is left to the next run; one that cannot be read stops nothing, its error
 * is thrown when the others are shipped.
 */
export async function* readVersions(
  stream: StreamRef,
  cursor: VersionsCursor | undefined,
  options: ReadOptions,
): AsyncGenerator<Chunk> {
  const batch = new Batch(cursor, options.key);
  let failure: unknown;
  const present = new Map(stream.files.map((file) => [file.name ?? file.path, file]));
  for (const name of [...new Set([...present.keys(), ...batch.files.keys()])].sort(byBytes)) {
    if (options.signal?.aborted) return;
    const file = present.get(name);
    try {
      if (file === undefined) batch.remove(name);
      else await batch.look(name, file, options);
    } catch (error) {
      // Gone since it was listed: the next listing says so.
      if (!(error instanceof CairnError && error.code === 'not-found')) failure ??= error;
    }
    if (batch.bytes >= options.chunkBytes) yield batch.take(false);
  }
  if (failure !== undefined && batch.bytes > 0) yield batch.take(false);
  if (failure !== undefined) throw failure;
  yield batch.take(true);
}

/** The `adopt` of a `versions` stream: the part's records, folded. They carry marks but no stamps. */
export async function adoptVersions(part: PartRange, options: AdoptOptions): Promise<VersionsCursor | undefined> {
  if (part.from.kind !== 'versions' || part.to.kind !== 'versions') return undefined;
  const previous = options.previous?.kind === 'versions' ? options.previous : undefined;
  if ((previous?.count ?? 0) !== part.from.count) return undefined;
  const files = new Map(Object.entries(previous?.files ?? {}));
  for await (const line of linesOfPieces(options.records())) {
    const record = sideFileRecord(parseRecord(line));
    if (record) files.set(record.path, 'deleted' in record ? { deleted: true } : { mark: record.mark });
  }
  return { kind: 'versions', count: part.to.count, files: Object.fromEntries(files) };
}

/** The record of a `files` stream that `value` is, or nothing. */
export function sideFileRecord(value: unknown): SideFileRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Partial<Record<'path' | 'mark' | 'deleted', unknown>>;
  if (typeof record.path !== 'string') return undefined;
  return record.deleted === true || typeof record.mark === 'string' ? (value as SideFileRecord) : undefined;
}

/** A side file as it stands, taken for shipped: what a cursor says of it. */
export async function shippedVersion(path: string, key: SourceKey): Promise<SideFileVersion> {
  const handle = await openFile(path);
  try {
    const stamp = stampOf(await handle.stat({ bigint: true }));
    return { mark: (await contentOf(handle, stamp.size, key)).mark, stamp };
  } finally {
    await handle.close();
  }
}

/** The records found so far, and the cursor behind them. */
class Batch {
  readonly files: Map<string, SideFileVersion>;
  bytes = 0;
  readonly #key: SourceKey;
  #count: number;
  #lines: Buffer[] = [];

  constructor(cursor: VersionsCursor | undefined, key: SourceKey) {
    this.files = new Map(Object.entries(cursor?.files ?? {}));
    this.#count = cursor?.count ?? 0;
    this.#key = key;
  }

  remove(name: string): void {
    const version = this.files.get(name);
    if (version === undefined || 'deleted' in version) return;
    this.#add({ path: name, deleted: true }, { deleted: true });
  }

  async look(name: string, file: FileRef, options: ReadOptions): Promise<void> {
    const known = this.files.get(name);
    const shipped = known && 'mark' in known ? known : undefined;
    if (shipped?.stamp && sameStamp(shipped.stamp, file.stamp)) return;
    const found = await version(name, file, shipped?.mark, options);
    if (found === undefined) return;
    const next = { mark: found.mark, stamp: found.stamp };
    if (found.record) this.#add(found.record, next);
    else this.files.set(name, next);
  }

  take(last: boolean): Chunk {
    const bytes = Buffer.concat(this.#lines);
    const records = this.#lines.length;
    const from = { kind: 'versions', count: this.#count } as const;
    this.#count += records;
    this.#lines = [];
    this.bytes = 0;
    const hmac = this.#key.hmac();
    hmac.update(bytes);
    const to = { kind: 'versions', count: this.#count, files: Object.fromEntries(this.files) } as const;
    return { bytes, records, source: hmac.digest(), from, to, pending: 0, last };
  }

  #add(record: SideFileRecord, next: SideFileVersion): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    this.#lines.push(line);
    this.bytes += line.length;
    this.files.set(record.path, next);
  }
}

interface Found {
  readonly mark: string;
  readonly stamp: FileStamp;
  /** Absent when the content is the one that was shipped. */
  readonly record?: SideFileRecord;
}

/** What the file holds now; nothing when it changed meanwhile. */
async function version(
  path: string,
  file: FileRef,
  shipped: string | undefined,
  options: ReadOptions,
): Promise<Found | undefined> {
  const handle = await openFile(file.path);
  try {
    const stat = await handle.stat({ bigint: true });
    const stamp = stampOf(stat);
    const content = await contentOf(handle, stamp.size, options.key);
    const { mark } = content;
    const same = mark === shipped;
    const body = same ? undefined : content.text === undefined ? await options.blob(file) : { text: content.text };
    if (!sameStamp(stamp, stampOf(await handle.stat({ bigint: true })))) return undefined;
    if (body === undefined) return { mark, stamp };
    const mtime = new Date(Number(stat.mtimeMs)).toISOString();
    return { mark, stamp, record: { path, size: stamp.size, mode: Number(stat.mode & 0o7777n), mtime, mark, ...body } };
  } finally {
    await handle.close();
  }
}

async function contentOf(handle: FileHandle, size: number, key: SourceKey) {
  const buffer = Buffer.allocUnsafeSlow(Math.min(size + 1, pieceBytes));
  const hmac = key.hmac();
  let piece: Buffer;
  let length = 0;
  do {
    piece = await readFully(handle, buffer, length);
    hmac.update(piece);
    length += piece.length;
  } while (piece.length === buffer.length);
  const inline = length <= inlineBytes && length === piece.length && isUtf8(piece);
  return { mark: hmac.digest().slice(0, 16), text: inline ? piece.toString('utf8') : undefined };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
