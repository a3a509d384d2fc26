import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ChildResult, run } from '../../child.ts';
import type { Agent } from '../agents/agent.ts';
import { install } from '../agents/install.ts';
import { Cairn, succeeded } from '../cairn.ts';
import type { Scenario } from '../model/scenario.ts';
import { type Model, startModel } from '../model/server.ts';
import { baseEnvironment, makePlace, type Place } from '../place.ts';

/** One thing that was to be seen; `problem` where it was not. */
export interface Check {
  readonly what: string;
  readonly problem?: string;
}

/** A host: a home and folders of its own; it shares only the bucket and the model. */
export interface Computer {
  readonly place: Place;
  readonly cairn: Cairn;
}

/** What a command answered, and what the model was asked meanwhile. */
export type Asked = ChildResult & { readonly asked: string };

interface Installed {
  readonly agent: Agent;
  readonly program: readonly string[];
}

const flags: Readonly<Record<string, readonly string[]>> = {
  'claude-code': ['--permission-mode', 'bypassPermissions', '--output-format', 'json'],
  codex: ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
};

/** Hosts with one agent, perhaps another beside it, and the model that all of them ask. */
export class Lab {
  readonly agent: Agent;
  readonly program: readonly string[];
  readonly model: Model;
  readonly #computers = new Map<string, Computer>();
  readonly #folder: string;
  readonly #bucket: string;
  readonly #others: readonly Installed[];
  readonly #first: Place;

  private constructor(
    { agent, program }: Installed,
    others: readonly Installed[],
    model: Model,
    place: { readonly folder: string; readonly bucket: string; readonly first: Place },
  ) {
    this.agent = agent;
    this.program = program;
    this.model = model;
    this.#others = others;
    this.#folder = place.folder;
    this.#bucket = place.bucket;
    this.#first = place.first;
  }

  /** `cues`: what the agents are asked besides the steps of their recording. */
  static async open(
    agent: Agent,
    others: readonly Agent[],
    folder: string,
    cues: readonly string[],
    bucket = pathToFileURL(join(folder, 'bucket')).href,
  ): Promise<Lab> {
    const own = { agent, program: await install(agent.package) };
    const also: Installed[] = [];
    for (const other of others) also.push({ agent: other, program: await install(other.package) });
    const first = await makePlace(join(folder, 'a'));
    const model = await startModel(withAnswers(agent.scenario(first.project), cues));
    return new Lab(own, also, model, { folder, bucket, first });
  }

  async computer(name: string): Promise<Computer> {
    const known = this.#computers.get(name);
    if (known) return known;
    const place = name === 'a' ? this.#first : await makePlace(join(this.#folder, name));
    const { agent, program, model } = this;
    const [bucket, others] = [this.#bucket, this.#others];
    for (const one of [agent, ...others.map((other) => other.agent)])
      await one.configure(place.home, model.url, place.project);
    // An agent with a runtime of its own finds that first.
    const folders = [program, ...others.map((other) => other.program)].flatMap((command) =>
      command.length > 1
        ? [join(command[0] ?? '', '..'), join(command[1] ?? '', '../../.bin')]
        : [join(command[0] ?? '', '..')],
    );
    const [other] = others;
    const path = folders.join(':');
    const cairn = new Cairn(agent, place, { bucket, modelUrl: model.url, path, ...(other && { also: other.agent }) });
    const computer = { place, cairn };
    this.#computers.set(name, computer);
    return computer;
  }

  /** Runs the agent's recording on a host; the ids of its session and of a fork of it. */
  async record({ place }: Computer): Promise<{ session: string; fork: string }> {
    const { agent, program } = this;
    let session = '';
    for (const step of agent.steps) {
      const stdout = await succeeded(this.#agent(place, step.args(session)));
      session ||= agent.sessionId(stdout.toString()) ?? '';
    }
    const sources = await agent.sources(place.home, program);
    const mains = new Set(sources.filter(({ stream }) => stream === 'main').map((source) => source.session));
    mains.delete(session);
    return { session, fork: [...mains][0] ?? '' };
  }

  /** Lets Cairn put a session back and the agent go on with it. */
  async ask({ cairn }: Computer, id: string, cue: string, ...rest: string[]): Promise<Asked> {
    const before = this.model.requests.length;
    const result = await cairn.resume(id, `${cue}: go on`, ...rest, '--', ...(flags[this.agent.harness] ?? []));
    return { ...result, asked: JSON.stringify(this.model.requests.slice(before)) };
  }

  /** The same in another agent. */
  async askIn({ cairn }: Computer, id: string, other: Agent, cue: string): Promise<Asked> {
    const before = this.model.requests.length;
    const more = ['--in', other.harness, '--', ...(flags[other.harness] ?? [])];
    const result = await cairn.resume(id, `${cue}: go on`, ...more);
    return { ...result, asked: JSON.stringify(this.model.requests.slice(before)) };
  }

  /** The agent by itself, without Cairn. */
  async native({ place }: Computer, session: string, cue: string): Promise<void> {
    const args: Readonly<Record<string, readonly string[]>> = {
      codex: ['exec', 'resume', ...(flags.codex ?? []), session, `${cue}: alone`],
      'claude-code': ['-p', `${cue}: alone`, '--resume', session, ...(flags['claude-code'] ?? [])],
      openclaw: ['agent', '--local', '--agent', 'main', '--session-id', session, '--json', '-m', `${cue}: alone`],
    };
    await succeeded(this.#agent(place, args[this.agent.harness] ?? []));
  }

  /** Any command of the agent. */
  command({ place }: Computer, ...args: readonly string[]): Promise<ChildResult> {
    return this.#agent(place, args);
  }

  environment({ place }: Computer): NodeJS.ProcessEnv {
    return { ...baseEnvironment(place.home), ...this.agent.environment(place.home, this.model.url) };
  }

  async close(): Promise<void> {
    await this.model.close();
  }

  #agent(place: Place, args: readonly string[]): Promise<ChildResult> {
    const env = { ...baseEnvironment(place.home), ...this.agent.environment(place.home, this.model.url) };
    return run([...this.program, ...args], { cwd: place.project, env });
  }
}

function withAnswers(scenario: Scenario, cues: readonly string[]): Scenario {
  const more = cues.map((cue) => ({ cue, steps: [[{ text: `Answer to ${cue}.` }]] }));
  return { ...scenario, turns: [...scenario.turns, ...more] };
}

/** That it succeeded, and that the model was asked with all of `wanted` and with none of `unwanted`. */
export function check(what: string, result: Asked, wanted: readonly string[], unwanted: readonly string[] = []): Check {
  const missing = wanted.filter((text) => !result.asked.includes(text));
  const back = unwanted.filter((text) => result.asked.includes(text));
  if (result.exit === 0 && missing.length === 0 && back.length === 0) return { what };
  const told = [`not asked with ${missing.join(', ') || '–'}`, `asked with ${back.join(', ') || '–'}`].join('; ');
  return { what, problem: `exit ${result.exit}, ${told}: ${result.stderr.slice(-1500)}` };
}

/** That `holds`; else the end of what a command said. */
export function seen(what: string, holds: boolean, { exit, stderr }: Pick<ChildResult, 'exit' | 'stderr'>): Check {
  return { what, ...(!holds && { problem: `exit ${exit}: ${stderr.slice(-1500)}` }) };
}

/** That a run of the mirror makes so many parts of main streams. */
export async function parts(what: string, { cairn }: Computer, wanted: number): Promise<Check> {
  const lines = (await succeeded(cairn.mirror())).toString().trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { event?: string; stream?: string });
  const got = events.filter(({ event, stream }) => event === 'part' && stream === 'main').length;
  return { what, ...(got !== wanted && { problem: `expected ${wanted}, got ${got}` }) };
}

/** That the session's transcript has so many heads. */
export async function heads(what: string, { cairn }: Computer, session: string, wanted: number): Promise<Check> {
  const shown = JSON.parse((await succeeded(cairn.show(session))).toString()) as {
    streams: { stream: string; heads: number[] }[];
  };
  const got = shown.streams.find(({ stream }) => stream === 'main')?.heads.length;
  return { what, ...(got !== wanted && { problem: `expected ${wanted}, got ${got}` }) };
}
