import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from './agents/agent.ts';
import { Cairn, succeeded } from './cairn.ts';
import { type Comparison, compare } from './compare.ts';
import type { Place } from './place.ts';
import { type Recording, record } from './record.ts';

export interface Exercise extends Recording {
  readonly agent: string;
  readonly version: string;
  readonly mirror: MirrorRuns;
  readonly sessions: readonly SessionCheck[];
  readonly comparisons: readonly Comparison[];
}

interface MirrorRuns {
  /** Runs while the agent was at work. */
  readonly runs: number;
  readonly failures: readonly string[];
}

interface SessionCheck {
  readonly session: string;
  readonly listed: boolean;
  /** Exit code of `session verify`. */
  readonly verified: number | string;
}

/** Records an agent and mirrors it meanwhile, then holds every file of its sessions against the bucket. */
export async function exercise(agent: Agent, place: Place): Promise<Exercise> {
  const cairn = new Cairn(agent, place);
  const working = new AbortController();
  const [recording, mirror] = await Promise.all([
    record(agent, place).finally(() => working.abort()),
    mirrorUntil(cairn, working.signal),
  ]);

  await succeeded(cairn.mirror());
  const sources = await agent.sources(place.home, recording.program);
  const listed = await succeeded(cairn.list());
  const sessions: SessionCheck[] = [];
  for (const session of new Set(sources.map((source) => source.session))) {
    const { exit } = await cairn.verify(session);
    sessions.push({ session, listed: listed.includes(session), verified: exit });
  }
  const comparisons: Comparison[] = [];
  for (const source of sources) comparisons.push(await compare(cairn, source));
  const { harness, package: installed } = agent;
  return { agent: harness, version: installed.version, ...recording, mirror, sessions, comparisons };
}

async function mirrorUntil(cairn: Cairn, done: AbortSignal): Promise<MirrorRuns> {
  const failures: string[] = [];
  let runs = 0;
  for (; !done.aborted; runs++) {
    const { exit, stderr } = await cairn.mirror();
    // Before the agent's first write there is no session: that is said, and no failure.
    if (exit !== 0 && exit !== 9 && exit !== 10) failures.push(`exit ${exit}: ${stderr.slice(-2000)}`);
    await sleep(200);
  }
  return { runs, failures };
}
