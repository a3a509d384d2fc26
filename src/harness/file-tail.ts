import { CairnError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { BytesCursor } from './cursor.ts';
import { countLines, newline } from './jsonl.ts';
import { resetChunk } from './position.ts';
import { blockBytes, guards, Prefix } from './prefix.ts';
import { eachPiece, openSource, prefixAt, provePrefix, selectSources, withSources } from './select.ts';
import { sameFile } from './stamp.ts';
import type { AdoptOptions, Chunk, PartRange, ReadOptions, ResetReason, StreamRef } from './types.ts';

const recordLimit = 1024 * 1024 * 1024;
const scanBytes = 1024 * 1024;
/** How often a file may change under a read before the read is left to the next run. */
const attempts = 3;

/** The `read` of a `bytes` stream: whole lines of the selected file, behind the cursor. */
export async function* readBytes(
  stream: StreamRef,
  cursor: BytesCursor | undefined,
  options: ReadOptions,
): AsyncGenerator<Chunk> {
  let known = cursor;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { primary } = await selectSources(stream, known);
    const source = await openSource(pathOf(primary), options.chunkBytes + 2 * blockBytes);
    try {
      if (known && !sameFile(source.stamp, known) && (await provePrefix(source, known))) known = movedTo(source, known);
      for (;;) {
        if (options.signal?.aborted) return;
        const taken = await take(source, known, options);
        if (taken === undefined || !(await stillHolds(source, taken.to))) {
          if (taken || !(await source.unchanged())) break;
          yield resetChunk(known ?? nothing, await reasonOf(source, known), options.key);
          return;
        }
        yield taken;
        if (taken.last) return;
        known = taken.to;
        attempt = 0;
      }
    } finally {
      await source.close();
    }
  }
  throw new CairnError('unavailable', `The file changed at every attempt to read it: ${pathOf(stream)}`, {
    hint: 'nothing is lost; the next run reads it again',
  });
}

/** The `adopt` of a `bytes` stream: its cursor at `part.to`, if the range has the part's keyed hash. */
export async function adoptBytes(
  stream: StreamRef,
  part: PartRange,
  options: AdoptOptions,
): Promise<BytesCursor | undefined> {
  if (part.from.kind !== 'bytes' || part.to.kind !== 'bytes') return undefined;
  const { from, to } = part;
  const previous = options.previous?.kind === 'bytes' ? options.previous : undefined;
  return withSources(stream, async (sources) => {
    for (const source of sources) {
      const prefix = await prefixOf(source, from.offset, previous);
      if (prefix === undefined) continue;
      const hmac = options.key.hmac();
      const complete = await eachPiece(source, from.offset, to.offset, (piece) => {
        hmac.update(piece);
        prefix.push(piece);
      });
      if (complete && hmac.digest() === part.source) return cursorAt(source, prefix);
    }
    return undefined;
  });
}

/** The full check of a `bytes` stream: whether a candidate has, to the byte, what the cursor covers. */
export function proveBytes(stream: StreamRef, cursor: BytesCursor): Promise<boolean> {
  return withSources(stream, async (sources) => {
    for (const source of sources) {
      if (await provePrefix(source, cursor)) return true;
    }
    return false;
  });
}

/**
 * The cursor at `offset` of a file of which everything before is known to be shipped.
 * @throws CairnError `unavailable` when the file is shorter
 */
export async function bytesCursorAt(path: string, offset: number): Promise<BytesCursor> {
  const source = await openSource(path);
  try {
    const prefix = new Prefix();
    if (await eachPiece(source, 0, offset, (piece) => prefix.push(piece))) return cursorAt(source, prefix);
  } finally {
    await source.close();
  }
  throw new CairnError('unavailable', `Expected ${offset} bytes in ${path}, got fewer`, {
    hint: 'another program shortened it; run the same command again',
  });
}

/** One chunk at the cursor; nothing when the source does not continue it. */
async function take(
  source: ByteSource,
  cursor: BytesCursor | undefined,
  options: ReadOptions,
): Promise<(Chunk & { readonly to: BytesCursor }) | undefined> {
  if (cursor && !sameFile(source.stamp, cursor)) return undefined;
  const offset = cursor?.offset ?? 0;
  let window = await readWindow(source, cursor, options.chunkBytes);
  let pending = window?.behind ?? 0;
  const full = window?.fresh.length === options.chunkBytes;
  if (window?.bytes.length === 0 && full) {
    const line = await scanLine(source, offset + options.chunkBytes, offset);
    pending = line.ended ? 0 : line.length;
    if (line.ended) window = await readWindow(source, cursor, line.length);
  }
  if (window === undefined) return undefined;
  const { head, context, bytes } = window;

  const prefix = new Prefix(offset, head, context, cursor?.blocks);
  prefix.push(bytes);
  const hmac = options.key.hmac();
  hmac.update(bytes);
  const last = !full || bytes.length === 0;
  return {
    bytes,
    records: countLines(bytes),
    source: hmac.digest(),
    from: { kind: 'bytes', offset },
    to: cursorAt(source, prefix),
    pending: last ? pending : 0,
    last,
  };
}

/**
 * Up to `length` bytes behind the cursor, and the whole lines in them, when what stands before them is
 * what the guard says. Context and new bytes come from one read, so that the guard speaks for both.
 */
async function readWindow(source: ByteSource, cursor: BytesCursor | undefined, length: number) {
  const offset = cursor?.offset ?? 0;
  const before = Math.min(blockBytes, offset);
  const head = await source.read(0, before);
  const read = await source.read(offset - before, before + length);
  const context = read.subarray(0, before);
  if (cursor && !guards(cursor, head, context)) return undefined;
  const fresh = read.subarray(before);
  const bytes = fresh.subarray(0, fresh.lastIndexOf(newline) + 1);
  return { head, context, fresh, bytes, behind: fresh.length - bytes.length };
}

/** Looks from `from` on for the end of the line that began at `start`; its length, with its `\n`. */
async function scanLine(source: ByteSource, from: number, start: number) {
  const buffer = Buffer.allocUnsafeSlow(scanBytes);
  for (let at = from; at - start <= recordLimit; ) {
    const piece = await source.read(at, scanBytes, buffer);
    const found = piece.indexOf(newline);
    if (found >= 0) return { length: at + found + 1 - start, ended: true };
    at += piece.length;
    if (piece.length < scanBytes) return { length: at - start, ended: false };
  }
  throw new CairnError(
    'too-large',
    `Expected records of at most 1 GiB, got a longer line at byte ${start}: ${source.path}`,
    { hint: 'this stream waits; other streams and sessions go on' },
  );
}

async function stillHolds(source: ByteSource, cursor: BytesCursor): Promise<boolean> {
  return (await source.unchanged()) && (await prefixAt(source, cursor)) !== undefined;
}

/** A range proves nothing of what stands before it: that must still be what `previous` covers. */
async function prefixOf(source: ByteSource, offset: number, previous: BytesCursor | undefined) {
  if (offset === 0) return new Prefix();
  return previous?.offset === offset ? prefixAt(source, previous) : undefined;
}

async function reasonOf(source: ByteSource, cursor: BytesCursor | undefined): Promise<ResetReason> {
  if (cursor === undefined || !sameFile(source.stamp, cursor)) return 'replaced';
  return (await source.length()) < cursor.offset ? 'truncated' : 'rewritten';
}

const nothing: BytesCursor = { kind: 'bytes', offset: 0, path: '', dev: '', ino: '', guard: '', blocks: '' };

function cursorAt(source: ByteSource, prefix: Prefix): BytesCursor {
  const { dev, ino } = source.stamp;
  const { offset, guard, blocks } = prefix;
  return { kind: 'bytes', offset, path: source.path, dev, ino, guard, blocks };
}

function movedTo(source: ByteSource, cursor: BytesCursor): BytesCursor {
  return { ...cursor, path: source.path, dev: source.stamp.dev, ino: source.stamp.ino };
}

function pathOf(stream: StreamRef): string {
  const path = stream.files[0]?.path;
  if (path === undefined) throw new CairnError('not-found', `The stream has no file: ${stream.name}`);
  return path;
}
