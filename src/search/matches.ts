/** Documents of a term, ascending, and how often it stands in each, within a factor of two above 3. */
export interface Matches {
  readonly documents: Uint32Array;
  readonly counts: Uint8Array;
}

/** The same, with what stands beside the term. */
export interface Postings extends Matches {
  /** For each document: the bit (`neighbourBit`) of the word before, and twice that of the word after, or `noHint`; empty where none is known. */
  readonly hints: Uint8Array;
}

export const nothing: Matches = { documents: new Uint32Array(), counts: new Uint8Array() };

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
  const kept = { documents: new Uint32Array(documents.length), counts: new Uint8Array(documents.length) };
  let [length, at] = [0, 0];
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i] ?? 0;
    at = seek(excluded, document, at);
    if (excluded[at] === document) continue;
    kept.documents[length] = document;
    kept.counts[length++] = counts[i] ?? 1;
  }
  return { documents: kept.documents.subarray(0, length), counts: kept.counts.subarray(0, length) };
}
