import { type Candidate, type Found, inOnePart, liveRun, ordered } from './candidates.ts';
import { sessionId } from './document.ts';
import { evaluate, type SegmentMatches } from './evaluate.ts';
import { admittedRuns, documentTest, type SearchFilter } from './filter.ts';
import { type Hit, hitOf, sessionOf } from './hit.ts';
import type { Query } from './query.ts';
import { scorer } from './rank.ts';
import type { LiveRun, SearchIndex } from './search-index.ts';
import type { Segment } from './segment.ts';

/** Events that match as far as the index can say. */
export interface Candidates {
  readonly total: number;
  /** As `harness/session`. */
  readonly sessions: ReadonlySet<string>;
  /** The best first; equal ones by time, the newest first. Either this or `byPart`, and once. */
  best(): Iterable<Hit>;
  /** All candidates that lie in one part together: the part of the best one first. */
  byPart(): Iterable<readonly Hit[]>;
}

/** Asks the index; without a query all events that pass the filter are candidates. */
export async function searchIndex(
  index: SearchIndex,
  query: Query | undefined,
  filter: SearchFilter = {},
): Promise<Candidates> {
  const matches = await Promise.all(
    index.segments.map((segment) => (query ? evaluate(segment, query) : everything(segment))),
  );
  const scoresOf = scorer(matches);
  const all: Found[] = [];
  const sessions = new Set<string>();
  for (const one of matches) {
    const runs = admittedRuns(one.segment, index.live.get(one.segment) ?? [], filter);
    const found = admitted(one, scoresOf(one), runs, await documentTest(one.segment, filter));
    all.push(found);
    for (const at of new Set(found.run)) sessions.add(sessionId(sessionOf(found.segment, liveRun(found.runs, at))));
  }
  const told = ({ found, at, score }: Candidate) =>
    hitOf(index, found.segment, liveRun(found.runs, found.run[at]), found.documents[at] ?? 0, score);
  return {
    total: all.reduce((sum, { documents }) => sum + documents.length, 0),
    sessions,
    *best() {
      for (const candidate of ordered(all)) yield told(candidate);
    },
    *byPart() {
      for (const candidate of ordered(all)) yield inOnePart(candidate).map(told);
    },
  };
}

function everything(segment: Segment): SegmentMatches {
  return { segment, documents: Uint32Array.from({ length: segment.head.documents }, (_, i) => i), phrases: [] };
}

/** Those of a segment's matches that the runs have, and that pass the test. */
function admitted(
  { segment, documents }: SegmentMatches,
  scores: Float64Array,
  runs: readonly LiveRun[],
  test: ((document: number) => boolean) | undefined,
): Found {
  const kept = {
    documents: new Uint32Array(documents.length),
    scores: new Float64Array(documents.length),
    run: new Uint32Array(documents.length),
  };
  let count = 0;
  let at = 0;
  for (const [number, { run, since }] of runs.entries()) {
    while (at < documents.length && (documents[at] ?? 0) < run.first) at++;
    for (; at < documents.length && (documents[at] ?? 0) < run.first + run.count; at++) {
      const document = documents[at] ?? 0;
      if ((segment.columns.seq[document] ?? 0) < since || test?.(document) === false) continue;
      kept.documents[count] = document;
      kept.scores[count] = scores[at] ?? 0;
      kept.run[count++] = number;
    }
  }
  return {
    segment,
    runs,
    documents: kept.documents.subarray(0, count),
    scores: kept.scores.subarray(0, count),
    run: kept.run.subarray(0, count),
    taken: new Uint8Array(count),
  };
}
