import { ByteReader, type ByteWriter } from './bytes.ts';

/** Where a term stands: documents ascending, how often in each, and at which tokens. */
export interface Postings {
  /** Count of documents. */
  readonly count: number;
  /** For each: difference to the one before (the first: itself) twice, plus 1 where a count above 1 follows. */
  readonly documents: Uint8Array;
  /** For each: the first place, then differences less 1. Empty for a term without places. */
  readonly places: Uint8Array;
}

/** Documents of a term, and how often it stands in each. */
export interface Matches {
  readonly documents: Uint32Array;
  readonly counts: Uint32Array;
}

export function writeDocument(out: ByteWriter, difference: number, count: number): void {
  if (count > 1) {
    out.number(difference * 2 + 1);
    out.number(count);
  } else out.number(difference * 2);
}

export function decodeMatches(postings: Postings): Matches {
  const documents = new Uint32Array(postings.count);
  const counts = new Uint32Array(postings.count);
  const reader = new ByteReader(postings.documents);
  let document = 0;
  for (let i = 0; i < postings.count; i++) {
    const code = reader.number();
    document += code >>> 1;
    documents[i] = document;
    counts[i] = code & 1 ? reader.number() : 1;
  }
  return { documents, counts };
}

/** Places of the term in each of `wanted`, which is ascending; empty where it does not stand. */
export function placesIn(postings: Postings, wanted: Uint32Array): Uint32Array[] {
  const { documents, counts } = decodeMatches(postings);
  const reader = new ByteReader(postings.places);
  const found: Uint32Array[] = [];
  let at = 0;
  for (const document of wanted) {
    while (at < documents.length && (documents[at] ?? 0) < document) reader.skip(counts[at++] ?? 0);
    if (documents[at] !== document) {
      found.push(new Uint32Array());
      continue;
    }
    const places = new Uint32Array(counts[at++] ?? 0);
    let place = -1;
    for (let i = 0; i < places.length; i++) {
      place += reader.number() + 1;
      places[i] = place;
    }
    found.push(places);
  }
  return found;
}

/** Documents of all of several lists, ascending; counts are of the first. */
export function intersect(lists: readonly Matches[]): Uint32Array {
  const [first, ...others] = [...lists].sort((a, b) => a.documents.length - b.documents.length);
  let common = first?.documents ?? new Uint32Array();
  for (const { documents } of others) {
    const kept = new Uint32Array(Math.min(common.length, documents.length));
    let length = 0;
    let at = 0;
    for (const document of common) {
      while (at < documents.length && (documents[at] ?? 0) < document) at++;
      if (documents[at] === document) kept[length++] = document;
    }
    common = kept.subarray(0, length);
  }
  return common;
}

/** Documents of any of several lists, counts added. */
export function unite(lists: readonly Matches[]): Matches {
  const [only] = lists;
  if (lists.length === 1 && only) return only;
  const counts = new Map<number, number>();
  for (const list of lists) {
    list.documents.forEach((document, i) => {
      counts.set(document, (counts.get(document) ?? 0) + (list.counts[i] ?? 0));
    });
  }
  const documents = Uint32Array.from(counts.keys()).sort();
  return { documents, counts: documents.map((document) => counts.get(document) ?? 0) };
}
