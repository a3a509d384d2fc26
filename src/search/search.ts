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
  /** The best first; equal ones by time, the newest first. */
  best(): Iterable<Hit>;
}

/** Candidates of one segment: as many of each column. */
interface Found {
  readonly segment: Segment;
  readonly runs: readonly LiveRun[];
  readonly documents: Uint32Array;
  readonly scores: Float64Array;
  /** Index in `runs`. */
  readonly run: Uint32Array;
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
    for (const at of new Set(found.run)) sessions.add(sessionId(sessionOf(found.segment, found.runs[at])));
  }
  return {
    total: all.reduce((sum, { documents }) => sum + documents.length, 0),
    sessions: sessions.size,
    *best() {
      for (const candidate of ordered(all)) yield hitOf(index, candidate);
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
  };
}

/** How many are put in order at first; few are looked at, of what may be a million. */
const firstRound = 256;

function* ordered(all: readonly Found[]): Generator<Candidate> {
  let last: Candidate | undefined;
  for (let most = firstRound; ; most *= 8) {
    const round = bestAfter(all, last, most);
    yield* round;
    if (round.length < most) return;
    last = round.at(-1);
  }
}

/** The best candidates, behind the `last` one of those that were taken before. */
function bestAfter(all: readonly Found[], last: Candidate | undefined, most: number): Candidate[] {
  let chosen: Candidate[] = [];
  let limit: Candidate | undefined;
  for (const found of all) {
    const { segment, documents, scores } = found;
    for (let at = 0; at < documents.length; at++) {
      const score = scores[at] ?? 0;
      // Most end here.
      if (limit && score < limit.score) continue;
      const candidate = { found, at, score, time: segment.columns.time[documents[at] ?? 0] ?? 0 };
      if ((limit && byRank(candidate, limit) > 0) || (last && byRank(candidate, last) <= 0)) continue;
      chosen.push(candidate);
      if (chosen.length < most * 2) continue;
      chosen = chosen.sort(byRank).slice(0, most);
      limit = chosen.at(-1);
    }
  }
  return chosen.sort(byRank).slice(0, most);
}

function byRank(a: Candidate, b: Candidate): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.time !== b.time) return b.time - a.time;
  return a.found.segment.id.localeCompare(b.found.segment.id) || b.at - a.at;
}

function sessionOf(segment: Segment, live: LiveRun | undefined): SearchSession {
  return segment.head.sessions[live?.run.session ?? 0] as SearchSession;
}

function hitOf(index: SearchIndex, { found, at, score, time }: Candidate): Hit {
  const { segment, runs } = found;
  const { columns, head } = segment;
  const live = runs[found.run[at] ?? 0] as LiveRun;
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
    if (record < before + records) return { part, record: record - before };
    before += records;
  }
  return { part: Math.max(0, parts.length - 1), record: record - before };
}

/** How many documents of its kind stand before a document in its record. */
function placeAmong({ columns }: Segment, { run }: LiveRun, document: number): number {
  let nth = 0;
  for (let i = document - 1; i >= run.first && columns.record[i] === columns.record[document]; i--) {
    if (kindAt(columns, i) === kindAt(columns, document)) nth++;
  }
  return nth;
}
