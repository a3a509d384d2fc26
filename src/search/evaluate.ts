import { beside, neighbourBit } from './hints.ts';
import { intersect, type Matches, nothing, unite, without } from './matches.ts';
import type { Phrase, Query } from './query.ts';
import type { Segment } from './segment.ts';

/** What a segment has of a query: documents that may match, and how often each phrase stands in them at most. */
export interface SegmentMatches {
  readonly segment: Segment;
  readonly documents: Uint32Array;
  /** For each phrase of `all`: its documents in this segment, whether or not they match the rest. */
  readonly phrases: readonly Matches[];
}

/**
 * Whether the index alone says which documents match: it knows words, not their order. Else what it says is looked up
 * in the texts.
 */
export function isExact({ all, none }: Query): boolean {
  return [...all, ...none].every((phrase) => phrase.length === 1);
}

/** Every document that matches a query, and of those with all words of a phrase also some that do not. */
export async function evaluate(segment: Segment, query: Query): Promise<SegmentMatches> {
  const certain = query.none.filter((phrase) => phrase.length === 1);
  const [phrases, excluded] = await Promise.all([
    Promise.all(query.all.map((phrase) => matchPhrase(segment, phrase))),
    Promise.all(certain.map((phrase) => matchPhrase(segment, phrase))),
  ]);
  const { documents } = excluded.reduce((left, matches) => without(left, matches.documents), intersect(phrases));
  return { segment, documents, phrases };
}

async function matchPhrase(segment: Segment, phrase: Phrase): Promise<Matches> {
  const bits = phrase.map(({ term, prefix }) => (prefix ? undefined : neighbourBit(term)));
  return intersect(
    await Promise.all(
      phrase.map(async ({ term, prefix }, i) => {
        if (!prefix) {
          const postings = await segment.postings(term);
          return postings ? beside(postings, bits[i - 1], bits[i + 1]) : nothing;
        }
        const all: Matches[] = [];
        for await (const { postings } of segment.beginning(term)) all.push(postings());
        return unite(all);
      }),
    ),
  );
}
