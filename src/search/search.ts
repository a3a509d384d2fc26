import { type DocumentKind, type SearchSession, sessionId } from './document.ts';
import { isErrorAt, kindAt } from './documents.ts';
import { evaluate, type SegmentMatches } from './evaluate.ts';
import { admittedRuns, documentTest, type SearchFilter } from './filter.ts';
import type { Query } from './query.ts';
import { scorer } from './rank.ts';
import type { LiveRun, SearchIndex } from './search-index.ts';
import type { Segment } from './segment.ts';

/** An event that was found. */
export interface Hit {
  readonly harness: string;
  readonly session: string;
  readonly stream: string;
  readonly seq: number;
  readonly kind: DocumentKind;
  readonly error: boolean;
  readonly tool?: string;
  /** ISO 8601. */
  readonly time?: string;
  readonly score: number;
  readonly host: string;
  readonly title?: string;
  readonly repository?: string;
  /** Where its record lies: a part, the number of the record in it, and the how manieth text of this kind in the record. */
  readonly place: { readonly epoch: number; readonly part: number; readonly record: number; readonly nth: number };
}

/** Events that match as far as the index can say. */
export interface Candidates {
  readonly total: number;
  readonly sessions: number;
  /** The best first; equal ones by time, the newest first. Either this or `byPart`, and once. */
  best(): Iterable<Hit>;
  /** All candidates that lie in one part together: the part of the best one first. */
  byPart(): Iterable<readonly Hit[]>;
}

/** Candidates of one segment: as many of each column. */
interface Found {
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
interface Candidate {
  readonly found: Found;
  readonly at: number;
  readonly score: number;
  readonly time: number;
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
  return {
    total: all.reduce((sum, { documents }) => sum + documents.length, 0),
    sessions: sessions.size,
    *best() {
      for (const candidate of ordered(all)) yield hitOf(index, candidate);
    },
    *byPart() {
      for (const candidate of ordered(all)) yield inOnePart(candidate).map((one) => hitOf(index, one));
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

/** How many are put in order at first, and at most; few are looked at, of what may be a million. */
const [firstRound, largestRound] = [256, 1 << 14];

function* ordered(all: readonly Found[]): Generator<Candidate> {
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
function inOnePart({ found, at }: Candidate): Candidate[] {
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

function liveRun(runs: readonly LiveRun[], number = 0): LiveRun {
  return runs[number] as LiveRun;
}

function sessionOf(segment: Segment, live: LiveRun): SearchSession {
  return segment.head.sessions[live.run.session] as SearchSession;
}

function hitOf(index: SearchIndex, { found, at, score, time }: Candidate): Hit {
  const { segment, runs } = found;
  const { columns, head } = segment;
  const live = liveRun(runs, found.run[at]);
  const document = found.documents[at] ?? 0;
  const indexed = sessionOf(segment, live);
  const { harness, session, host, title, repository } = index.sessions.get(sessionId(indexed)) ?? indexed;
  const tool = head.tools[(columns.tool[document] ?? 0) - 1];
  return {
    harness,
    session,
    stream: live.run.stream,
    seq: columns.seq[document] ?? 0,
    kind: kindAt(columns, document),
    error: isErrorAt(columns, document),
    ...(tool !== undefined && { tool }),
    ...(time > 0 && { time: new Date(time * 1000).toISOString() }),
    score: Math.round(score * 1000) / 1000,
    host,
    ...(title !== undefined && { title }),
    ...(repository !== undefined && { repository }),
    place: {
      epoch: live.run.epoch,
      ...placeIn(live.run.parts, columns.record[document] ?? 0),
      nth: placeAmong(segment, live, document),
    },
  };
}

/** The part that holds a record of an epoch, and the record's number in it. */
function placeIn(parts: readonly number[], record: number): { part: number; record: number } {
  let before = 0;
  for (const [part, records] of parts.entries()) {
    if (record < before + records || part === parts.length - 1) return { part, record: record - before };
    before += records;
  }
  return { part: 0, record };
}

/** Records of an epoch that lie in the part of this one: the first, and behind the last. */
function recordsBeside(parts: readonly number[], record: number): [number, number] {
  const place = placeIn(parts, record);
  const first = record - place.record;
  return [first, first + (parts[place.part] ?? 1)];
}

/** How many documents of its kind stand before a document in its record. */
function placeAmong({ columns }: Segment, { run }: LiveRun, document: number): number {
  let nth = 0;
  for (let i = document - 1; i >= run.first && columns.record[i] === columns.record[document]; i--) {
    if (kindAt(columns, i) === kindAt(columns, document)) nth++;
  }
  return nth;
}
