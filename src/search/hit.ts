import { type DocumentKind, type SearchSession, sessionId } from './document.ts';
import { isErrorAt, kindAt } from './documents.ts';
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

/** A document of a segment, as it is told. */
export function hitOf(index: SearchIndex, segment: Segment, live: LiveRun, document: number, score: number): Hit {
  const { columns, head } = segment;
  const indexed = sessionOf(segment, live);
  const time = columns.time[document] ?? 0;
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
export function recordsBeside(parts: readonly number[], record: number): [number, number] {
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

export function sessionOf(segment: Segment, live: LiveRun): SearchSession {
  return segment.head.sessions[live.run.session] as SearchSession;
}
