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
  /** Where its record lies: a part, and the number of the record in it. */
  readonly place: { readonly epoch: number; readonly part: number; readonly record: number };
}

export interface SearchOptions {
  readonly filter?: SearchFilter;
  /** Default 10. */
  readonly limit?: number;
  /** Hits of one session, at most; default 3. */
  readonly perSession?: number;
}

export interface Found {
  /** The best first; equal ones by time, the newest first. */
  readonly hits: readonly Hit[];
  /** All events that match, and the sessions they are in. */
  readonly total: number;
  readonly sessions: number;
}

interface Candidate {
  readonly segment: Segment;
  readonly run: LiveRun;
  readonly document: number;
  readonly score: number;
  readonly time: number;
}

/** Searches the index; without a query all events that pass the filter match. */
export async function searchIndex(
  index: SearchIndex,
  query: Query | undefined,
  options: SearchOptions = {},
): Promise<Found> {
  const { filter = {}, limit = 10, perSession = 3 } = options;
  const matches = await Promise.all(
    index.segments.map((segment) => (query ? evaluate(segment, query) : everything(segment))),
  );
  const scoresOf = scorer(matches);
  const best = new Map<string, Candidate[]>();
  let total = 0;
  for (const one of matches) {
    const { segment } = one;
    const scores = scoresOf(one);
    const test = await documentTest(segment, filter);
    for (const [run, from, to] of within(one.documents, admittedRuns(segment, index.live.get(segment) ?? [], filter))) {
      const session = segment.head.sessions[run.run.session];
      if (!session) continue;
      const id = sessionId(session);
      for (let i = from; i < to; i++) {
        const document = one.documents[i] ?? 0;
        if ((segment.columns.seq[document] ?? 0) < run.since || test?.(document) === false) continue;
        total++;
        const score = scores[i] ?? 0;
        const own = best.get(id) ?? [];
        if (own.length === 0) best.set(id, own);
        insert(own, { segment, run, document, score, time: segment.columns.time[document] ?? 0 }, perSession);
      }
    }
  }
  const chosen = [...best.values()].flat().sort(byRank).slice(0, limit);
  return { hits: chosen.map((candidate) => hitOf(index, candidate)), total, sessions: best.size };
}

function everything(segment: Segment): SegmentMatches {
  return { segment, documents: Uint32Array.from({ length: segment.head.documents }, (_, i) => i), phrases: [] };
}

/** Documents by run: index of the first, and behind the last. */
function* within(
  documents: Uint32Array,
  runs: readonly LiveRun[],
): Generator<[run: LiveRun, from: number, to: number]> {
  let at = 0;
  for (const run of runs) {
    const { first, count } = run.run;
    while (at < documents.length && (documents[at] ?? 0) < first) at++;
    const from = at;
    while (at < documents.length && (documents[at] ?? 0) < first + count) at++;
    if (at > from) yield [run, from, at];
  }
}

function byRank(a: Candidate, b: Candidate): number {
  return b.score - a.score || b.time - a.time || a.segment.id.localeCompare(b.segment.id) || b.document - a.document;
}

function insert(own: Candidate[], candidate: Candidate, most: number): void {
  const last = own.at(-1);
  if (own.length >= most && last && byRank(last, candidate) <= 0) return;
  own.push(candidate);
  own.sort(byRank);
  if (own.length > most) own.pop();
}

function hitOf(index: SearchIndex, { segment, run: { run }, document, score, time }: Candidate): Hit {
  const { columns, head } = segment;
  const indexed = head.sessions[run.session] as SearchSession;
  const { harness, session, host, title, repository } = index.sessions.get(sessionId(indexed)) ?? indexed;
  const tool = head.tools[(columns.tool[document] ?? 0) - 1];
  return {
    harness,
    session,
    stream: run.stream,
    seq: columns.seq[document] ?? 0,
    kind: kindAt(columns, document),
    error: isErrorAt(columns, document),
    ...(tool !== undefined && { tool }),
    ...(time > 0 && { time: new Date(time * 1000).toISOString() }),
    score: Math.round(score * 1000) / 1000,
    host,
    ...(title !== undefined && { title }),
    ...(repository !== undefined && { repository }),
    place: { epoch: run.epoch, ...placeIn(run.parts, columns.record[document] ?? 0) },
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
