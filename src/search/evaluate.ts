import { decodeMatches, intersect, type Matches, type Postings, placesIn, unite } from './postings.ts';
import type { Phrase, Query } from './query.ts';
import type { Segment } from './segment.ts';

/** What a segment has of a query: the documents that match, and how often each phrase stands in them. */
export interface SegmentMatches {
  readonly segment: Segment;
  readonly documents: Uint32Array;
  /** For each phrase of `all`: its documents in this segment, whether or not they match the rest. */
  readonly phrases: readonly Matches[];
}

/** Evaluates a query exactly: what it finds is what a scan of all texts would. */
export async function evaluate(segment: Segment, query: Query): Promise<SegmentMatches> {
  const matchesOf = (phrase: Phrase) => matchPhrase(segment, phrase);
  const [phrases, excluded] = await Promise.all([
    Promise.all(query.all.map(matchesOf)),
    Promise.all(query.none.map(matchesOf)),
  ]);
  const common = intersect(phrases);
  const without = new Set(excluded.flatMap(({ documents }) => [...documents]));
  const documents = without.size === 0 ? common : common.filter((document) => !without.has(document));
  return { segment, documents, phrases };
}

interface AtomMatches extends Matches {
  readonly postings: readonly Postings[];
}

async function matchPhrase(segment: Segment, phrase: Phrase): Promise<Matches> {
  const atoms = await Promise.all(phrase.map(async ({ term, prefix }) => matchAtom(segment, term, prefix)));
  const [only] = atoms;
  if (atoms.length === 1 && only) return only;
  const candidates = intersect(atoms);
  const places = atoms.map(({ postings }) => placesOf(postings, candidates));
  const documents: number[] = [];
  const counts: number[] = [];
  candidates.forEach((document, i) => {
    const [first = [], ...rest] = places.map((of) => of[i] ?? []);
    const sets = rest.map((of) => new Set<number>(of));
    let times = 0;
    for (const place of first) if (sets.every((set, after) => set.has(place + after + 1))) times++;
    if (times === 0) return;
    documents.push(document);
    counts.push(times);
  });
  return { documents: Uint32Array.from(documents), counts: Uint32Array.from(counts) };
}

async function matchAtom(segment: Segment, term: string, prefix: boolean): Promise<AtomMatches> {
  const postings: Postings[] = [];
  if (prefix) for await (const entry of segment.beginning(term)) postings.push(entry);
  else {
    const entry = await segment.postings(term);
    if (entry) postings.push(entry);
  }
  return { ...unite(postings.map(decodeMatches)), postings };
}

function placesOf(postings: readonly Postings[], documents: Uint32Array): (readonly number[] | Uint32Array)[] {
  const lists = postings.map((entry) => placesIn(entry, documents));
  const [only] = lists;
  if (lists.length === 1 && only) return only;
  return Array.from(documents, (_, i) => lists.flatMap((list) => [...(list[i] ?? [])]));
}
