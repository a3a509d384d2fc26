import type { Projector } from '../trajectory/projector.ts';
import type { Cursor, Position } from './cursor.ts';
import type { Importing } from './importing.ts';
import type { Restoring } from './restoring.ts';

/** What a harness may know of the host: handed in, so that a test can own it. */
export interface HarnessEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * One coding agent. A harness is constants and one object on the kit of this folder: it says where
 * sessions lie, which files are which stream, and what a record means. It never writes.
 */
export interface Harness {
  /** As in `--harness` and in keys: lower case, digits, `-`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Agent versions whose format was seen; a newer one gives a warning, never an error. */
  readonly seen: readonly string[];
  /** Versions of the database's schema that were seen, where there is one. */
  readonly schemas?: readonly string[];

  /** Folders that hold sessions of this host, whether they exist or not. Pure. */
  roots(environment: HarnessEnvironment): readonly string[];

  /** Files and folders at or below `root` in which sessions appear and grow: for a watcher. Pure. */
  watched(root: string): readonly string[];

  /**
   * After how many days without a change the agent deletes a session by itself, as its settings below `root` have it;
   * `undefined`, or no such member: never.
   */
  keepsDays?(root: string): number | undefined;

  /**
   * The sessions below `root`, bases before what departs from them. An unreadable entry is reported
   * through `options.report`, never thrown; a missing root gives nothing.
   */
  discover(root: string, options: DiscoverOptions): AsyncIterable<SessionRef>;

  /**
   * Whole records after `cursor` (from the start without one), in chunks of about
   * `options.chunkBytes`. A chunk never ends inside a record. A source that no longer continues what
   * `cursor` covers gives one chunk with `reset` and no bytes, and ends. A chunk without records and
   * without `reset` moves the cursor (the file has another path now) or tells what is pending: there
   * is nothing to ship. Ends behind the chunk with `last`, or early when the signal is aborted.
   * @throws CairnError `denied`, `not-found` (vanished), `too-large` (a record above 1 GiB), `corrupt`,
   * `unavailable` (changed at every attempt)
   */
  read(stream: StreamRef, cursor: Cursor | undefined, options: ReadOptions): AsyncIterable<Chunk>;

  /**
   * This source's cursor at `part.to`: for `bytes` if this source from `part.from` to `part.to` gives
   * the same keyed hash `part.source`, and so for `rows`; for `versions` and `changes` by folding the part's
   * records; else nothing. Never trusts a range that it cannot read.
   * @throws CairnError as `read` does
   */
  adopt(stream: StreamRef, part: PartRange, options: AdoptOptions): Promise<Cursor | undefined>;

  /**
   * For a `bytes` stream of several files: the one that `read` takes, and those that hold something
   * else under the same name, each of which is a branch: `read` it with a cursor of its own.
   */
  select(stream: StreamRef, cursor: Cursor | undefined): Promise<Selection>;

  /**
   * The full check: reads all that `cursor` covers, and says whether the source still has it to the
   * byte. A `versions` or `changes` stream is a log of changes: it has no past that could be disproved.
   */
  prove(stream: StreamRef, cursor: Cursor): Promise<boolean>;

  /**
   * Folds one redacted record into the summary of its session: pure, never throws, keeps what it does
   * not understand. `record` is without its `\n`.
   */
  summarise(summary: SessionSummary, record: RecordView): SessionSummary;

  /**
   * The newest record of a stream's source as it lies there, unredacted; `undefined` where a look would cost more than
   * it is worth: it is compressed or longer than 16 KiB.
   * @throws CairnError as `read` does
   */
  newest?(stream: StreamRef): Promise<unknown>;

  /**
   * Whether an agent's turn ends with this unredacted record of its main stream: what it did is then shipped without
   * waiting. Pure, never throws; absent where no record tells.
   */
  endsTurn?(record: unknown): boolean;

  /** How sessions are put back where the agent goes on with them; absent where it has no way for that. */
  readonly restoring?: Restoring;
  /** The same for an agent that has to import them. */
  readonly importing?: Importing;
  /** A compaction's summary without what the agent wraps it in for its own model. */
  readonly unwrapped?: (summary: string) => string;
  /** What makes events of a stream's redacted records; without it every record is an `unknown` event. */
  projector?(stream: string): Projector;
  /**
   * What of a text in a tool's result is the same when the call is made again: the agent's own ids, times and places
   * are taken out. `name` is the field that the text stands in.
   */
  lasting?(text: string, name: string): string;
}

export interface DiscoverOptions {
  /** Something that should be readable is not: the session or file it was, and why. */
  readonly report: (problem: { readonly path: string; readonly cause: unknown }) => void;
  /** Side files that are kept only on request (claude-code: `file-history`). */
  readonly extras?: boolean;
  /** Every session's kind is wanted, though its transcript must be looked into for it. */
  readonly kinds?: boolean;
  /** Working directory of a session as an earlier run found it: what is known need not be read again. */
  readonly cwdOf?: (session: string) => string | undefined;
}

/** Who was at work: a person, a program through the agent's SDK or server, or a run without anyone (`claude -p`, `codex exec`, cron). */
export type SessionKind = 'interactive' | 'sdk' | 'batch';

/** A session as it lies on this host. */
export interface SessionRef {
  readonly harness: string;
  /** The harness's own id. */
  readonly id: string;
  /** The name a person gave it, where the harness keeps that outside the session's own files. Unredacted. */
  readonly title?: string;
  /** Working directory, where it is known without reading much. */
  readonly cwd?: string;
  /** Known when discovery was asked for it, and the session says so. */
  readonly sessionKind?: SessionKind;
  /** Newest modification time of its files, milliseconds since 1970: for ordering and `--since` only. */
  readonly modified: number;
  readonly streams: readonly StreamRef[];
  readonly lineage: readonly Lineage[];
  /** Versions of the agent and of its database's schema, where they stand outside of the records. */
  readonly agentVersion?: string;
  readonly schema?: string;
  /** The mark of the project under which the Claude Agent SDK keeps it: see `docs/format.md`. */
  readonly sdkProject?: string;
}

export interface Lineage {
  readonly kind: 'base' | 'fork' | 'parent' | 'continues';
  readonly session: string;
  /** Where in the other session: an ordinal, a uuid; as the harness names it. */
  readonly at?: string | number;
}

export interface StreamRef {
  /**
   * `main`, `agent-<id>`, `segment-<id>`, `files`; `file-history` for extras, which have a stream of
   * their own so that a run without them does not take them for deleted.
   */
  readonly name: string;
  readonly kind: Cursor['kind'];
  /**
   * Files whose stamps decide whether anything can be new. For `bytes` these are the candidates for
   * the stream's one source (a plain and a compressed form, two copies); for `versions` the side files;
   * for `rows` and `changes` the databases that hold the session, each with `key` and a stamp with `mark`.
   */
  readonly files: readonly FileRef[];
}

/** Streams of one file each. */
export interface Selection {
  readonly primary: StreamRef;
  readonly others: readonly StreamRef[];
}

export interface FileRef {
  readonly path: string;
  /** Path shown in the bucket, relative to the session, `/`-separated; for side files only. */
  readonly name?: string;
  /** The session's key in a database. */
  readonly key?: string;
  readonly stamp: FileStamp;
}

/** Equal stamps mean: not touched since. Numbers are as stat gives them (times in nanoseconds as decimal strings). */
export interface FileStamp {
  readonly dev: string;
  readonly ino: string;
  readonly size: number;
  readonly mtime: string;
  readonly ctime: string;
  /**
   * For one session in a database: changes when its rows do, and is then all that counts. Size is an estimate of the
   * session's bytes, times are the session's.
   */
  readonly mark?: string;
}

export interface ReadOptions {
  readonly key: SourceKey;
  /** Records of a chunk, in bytes, unless one record is larger: at most the size of a part. */
  readonly chunkBytes: number;
  /** Redacts and stores a side file that is too large for a record; gives the hash and size of what was stored. */
  blob(file: FileRef): Promise<{ readonly sha256: string; readonly size: number }>;
  readonly signal?: AbortSignal;
}

export interface AdoptOptions {
  readonly key: SourceKey;
  /** The cursor at `part.from`; absent at the source's start. */
  readonly previous: Cursor | undefined;
  /** The part's redacted records, fetched when asked for. */
  records(): AsyncIterable<Uint8Array>;
}

/** The part of a part's header by which a source recognises itself. */
export interface PartRange {
  readonly from: Position;
  readonly to: Position;
  readonly records: number;
  readonly source: string;
}

/** Keyed hash of source bytes: a plain hash would let a reader of the bucket try guesses of a secret. */
export interface SourceKey {
  hmac(): { update(bytes: Uint8Array): void; digest(): string };
}

export type ResetReason = 'truncated' | 'rewritten' | 'replaced';

export interface Chunk {
  /** Whole records, each ended by `\n`, unredacted. Handed over: their memory may be moved to another thread. */
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Keyed hash of the source's bytes that `bytes` was made from. */
  readonly source: string;
  readonly from: Position;
  readonly to: Cursor;
  /** Bytes behind the last `\n`: a record still being written. Known in the last chunk, else 0. */
  readonly pending: number;
  /** Nothing is left behind this chunk as the source stood when it was read. */
  readonly last: boolean;
  readonly reset?: ResetReason;
}

export interface RecordView {
  readonly stream: string;
  readonly bytes: Uint8Array;
  /** `undefined` if `bytes` is no JSON, `null` if it is too large to be parsed (`parseRecord`). */
  readonly value: unknown;
}

/** A fold over redacted records: bounded in size, whatever the session. */
export interface SessionSummary {
  readonly title?: string;
  /** Where the title comes from: a stronger source is not replaced by a weaker one. */
  readonly titleFrom?: 'prompt' | 'agent' | 'user';
  readonly cwd?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly repository?: string;
  readonly agentVersion?: string;
  /** Version of the database's schema. */
  readonly schema?: string;
  /** At most 16. */
  readonly models?: readonly string[];
  /** Prompts of a person in the main stream and its segments. */
  readonly turns: number;
  /** Lines of the transcript streams, the invalid ones included; not those of `files`. */
  readonly records: number;
  /** Lines that are no JSON: torn, spliced, NUL runs. */
  readonly invalid: number;
  /** Records of a type that this harness does not know. */
  readonly unknown: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly lineage?: readonly Lineage[];
}
