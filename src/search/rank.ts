import { lengthOfCode } from './documents.ts';
import type { SegmentMatches } from './evaluate.ts';

/** Okapi BM25 with its usual constants. */
const saturation = 1.2;
const lengthWeight = 0.75;

/** Scores documents by how often the phrases stand in them, how rare those are, and how long the document is. */
export function scorer(all: readonly SegmentMatches[]): (matches: SegmentMatches) => Float64Array {
  const total = all.reduce((sum, { segment }) => sum + segment.head.documents, 0);
  const tokens = all.reduce((sum, { segment }) => sum + segment.head.tokens, 0);
  const average = total === 0 ? 1 : Math.max(1, tokens / total);
  const norms = lengthOfCode.map((length) => saturation * (1 - lengthWeight + (lengthWeight * length) / average));
  const phrases = all[0]?.phrases.length ?? 0;
  const weights = Array.from({ length: phrases }, (_, i) => {
    const having = all.reduce((sum, matches) => sum + (matches.phrases[i]?.documents.length ?? 0), 0);
    return Math.log(1 + (total - having + 0.5) / (having + 0.5));
  });
  return ({ segment, documents, phrases: found }) => {
    const scores = new Float64Array(documents.length);
    for (const [phrase, matches] of found.entries()) {
      const weight = (weights[phrase] ?? 0) * (saturation + 1);
      let at = 0;
      for (let i = 0; i < documents.length; i++) {
        const document = documents[i] ?? 0;
        while ((matches.documents[at] ?? Number.POSITIVE_INFINITY) < document) at++;
        const times = matches.counts[at] ?? 0;
        scores[i] = (scores[i] ?? 0) + (weight * times) / (times + (norms[segment.columns.length[document] ?? 0] ?? 1));
      }
    }
    return scores;
  };
}
