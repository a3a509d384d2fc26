import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ChildResult, run } from '../child.ts';
import type { Agent } from './agents/agent.ts';
import { baseEnvironment, type Place } from './place.ts';

export const program = join(import.meta.dirname, '../../../dist/src/cli/main.js');

export interface CairnOptions {
  /** Default a folder beside the agent's home. */
  readonly bucket?: string;
  /** Where an agent that Cairn starts finds its model. */
  readonly modelUrl?: string;
  /** Another agent on the same host. */
  readonly also?: Agent;
  /** Folders of the agents' programs, separated by `:`. */
  readonly path?: string;
}

/** Of a bucket that is not a folder. */
function credentials(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
}

/** Cairn as a person runs it: a child process, with a directory bucket and a state folder beside the agent's home. */
export class Cairn {
  readonly cwd: string;
  readonly #agent: Agent;
  readonly env: NodeJS.ProcessEnv;

  constructor(agent: Agent, { folder, home, project }: Place, { bucket, modelUrl, path, also }: CairnOptions = {}) {
    this.#agent = agent;
    this.cwd = project;
    this.env = {
      ...baseEnvironment(home),
      ...agent.environment(home, modelUrl ?? 'http://127.0.0.1:1'),
      ...also?.environment(home, modelUrl ?? 'http://127.0.0.1:1'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_DATA_HOME: join(folder, 'data'),
      CAIRN_BUCKET: bucket ?? pathToFileURL(join(folder, 'bucket')).href,
      CAIRN_AGENT: `tester@${basename(folder)}`,
      ...(path !== undefined && { PATH: `${path}:${process.env.PATH}` }),
      ...(bucket?.startsWith('s3:') && credentials()),
    };
  }

  /** Puts a session back and lets the agent go on with it. */
  resume(session: string, prompt: string, ...rest: readonly string[]): Promise<ChildResult> {
    return this.#run('session', 'resume', session, '--exec', '--prompt', prompt, ...rest);
  }

  /** The description of a session, as `--json` gives it. */
  show(session: string): Promise<ChildResult> {
    return this.#run('session', 'show', session, '--json');
  }

  /** Any command of the program. */
  command(...args: readonly string[]): Promise<ChildResult> {
    return this.#run(...args);
  }

  /** Ships what is new of every session of the agent. */
  mirror(): Promise<ChildResult> {
    return this.#run('session', 'mirror', '--harness', this.#agent.harness, '--all', '--json');
  }

  stop(session: string): Promise<ChildResult> {
    return this.#run('session', 'stop', session);
  }

  list(): Promise<ChildResult> {
    return this.#run('session', 'list', '--json');
  }

  cat(session: string, stream: string): Promise<ChildResult> {
    return this.#run('session', 'cat', session, '--stream', stream);
  }

  verify(session: string): Promise<ChildResult> {
    return this.#run('session', 'verify', session);
  }

  #run(...args: readonly string[]): Promise<ChildResult> {
    return run([process.execPath, program, ...args], { cwd: this.cwd, env: this.env });
  }
}

/** Standard output of a command that must succeed. */
export async function succeeded(result: Promise<ChildResult>): Promise<Buffer> {
  const { exit, stdout, stderr } = await result;
  if (exit !== 0) throw new Error(`expected exit 0, got ${exit}: ${stderr.slice(-2000)}`);
  return stdout;
}
