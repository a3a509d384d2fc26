import type { Cursor } from '../harness/cursor.ts';
import { type Importing, linesOf } from '../harness/index.ts';
import type { Harness, SourceKey, StreamRef } from '../harness/types.ts';
import type { Place } from './content.ts';

/** How a session in an agent's database stands to the one in the bucket. */
export type Standing =
  | { readonly kind: 'absent' }
  | {
      /** `behind`: the bucket has more. */
      readonly kind: 'same' | 'behind' | 'ahead' | 'diverged';
      /** What counts of records that both have behind `after`, and each alone. */
      readonly equal: number;
      readonly here: number;
      readonly there: number;
      /** What was known to be the same before anything was compared. */
      readonly after?: Place | undefined;
      readonly cursor?: Cursor | undefined;
    };

interface Reading {
  readonly harness: Harness;
  readonly importing: Importing;
  readonly key: SourceKey;
}

/** Compares a session of this host behind `cursor` with records of the bucket. */
export async function compareSession(
  c: Reading,
  local: StreamRef,
  cursor: Cursor | undefined,
  content: AsyncIterable<Uint8Array>,
): Promise<Exclude<Standing, { kind: 'absent' }>> {
  const { essence = linesIn } = c.importing;
  const own = essence(blocksOf(c, local, cursor));
  const stored = essence(content);
  let equal = 0;
  const [a, b] = [own[Symbol.asyncIterator](), stored[Symbol.asyncIterator]()];
  let [mine, theirs] = await Promise.all([a.next(), b.next()]);
  while (!mine.done && !theirs.done && mine.value === theirs.value) {
    equal++;
    [mine, theirs] = await Promise.all([a.next(), b.next()]);
  }
  const here = await rest(a, mine);
  const there = await rest(b, theirs);
  const kind = here === 0 ? (there === 0 ? 'same' : 'behind') : there === 0 ? 'ahead' : 'diverged';
  return { kind, equal, here, there };
}

/** A session of this host behind `cursor`, with the cursor at its end. */
export async function* blocksOf(
  { harness, key }: Reading,
  local: StreamRef,
  cursor: Cursor | undefined,
  onEnd: (cursor: Cursor) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const blob = () => Promise.reject(new Error('a database has no side files'));
  for await (const chunk of harness.read(local, cursor, { key, chunkBytes: 1 << 20, blob })) {
    onEnd(chunk.to);
    yield chunk.bytes;
  }
}

async function* linesIn(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // Latin 1 keeps every byte, valid text or not.
  for await (const block of blocks) for (const line of linesOf(block)) yield Buffer.from(line).toString('latin1');
}

async function rest(lines: AsyncIterator<string>, first: IteratorResult<string>): Promise<number> {
  let count = 0;
  for (let next = first; !next.done; next = await lines.next()) count++;
  return count;
}
