import type { Obstacle, RestoreTarget } from './restoring.ts';
import type { FileRef } from './types.ts';

/** Where a session goes, and what the agent calls it there. */
export interface ImportTarget extends RestoreTarget {
  /** As `name` gave it. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What an agent is handed of a session. */
export interface ImportForm {
  readonly files: readonly ImportFile[];
  /** What of the session is not in them, and how often. */
  readonly lost: Readonly<Record<string, number>>;
}

export interface ImportFile {
  /** `/`-separated, below the agent's folder. */
  readonly path: string;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** How sessions go back to an agent that keeps them in a database: by its own import, from files. */
export interface Importing {
  /** The agent's command. */
  readonly program: string;
  /** The environment variable that names the agent's folder. */
  readonly variable: string;
  /** What an id of this agent looks like: it becomes part of paths. */
  readonly id: RegExp;
  /** Whether the import adds what is missing to a session that is there; otherwise it leaves that alone. */
  readonly extending: boolean;
  /** What never goes along, for people. */
  readonly never: readonly string[];
  /** What the agent calls the session here. `local`: where it has it already. */
  name(target: RestoreTarget, local: FileRef | undefined): Promise<string>;
  /** The files for `records`: whole lines, all of the session or the first and those that the agent does not have. */
  compose(records: AsyncIterable<Uint8Array>, target: ImportTarget): Promise<ImportForm>;
  /** What of records has to be equal, in order, where rows get other ids when they are imported; default each record. */
  essence?(records: AsyncIterable<Uint8Array>): AsyncIterable<string>;
  /** The command that imports files, the program first. */
  importer(target: ImportTarget, paths: readonly string[]): readonly string[];
  /** The command that goes on with the session, at once with `prompt`. */
  command(target: ImportTarget, prompt: string | undefined): readonly string[];
  /** What would make the import or the agent refuse. */
  obstacles(target: ImportTarget): Promise<readonly Obstacle[]>;
}
