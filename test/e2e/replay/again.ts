import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { run } from '../../child.ts';
import type { Agent } from '../agents/agent.ts';
import { install } from '../agents/install.ts';
import { Cairn, program as cairnProgram, succeeded } from '../cairn.ts';
import { startModel } from '../model/server.ts';
import { baseEnvironment, makePlace, type Place } from '../place.ts';

/** A run of an agent on the answers that were recorded of an earlier one. */
export interface RunAgain {
  readonly agent: string;
  readonly version: string;
  readonly answers: number;
  /** Prompts, answers and calls that were compared. */
  readonly steps: number;
  readonly subagents: number;
  readonly problem?: string;
  readonly difference?: string;
}

/**
 * Lets the agent work for the scripted model, mirrors it, serves what was recorded, and lets it work again, in a home of
 * its own and the same folder, with no other model. Both sessions lie in one bucket and are compared there.
 */
export async function runAgain(agent: Agent, folder: string): Promise<RunAgain> {
  const place = await makePlace(join(folder, 'one'));
  const model = await startModel(agent.scenario(place.project));
  const bucket = pathToFileURL(join(folder, 'bucket')).href;
  const facts = { agent: agent.harness, version: agent.package.version };
  let first: string;
  try {
    await prompt(agent, place, model.url);
    const cairn = new Cairn(agent, place, { bucket });
    await succeeded(cairn.mirror());
    first = await onlySession(cairn);
  } finally {
    await model.close();
  }
  // The agent is to find the folder as it was: tools name its path.
  await rename(place.project, join(folder, 'first-project'));
  const other = await makePlace(join(folder, 'two'));
  await mkdir(place.project);
  for (const name of await readdir(other.project)) await rename(join(other.project, name), join(place.project, name));
  await rm(other.project, { recursive: true });
  const again = { ...other, project: place.project };
  const cairn = new Cairn(agent, again, { bucket });
  const served = await serve(cairn, first);
  try {
    await prompt(agent, again, served.url);
  } finally {
    await served.close();
  }
  await succeeded(cairn.mirror());
  const second = (await sessions(cairn)).find((session) => session !== first) ?? '';
  const { exit, stdout } = await cairn.command('session', 'diff', first, second, '--json');
  const { steps = 0 } = JSON.parse(stdout.toString().trimEnd().split('\n').at(-1) ?? '{}') as { steps?: number };
  const subagents = await Promise.all([first, second].map((session) => agentsOf(cairn, session)));
  const [before = 0, after = 0] = subagents;
  const found = { ...facts, answers: served.answers, steps, subagents: after };
  if (exit !== 0) return { ...found, problem: 'differs', difference: stdout.toString().slice(0, 4000) };
  if (before !== after) return { ...found, problem: `${before} sub-agents before` };
  return steps > 0 ? found : { ...found, problem: 'nothing to compare' };
}

async function prompt(agent: Agent, { home, project }: Place, modelUrl: string): Promise<void> {
  const [step] = agent.steps;
  if (!step) throw new Error(`${agent.harness} has no step`);
  await agent.configure(home, modelUrl, project);
  const env = { ...baseEnvironment(home), ...agent.environment(home, modelUrl) };
  const command = [...(await install(agent.package)), ...step.args('')];
  const { exit, stdout, stderr } = await run(command, { cwd: project, env });
  if (exit !== 0)
    throw new Error(`${agent.harness}: exit ${exit}\n${stderr.slice(-2000)}\n${stdout.toString().slice(-2000)}`);
}

async function sessions(cairn: Cairn): Promise<string[]> {
  const lines = (await succeeded(cairn.list())).toString().trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { session: string }).session);
}

async function onlySession(cairn: Cairn): Promise<string> {
  const [session, ...more] = await sessions(cairn);
  if (session === undefined || more.length > 0) throw new Error(`expected one session, found ${more.length + 1}`);
  return session;
}

async function agentsOf(cairn: Cairn, session: string): Promise<number> {
  const shown = JSON.parse((await succeeded(cairn.show(session))).toString()) as { streams: { stream: string }[] };
  return shown.streams.filter(({ stream }) => stream.startsWith('agent-')).length;
}

/** `session replay --serve` as a child process, on a port of its own. */
async function serve(cairn: Cairn, session: string) {
  const { cwd, env } = cairn;
  const args = [cairnProgram, 'session', 'replay', session, '--serve', '--json'];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`expected a server, got exit ${code}`))),
  ]);
  const { url, answers } = JSON.parse(String(line)) as { url: string; answers: number };
  return {
    url,
    answers,
    async close() {
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}
