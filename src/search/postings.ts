import { BitReader, type BitWriter } from './bits.ts';
import { hasHints, noHint } from './hints.ts';
import type { Postings } from './matches.ts';

/** Documents whose differences share a width. */
const groupSize = 128;
/** Shorter lists have the width that their length suggests: to say it would cost more than it saves. */
const shortest = 8;

/** How often, in few bits: 0 to 2 for once to three times, then one more for each doubling. */
function classOf(count: number): number {
  return count < 4 ? count - 1 : 32 - Math.clz32(count);
}

/** The count behind each class: the middle of its range. */
const countOfClass = [1, 2, 3, 5, 11, 22, 45, 90, 180];

function countOf(code: number): number {
  return countOfClass[code] ?? 255;
}

/** Bits of each difference that are written as they are, where differences are so large: Rice's parameter. */
function widthFor(mean: number): number {
  return Math.min(24, Math.max(0, Math.floor(Math.log2(mean * 0.69))));
}

/** Writes documents `from` to `to` (excluded) of a segment that has `all`, and says whether counts had to be. */
export function writePostings(out: BitWriter, postings: Postings, from: number, to: number, all: number): boolean {
  const { documents, counts, hints } = postings;
  let repeated = false;
  for (let i = from; i < to && !repeated; i++) repeated = counts[i] !== 1;
  let next = 0;
  for (let start = from; start < to; start += groupSize) {
    const end = Math.min(to, start + groupSize);
    let width = widthFor(all / (to - from));
    if (to - from >= shortest) {
      width = widthFor(((documents[end - 1] ?? 0) - next + 1) / (end - start));
      out.bits(width, 5);
    }
    for (let i = start; i < end; i++) {
      const difference = (documents[i] ?? 0) - next;
      out.unary(difference >>> width);
      out.bits(difference & ((1 << width) - 1), width);
      next = (documents[i] ?? 0) + 1;
    }
    if (repeated) for (let i = start; i < end; i++) out.unary(classOf(counts[i] ?? 1));
    if (!hasHints(to - from, all)) continue;
    let known = 1;
    for (let i = start; i < end; i++) if (counts[i] === 1 && hints[i] === noHint) known = 0;
    out.bits(known, 1);
    if (known === 1) for (let i = start; i < end; i++) if (counts[i] === 1) out.bits(hints[i] ?? 0, 2);
  }
  return repeated;
}

/** Reads what `writePostings` wrote; `undefined` where it is damaged. */
export function readPostings(bytes: Uint8Array, count: number, repeated: boolean, all: number): Postings | undefined {
  if (count > all) return undefined;
  const documents = new Uint32Array(count);
  const counts = new Uint8Array(count).fill(1);
  const hinted = hasHints(count, all);
  const hints = new Uint8Array(hinted ? count : 0).fill(noHint);
  const reader = new BitReader(bytes);
  let next = 0;
  for (let start = 0; start < count; start += groupSize) {
    const end = Math.min(count, start + groupSize);
    const width = count < shortest ? widthFor(all / count) : reader.bits(5);
    for (let i = start; i < end; i++) {
      next += reader.unary() * 2 ** width + reader.bits(width);
      if (next >= all) return undefined;
      documents[i] = next++;
    }
    if (repeated) for (let i = start; i < end; i++) counts[i] = countOf(reader.unary());
    if (!hinted || reader.bits(1) === 0) continue;
    for (let i = start; i < end; i++) if (counts[i] === 1) hints[i] = reader.bits(2);
  }
  return { documents, counts, hints };
}
