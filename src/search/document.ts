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
  /** Events of the stream up to the end of this run, those without text included. */
  readonly events: number;
  /** Number of the epoch's first part that the run was made from, of that part's first record, and records by part. */
  readonly part: number;
  readonly record: number;
  readonly records: readonly number[];
}
