import type { Scenario } from '../model/scenario.ts';
import type { Package } from './install.ts';

/** A real coding agent and the steps of its recording. */
export interface Agent {
  /** As Cairn's `--harness` names it. */
  readonly harness: string;
  readonly package: Package;
  /** What it does is scripted; `project` is its working directory. */
  scenario(project: string): Scenario;
  /** Writes the agent's configuration below `home`. */
  configure(home: string, modelUrl: string, project: string): Promise<void>;
  environment(home: string, modelUrl: string): NodeJS.ProcessEnv;
  readonly steps: readonly Step[];
  /** The session's id in what the first step printed. */
  sessionId(stdout: string): string | undefined;
  /** The session files below `home`, and what each is in Cairn's terms. `program` is the command that runs the agent. */
  sources(home: string, program: readonly string[]): Promise<readonly Source[]>;
}

export interface Step {
  readonly name: string;
  /** `session` is the id that the first step gave. */
  args(session: string): readonly string[];
  /** A step that must ask the model nothing would prove nothing: how many requests it makes at least. */
  readonly requests: number;
}

/** One stream's records, in a file or a database, or a side file in the session's `files` stream. */
export interface Source {
  readonly path: string;
  readonly session: string;
  readonly stream: string;
  /** The side file's name in the `files` stream. */
  readonly file?: string;
  /** The records, where the file does not hold them as they are. */
  readonly content?: Buffer;
}
