import type { Composing, Conversation } from './conversation.ts';

/** Where and as what a session is put back. */
export interface RestoreTarget {
  /** The agent's folder that it goes into. */
  readonly root: string;
  /** The id it has in the bucket, and the one it gets: another one for a fork. */
  readonly from: string;
  readonly session: string;
  /** A sub-agent's id, where its run becomes this session. */
  readonly agent?: string;
  /** Where its transcript lies already, `/`-separated, below `root`. */
  readonly transcript?: string;
  /** Real path of the folder in which the agent will work. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is known of a session before the agent is started on it. */
export interface Resumable extends RestoreTarget {
  /** The session's first record: codex keeps the settings of a thread there. */
  readonly first: unknown;
  /** Where its transcript lies, or will. */
  readonly path: string;
  /** What to ask the agent at once, without a terminal. */
  readonly prompt?: string;
}

/** Something that keeps the agent from going on with the session, and what to do about it. */
export interface Obstacle {
  readonly message: string;
  readonly hint: string;
  /** It may go on all the same. */
  readonly mild?: true;
}

/** How a harness's sessions are put back where their agent looks for them. Pure, but for `obstacles`. */
export interface Restoring {
  /** The agent's command. */
  readonly program: string;
  /** The environment variable that names the agent's folder. */
  readonly variable: string;
  /** What an id of this agent looks like: it becomes part of paths. */
  readonly id: RegExp;
  /**
   * Where a stream that is not on this host goes, `/`-separated, below the root; nothing for one that does not go
   * back. `first` is the stream's first record.
   */
  path(stream: string, first: unknown, target: RestoreTarget): string | undefined;
  /** Where a side file goes. */
  sideFile?(name: string, target: RestoreTarget): string | undefined;
  /** A block of whole records for this host, with as many lines as it had. */
  rewrite?(block: Uint8Array, target: RestoreTarget): Uint8Array;
  /** A line of an index that tells the name a person gave to the session. */
  title?(title: string, target: RestoreTarget, at: string): { readonly path: string; readonly line: string };
  /**
   * Where a record may stand before a person's prompt is counted: as the first of its turn, or behind that one. A fork
   * that ends before the turn ends before all of them.
   */
  beforePrompt(value: unknown): 'first' | 'behind' | undefined;
  /** A record as a fork has it, with the place it came from; of a sub-agent's, as a session's own. @throws CairnError `unfit` */
  forked?(value: unknown, target: RestoreTarget): unknown;
  /** The records of a new session that holds the conversation of another agent, and says so. */
  compose?(conversation: Conversation, target: RestoreTarget, composing: Composing): Iterable<object>;
  /** The command that goes on with the session, the program first. */
  command(session: Resumable): readonly string[];
  /** What would make the agent refuse it or, worse, begin anew. */
  obstacles(session: Resumable): Promise<readonly Obstacle[]>;
}
