import type { Matches, Postings } from './matches.ts';

/** A term that stands there more than once, or nothing is known. */
export const noHint = 4;

const fewest = 8;

/**
 * Whether a term so frequent is worth hints: beside a rarer one few texts are read in vain, and one that stands nearly
 * everywhere is found in the first of them.
 */
export function hasHints(count: number, all: number): boolean {
  return count >= fewest && count * 300 >= all && count * 4 <= all;
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
  if (hints.length === 0) return { documents, counts };
  const kept = { documents: new Uint32Array(documents.length), counts: new Uint8Array(documents.length) };
  let length = 0;
  for (let i = 0; i < documents.length; i++) {
    const hint = hints[i] ?? noHint;
    const [left, right] = [hint & 1, hint >> 1];
    if (hint !== noHint && ((before ?? left) !== left || (after ?? right) !== right)) continue;
    kept.documents[length] = documents[i] ?? 0;
    kept.counts[length++] = counts[i] ?? 1;
  }
  return { documents: kept.documents.subarray(0, length), counts: kept.counts.subarray(0, length) };
}
