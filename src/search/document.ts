/** What a document is of: an event's kind, and who speaks where it is a message. The order is law (docs/format.md). */
export const documentKinds = [
  'other',
  'user',
  'assistant',
  'system',
  'thinking',
  'tool_call',
  'tool_result',
  'compaction',
  'subagent',
  'attachment',
  'error',
  'unknown',
] as const;

export type DocumentKind = (typeof documentKinds)[number];

/** One event as it is searched. */
export interface SearchDocument {
  readonly seq: number;
  /** Number of its record in `epoch`. */
  readonly epoch: number;
  readonly record: number;
  /** Milliseconds since 1970. */
  readonly time?: number;
  readonly kind: DocumentKind;
  readonly error: boolean;
  readonly tool?: string;
  /** Paths that a tool call names. */
  readonly files: readonly string[];
  readonly text: string;
}

/** What is known of a session beside its documents: as the catalog said when it was indexed. */
export interface SearchSession {
  readonly harness: string;
  readonly session: string;
  /** The catalog's: another one means that there is more to index. */
  readonly updatedAt: string;
  readonly host: string;
  readonly title?: string;
  readonly repository?: string;
  readonly cwd?: string;
}

/** A session's name within the project. */
export function sessionId({ harness, session }: Pick<SearchSession, 'harness' | 'session'>): string {
  return `${harness}/${session}`;
}

/** Keeps what was known last of a session, by its name, which is returned. */
export function keepNewest(sessions: Map<string, SearchSession>, session: SearchSession): string {
  const id = sessionId(session);
  const known = sessions.get(id);
  if (!known || known.updatedAt < session.updatedAt) sessions.set(id, session);
  return id;
}

/** Documents that follow each other: of one stream, their records in one epoch. */
export interface Run {
  /** Index in the segment's sessions. */
  readonly session: number;
  readonly stream: string;
  /** The epoch that was read. Runs of an older one are superseded. */
  readonly head: number;
  /** The epoch that holds the records: the head, or one that it departs from. */
  readonly epoch: number;
  /** First document, and how many. */
  readonly first: number;
  readonly count: number;
  /** Events of the stream that the run covers, those without text included: `from` to `events`, the latter excluded. */
  readonly from: number;
  readonly events: number;
  /** Records of each of the epoch's parts up to the end of the run: where a record lies. */
  readonly parts: readonly number[];
}
