import { BitReader, type BitWriter } from './bits.ts';

/** Documents of a term, ascending, and how often it stands in each, within a factor of two above 3. */
export interface Matches {
  readonly documents: Uint32Array;
  readonly counts: Uint8Array;
}

/** The same, with what stands beside the term. */
export interface Postings extends Matches {
  /** For each document: the bit (`neighbourBit`) of the word before, and twice that of the word after, or `noHint`. */
  readonly hints: Uint8Array;
}

export const nothing: Matches = { documents: new Uint32Array(), counts: new Uint8Array() };

/** A term that stands there more than once, or nothing is known. */
export const noHint = 4;

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

/**
 * Whether a term so frequent is worth hints: beside a rarer one few texts are read in vain, and one that stands nearly
 * everywhere is found in the first of them.
 */
function hasHints(count: number, all: number): boolean {
  return count >= shortest && count * 300 >= all && count * 4 <= all;
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
  const hints = new Uint8Array(count).fill(noHint);
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
    if (!hasHints(count, all) || reader.bits(1) === 0) continue;
    for (let i = start; i < end; i++) if (counts[i] === 1) hints[i] = reader.bits(2);
  }
  return { documents, counts, hints };
}

/** The top bit of the FNV-1a hash of a term's UTF-16 units: it halves the words that may stand beside another. */
export function neighbourBit(term: string): number {
  let hash = fnvStart;
  for (let i = 0; i < term.length; i++) hash = fnvStep(hash, term.charCodeAt(i));
  return hash >>> 31;
}

export const fnvStart = 0x811c9dc5 | 0;

export function fnvStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** Documents in which a term may stand between two others: their bits, where they are known. */
export function beside({ documents, counts, hints }: Postings, before?: number, after?: number): Matches {
  if (before === undefined && after === undefined) return { documents, counts };
  const stays = (_: number, i: number) => {
    const hint = hints[i] ?? noHint;
    return hint === noHint || ((before ?? hint & 1) === (hint & 1) && (after ?? hint >> 1) === hint >> 1);
  };
  return { documents: documents.filter(stays), counts: counts.filter(stays) };
}

/** Documents of all of several lists, ascending, with the least of their counts. */
export function intersect(lists: readonly Matches[]): Matches {
  const [first, ...others] = [...lists].sort((a, b) => a.documents.length - b.documents.length);
  let common = first ?? nothing;
  for (const { documents, counts } of others) {
    const most = Math.min(common.documents.length, documents.length);
    const kept = { documents: new Uint32Array(most), counts: new Uint8Array(most) };
    let length = 0;
    let at = 0;
    for (let i = 0; i < common.documents.length; i++) {
      const document = common.documents[i] ?? 0;
      at = seek(documents, document, at);
      if (documents[at] !== document) continue;
      kept.documents[length] = document;
      kept.counts[length++] = Math.min(common.counts[i] ?? 1, counts[at] ?? 1);
    }
    common = { documents: kept.documents.subarray(0, length), counts: kept.counts.subarray(0, length) };
  }
  return common;
}

/** Index of the first document not below `wanted`, from `at` on: in strides that grow, as the next one is near or far. */
function seek(documents: Uint32Array, wanted: number, at: number): number {
  let stride = 1;
  let low = at;
  while (low + stride < documents.length && (documents[low + stride] ?? 0) < wanted) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(low + stride, documents.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((documents[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Documents of any of several lists, counts added. */
export function unite(lists: readonly Matches[]): Matches {
  const [only] = lists;
  if (lists.length <= 1) return only ?? nothing;
  const sums = new Map<number, number>();
  for (const list of lists) {
    list.documents.forEach((document, i) => {
      sums.set(document, (sums.get(document) ?? 0) + (list.counts[i] ?? 0));
    });
  }
  const documents = Uint32Array.from(sums.keys()).sort();
  return { documents, counts: Uint8Array.from(documents, (document) => Math.min(255, sums.get(document) ?? 0)) };
}

/** Documents of one list that are not in another, ascending. */
export function without({ documents, counts }: Matches, excluded: Uint32Array): Matches {
  let at = 0;
  const kept = documents.map((document) => {
    at = seek(excluded, document, at);
    return excluded[at] === document ? 0 : 1;
  });
  const stays = (_: number, i: number) => kept[i] === 1;
  return excluded.length === 0
    ? { documents, counts }
    : { documents: documents.filter(stays), counts: counts.filter(stays) };
}
