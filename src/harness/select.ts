import { CairnError } from '../errors.ts';
import { type ByteSource, openPlain } from './byte-source.ts';
import type { BytesCursor } from './cursor.ts';
import { blockBytes, guards, Prefix } from './prefix.ts';
import { sameFile } from './stamp.ts';
import type { Selection, StreamRef } from './types.ts';
import { openZst } from './zst.ts';

const pieceBytes = 1024 * 1024;

/**
 * Opens a file by its plain bytes; `window` is how far behind the last read a later one may start
 * without decompressing again.
 */
export function openSource(path: string, window = 2 * pieceBytes): Promise<ByteSource> {
  return path.endsWith('.zst') ? openZst(path, window) : openPlain(path);
}

/**
 * Which of a stream's candidate files to read. Candidates that are a prefix of another one are left
 * out. Of those that remain, `primary` is the one that continues the cursor, else the longest;
 * `others` hold something else under the same name and are branches.
 * @throws CairnError `not-found` when none of the files exists any more
 */
export async function selectSources(stream: StreamRef, cursor: BytesCursor | undefined): Promise<Selection> {
  if (stream.files.length <= 1) return { primary: stream, others: [] };

  return withSources(stream, async (sources) => {
    const lengths = new Map<ByteSource, number>();
    for (const source of sources) lengths.set(source, await source.length());
    const longestFirst = [...sources].sort((a, b) => (lengths.get(b) ?? 0) - (lengths.get(a) ?? 0));
    const heads: ByteSource[] = [];
    for (const source of longestFirst) {
      if (!(await startsAny(source, heads))) heads.push(source);
    }
    const only = (head: ByteSource): StreamRef => ({
      ...stream,
      files: stream.files.filter(({ path }) => path === head.path),
    });
    const primary = (await continuing(heads, cursor)) ?? heads[0];
    if (primary === undefined) return { primary: stream, others: [] };
    return { primary: only(primary), others: heads.filter((head) => head !== primary).map(only) };
  });
}

/**
 * Opens those of a stream's candidates that still exist, and closes them afterwards.
 * @throws CairnError `not-found` when none does
 */
export async function withSources<T>(
  stream: StreamRef,
  use: (sources: readonly ByteSource[]) => Promise<T>,
): Promise<T> {
  const sources: ByteSource[] = [];
  let gone = new CairnError('not-found', `The stream has no file: ${stream.name}`);
  try {
    for (const { path } of stream.files) {
      try {
        sources.push(await openSource(path));
      } catch (error) {
        if (!(error instanceof CairnError && error.code === 'not-found')) throw error;
        gone = error;
      }
    }
    if (sources.length === 0) throw gone;
    return await use(sources);
  } finally {
    for (const source of sources) await source.close();
  }
}

/** The state of `source` at the cursor, or nothing when what stands before it is not what was consumed. */
export async function prefixAt(source: ByteSource, cursor: BytesCursor): Promise<Prefix | undefined> {
  if (!sameFile(source.stamp, cursor)) return provePrefix(source, cursor);
  const { offset, blocks } = cursor;
  const length = Math.min(blockBytes, offset);
  const head = await source.read(0, length);
  const tail = offset === length ? head : await source.read(offset - length, length);
  return guards(cursor, head, tail) ? new Prefix(offset, head, tail, blocks) : undefined;
}

/** The same, by reading the whole prefix. */
export async function provePrefix(source: ByteSource, cursor: BytesCursor): Promise<Prefix | undefined> {
  const prefix = new Prefix();
  const complete = await eachPiece(source, 0, cursor.offset, (piece) => prefix.push(piece));
  return complete && prefix.guard === cursor.guard && prefix.blocks === cursor.blocks ? prefix : undefined;
}

/** Whether the source has all bytes of the range. */
export async function eachPiece(
  source: ByteSource,
  from: number,
  to: number,
  use: (piece: Uint8Array) => void,
): Promise<boolean> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(pieceBytes, to - from)));
  for (let at = from; at < to; ) {
    const piece = await source.read(at, Math.min(pieceBytes, to - at), buffer);
    if (piece.length === 0) return false;
    use(piece);
    at += piece.length;
  }
  return true;
}

async function startsAny(source: ByteSource, heads: readonly ByteSource[]): Promise<boolean> {
  for (const head of heads) {
    if (await isPrefix(source, head)) return true;
  }
  return false;
}

async function isPrefix(source: ByteSource, longer: ByteSource): Promise<boolean> {
  for (let at = 0; ; at += pieceBytes) {
    const piece = await source.read(at, pieceBytes);
    if (!piece.equals(await longer.read(at, piece.length))) return false;
    if (piece.length < pieceBytes) return true;
  }
}

async function continuing(heads: readonly ByteSource[], cursor: BytesCursor | undefined) {
  if (cursor === undefined) return undefined;
  for (const head of heads) {
    if (await prefixAt(head, cursor)) return head;
  }
  return undefined;
}
