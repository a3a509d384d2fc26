import { openSource } from '../harness/index.ts';

/** How a file of this host stands to what the bucket has. Offsets and lengths in plain bytes. */
export type Comparison =
  /** `end`: how much of the file is in the bucket. */
  | { readonly kind: 'same'; readonly end: number }
  /** The file has more, so many lines. */
  | { readonly kind: 'ahead'; readonly end: number; readonly lines: number }
  /** The bucket has more; `torn`: behind `end` stands a line that was never finished. */
  | { readonly kind: 'behind'; readonly end: number; readonly torn: boolean; readonly missing: number }
  /** Both have something of their own behind `end`, so many lines. */
  | { readonly kind: 'diverged'; readonly end: number; readonly here: number; readonly there: number };

/** Compares a file from `start` on with `content`, which stands in the bucket behind the same place. */
export async function compareFile(
  path: string,
  start: number,
  content: AsyncIterable<Uint8Array>,
): Promise<Comparison> {
  const source = await openSource(path);
  try {
    const length = await source.length();
    let end = start;
    let missing = 0;
    let missingLines = 0;
    let parted = false;
    for await (const block of content) {
      if (parted || end === length) {
        missing += block.length;
        missingLines += linesIn(block);
        continue;
      }
      const here = await source.read(end, block.length);
      const equal = commonLength(here, block);
      end += equal;
      if (equal === block.length) continue;
      // The file ends within the block, or it says something else from here on.
      parted = end < length;
      missing += block.length - equal;
      missingLines += linesIn(block.subarray(equal));
      if (parted) {
        const back = equal - (block.subarray(0, equal).lastIndexOf(10) + 1);
        end -= back;
        missing += back;
      }
    }
    const here = end < length ? await linesBehind(source, end) : 0;
    if (missing === 0) return here === 0 ? { kind: 'same', end } : { kind: 'ahead', end, lines: here };
    if (here === 0) return { kind: 'behind', end, torn: end < length, missing };
    return { kind: 'diverged', end, here, there: missingLines };
  } finally {
    await source.close();
  }
}

async function linesBehind(source: Awaited<ReturnType<typeof openSource>>, from: number): Promise<number> {
  let lines = 0;
  for (let at = from; ; ) {
    const piece = await source.read(at, 1 << 20);
    if (piece.length === 0) return lines;
    lines += linesIn(piece);
    at += piece.length;
  }
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0) return length;
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
}

function linesIn(block: Uint8Array): number {
  let count = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) count++;
  return count;
}
