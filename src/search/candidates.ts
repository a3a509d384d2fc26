import { recordsBeside } from './hit.ts';
import type { LiveRun } from './search-index.ts';
import type { Segment } from './segment.ts';

/** Candidates of one segment: as many of each column. */
export interface Found {
  readonly segment: Segment;
  readonly runs: readonly LiveRun[];
  readonly documents: Uint32Array;
  readonly scores: Float64Array;
  /** Index in `runs`. */
  readonly run: Uint32Array;
  /** 1 for those that were handed out. */
  readonly taken: Uint8Array;
}

/** One of them. */
export interface Candidate {
  readonly found: Found;
  readonly at: number;
  readonly score: number;
  readonly time: number;
}

/** How many are put in order at first, and at most; few are looked at, of what may be a million. */
const [firstRound, largestRound] = [256, 1 << 14];

/** Hands out candidates, the best first; it may be stopped at any time. */
export function* ordered(all: readonly Found[]): Generator<Candidate> {
  for (let most = firstRound; ; most = Math.min(most * 8, largestRound)) {
    const round = bestLeft(all, most);
    for (const candidate of round) {
      if (candidate.found.taken[candidate.at] === 1) continue;
      candidate.found.taken[candidate.at] = 1;
      yield candidate;
    }
    if (round.length < most) return;
  }
}

/** The best of those that were not handed out yet. */
function bestLeft(all: readonly Found[], most: number): Candidate[] {
  let chosen: Candidate[] = [];
  let limit: Candidate | undefined;
  for (const found of all) {
    const { scores, taken } = found;
    for (let at = 0; at < scores.length; at++) {
      // Most end here.
      if (taken[at] === 1 || (limit && (scores[at] ?? 0) < limit.score)) continue;
      const candidate = candidateAt(found, at);
      if (limit && byRank(candidate, limit) > 0) continue;
      chosen.push(candidate);
      if (chosen.length < most * 2) continue;
      chosen = chosen.sort(byRank).slice(0, most);
      limit = chosen.at(-1);
    }
  }
  return chosen.sort(byRank).slice(0, most);
}

function candidateAt(found: Found, at: number): Candidate {
  const time = found.segment.columns.time[found.documents[at] ?? 0] ?? 0;
  return { found, at, score: found.scores[at] ?? 0, time };
}

/** A candidate and the others in its part, which are taken as well. */
export function inOnePart({ found, at }: Candidate): Candidate[] {
  const { segment, documents, run, runs, taken } = found;
  const [from, to] = recordsBeside(liveRun(runs, run[at]).run.parts, segment.columns.record[documents[at] ?? 0] ?? 0);
  const beside = (i: number) => {
    const record = segment.columns.record[documents[i] ?? 0] ?? 0;
    return run[i] === run[at] && record >= from && record < to;
  };
  let first = at;
  while (first > 0 && beside(first - 1)) first--;
  const candidates: Candidate[] = [];
  for (let i = first; i < documents.length && beside(i); i++) {
    if (i !== at && taken[i] === 1) continue;
    taken[i] = 1;
    candidates.push(candidateAt(found, i));
  }
  return candidates;
}

function byRank(a: Candidate, b: Candidate): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.time !== b.time) return b.time - a.time;
  return a.found.segment.id.localeCompare(b.found.segment.id) || b.at - a.at;
}

/** The run of a candidate. */
export function liveRun(runs: readonly LiveRun[], number = 0): LiveRun {
  return runs[number] as LiveRun;
}
