import { type DocumentKind, type SearchSession, sessionId } from './document.ts';
import { isErrorAt, kindAt } from './documents.ts';
import type { LiveRun } from './search-index.ts';
import type { Segment } from './segment.ts';
import { filePrefix } from './segment-builder.ts';
import { normalised } from './tokens.ts';

/** What is searched. Texts are compared without case; all but `harness` and `kinds` may be parts of the name. */
export interface SearchFilter {
  readonly harness?: readonly string[];
  /** Id or its beginning. */
  readonly session?: string;
  /** Of these alone, as `harness/session`. */
  readonly sessions?: ReadonlySet<string>;
  readonly repo?: string;
  readonly host?: string;
  /** Milliseconds since 1970; an event without a time is in no range. */
  readonly since?: number;
  readonly until?: number;
  readonly kinds?: readonly DocumentKind[];
  readonly tool?: string;
  /** Path that a tool call names. */
  readonly file?: string;
  readonly error?: boolean;
}

/** Whether a session can have what is searched. */
function admitsSession(session: SearchSession, filter: SearchFilter): boolean {
  const { harness, repo, host } = filter;
  return (
    (harness === undefined || harness.includes(session.harness)) &&
    (filter.session === undefined || session.session.startsWith(filter.session)) &&
    (filter.sessions?.has(sessionId(session)) ?? true) &&
    has(session.repository ?? session.cwd, repo) &&
    has(session.host, host)
  );
}

/** The runs of a segment that are searched. */
export function admittedRuns(segment: Segment, live: readonly LiveRun[], filter: SearchFilter): readonly LiveRun[] {
  const sessions = segment.head.sessions.map((session) => admitsSession(session, filter));
  return live.filter(({ run }) => sessions[run.session]);
}

/** A test of single documents, or `undefined` where all pass. Reads from the segment where a file is asked for. */
export async function documentTest(
  segment: Segment,
  filter: SearchFilter,
): Promise<((document: number) => boolean) | undefined> {
  const { since, until, kinds, tool, file, error } = filter;
  const { columns, head } = segment;
  const tests: ((document: number) => boolean)[] = [];
  if (kinds !== undefined) tests.push((document) => kinds.includes(kindAt(columns, document)));
  if (error) tests.push((document) => isErrorAt(columns, document));
  if (since !== undefined || until !== undefined) {
    const [from, to] = [(since ?? 0) / 1000, (until ?? Number.POSITIVE_INFINITY) / 1000];
    tests.push((document) => {
      const time = columns.time[document] ?? 0;
      return time > 0 && time >= Math.floor(from) && time < to;
    });
  }
  if (tool !== undefined) {
    const wanted = new Set(head.tools.flatMap((name, i) => (has(name, tool) ? [i + 1] : [])));
    tests.push((document) => wanted.has(columns.tool[document] ?? 0));
  }
  if (file !== undefined) {
    const having = new Set<number>();
    const part = normalised(file);
    for await (const entry of segment.beginning(filePrefix)) {
      if (!has(entry.term.slice(1), part)) continue;
      for (const document of entry.postings().documents) having.add(document);
    }
    tests.push((document) => having.has(document));
  }
  return tests.length === 0 ? undefined : (document) => tests.every((test) => test(document));
}

function has(text: string | undefined, part: string | undefined): boolean {
  return part === undefined || (text?.toLowerCase().includes(part.toLowerCase()) ?? false);
}
