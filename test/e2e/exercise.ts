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
  /** Runs from the agent's first step to its last. */
  readonly runs: number;
  /** Parts that lay in the bucket while the agent's process that wrote their records still ran. */
  readonly liveParts: number;
  readonly failures: readonly string[];
}

interface MirrorRun {
  readonly from: number;
  readonly to: number;
  readonly parts: number;
  readonly failure?: string;
}

interface SessionCheck {
  readonly session: string;
  readonly listed: boolean;
  /** Exit codes of `session stop` and `session verify`. */
  readonly stopped: number | string;
  readonly verified: number | string;
}

/** Records an agent and mirrors it meanwhile, then holds every file of its sessions against the bucket. */
export async function exercise(agent: Agent, place: Place): Promise<Exercise> {
  const cairn = new Cairn(agent, place);
  const working = new AbortController();
  const [recording, runs] = await Promise.all([
    record(agent, place).finally(() => working.abort()),
    mirrorUntil(cairn, working.signal),
  ]);

  await succeeded(cairn.mirror());
  const sources = await agent.sources(place.home, recording.program);
  const sessions: SessionCheck[] = [];
  for (const session of new Set(sources.map((source) => source.session))) {
    const { exit: stopped } = await cairn.stop(session);
    const { exit: verified } = await cairn.verify(session);
    const listed = (await succeeded(cairn.list())).includes(session);
    sessions.push({ session, listed, stopped, verified });
  }
  const comparisons: Comparison[] = [];
  for (const source of sources) comparisons.push(await compare(cairn, source));
  const { harness, package: installed } = agent;
  const mirror = judge(runs, recording);
  return { agent: harness, version: installed.version, ...recording, mirror, sessions, comparisons };
}

async function mirrorUntil(cairn: Cairn, done: AbortSignal): Promise<MirrorRun[]> {
  const runs: MirrorRun[] = [];
  while (!done.aborted) {
    const from = Date.now();
    const { exit, stdout, stderr } = await cairn.mirror();
    const parts = stdout.toString().split('"event":"part"').length - 1;
    // Before the agent's first write there is no session: that is said, and no failure.
    const failed = exit !== 0 && exit !== 9 && exit !== 10;
    runs.push({ from, to: Date.now(), parts, ...(failed && { failure: `exit ${exit}: ${stderr.slice(-2000)}` }) });
    await sleep(200);
  }
  return runs;
}

function judge(runs: readonly MirrorRun[], { steps }: Recording): MirrorRuns {
  const live = runs.filter((run) => steps.some((step) => step.from < run.from && run.to < step.to));
  return {
    runs: runs.length,
    liveParts: live.reduce((sum, { parts }) => sum + parts, 0),
    failures: runs.map(({ failure }) => failure).filter((failure) => failure !== undefined),
  };
}
