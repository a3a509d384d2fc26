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

/** What the agents are asked besides the steps of their recording. */
const asked = ['CUE-ON-B', 'CUE-ON-A', 'CUE-ON-C', 'CUE-APART-A', 'CUE-APART-B', 'CUE-FORKED', 'CUE-OTHER', 'CUE-CUT'];
const flags: Readonly<Record<string, readonly string[]>> = {
  'claude-code': ['--permission-mode', 'bypassPermissions', '--output-format', 'json'],
  codex: ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
};

interface Computer {
  readonly place: Place;
  readonly cairn: Cairn;
}

/**
 * Records an agent on host A, goes on with its sessions on hosts B and C, which have homes, folders and paths of
 * their own and share only the bucket, then on A again: told by what the model was asked.
 */
export async function* resumeElsewhere(
  agent: Agent,
  other: Agent,
  folder: string,
  bucket?: string,
): AsyncGenerator<Check> {
  const program = await install(agent.package);
  const otherProgram = await install(other.package);
  const placeA = await makePlace(join(folder, 'a'));
  const model = await startModel(withAnswers(agent.scenario(placeA.project)));
  const computer = async (name: string): Promise<Computer> => {
    const place = name === 'a' ? placeA : await makePlace(join(folder, name));
    for (const one of [agent, other]) await one.configure(place.home, model.url, place.project);
    const cairn = new Cairn(agent, place, {
      bucket: bucket ?? pathToFileURL(join(folder, 'bucket')).href,
      modelUrl: model.url,
      path: [program, otherProgram].map(([path = '']) => join(path, '..')).join(':'),
      also: other,
    });
    return { place, cairn };
  };
  try {
    const [a, b, c] = [await computer('a'), await computer('b'), await computer('c')];
    const { session, fork } = await recordOn(agent, program, a, model);
    await succeeded(a.cairn.mirror());
    const ask = async ({ cairn }: Computer, id: string, cue: string, ...rest: string[]) => {
      const before = model.requests.length;
      const result = await cairn.resume(id, `${cue}: go on`, ...rest, '--', ...(flags[agent.harness] ?? []));
      return { ...result, asked: JSON.stringify(model.requests.slice(before)) };
    };
    const earlier = agent.harness === 'codex' ? 'CUE-FULL' : 'CUE-AFTER';

    const onB = await ask(b, session, 'CUE-ON-B');
    yield check('B goes on: the model is asked with the turns of A', onB, [earlier, 'CUE-ON-B']);
    yield quiet('what B restored is not shipped again', await partsOf(b), 1);
    const onA = await ask(a, session, 'CUE-ON-A');
    yield check('A goes on: the model is asked with the turns of B', onA, [earlier, 'CUE-ON-B', 'Answer to CUE-ON-B']);
    await succeeded(a.cairn.mirror());
    yield await heads('one session, one head, after both', a, session, 1);
    const again = await ask(b, session, 'CUE-ON-B');
    yield check('B goes on again: the model is asked with the turns of A', again, ['Answer to CUE-ON-A']);
    await succeeded(b.cairn.mirror());

    const onC = await ask(c, fork, 'CUE-ON-C');
    yield check('a fork, restored with its base', onC, ['CUE-FORK', 'CUE-ON-C']);

    const converted = await c.cairn.resume(
      session,
      'CUE-OTHER: go on',
      ...['--in', other.harness, '--', ...(flags[other.harness] ?? [])],
    );
    const seen = { ...converted, asked: JSON.stringify(model.requests.slice(-1)) };
    yield check(`converted, and gone on with in ${other.harness}`, seen, [earlier, 'Answer to CUE-ON-A', 'CUE-OTHER']);
    const early = await succeeded(c.cairn.command('session', 'fork', session, '--at', '1', '--json'));
    const cut = JSON.parse(early.toString()) as { as: string };
    await succeeded(c.cairn.mirror());
    const onCut = await ask(c, cut.as, 'CUE-CUT');
    const later = onCut.asked.includes('CUE-AGAIN') ? { ...onCut, exit: 'knows of the second turn' } : onCut;
    yield check('a fork that ends behind the first turn', later, ['CUE-TOOLS', 'CUE-CUT']);

    await succeeded(a.cairn.command('session', 'resume', session));
    await native(agent, program, a, model, session, 'CUE-APART-A');
    await native(agent, program, b, model, session, 'CUE-APART-B');
    await succeeded(b.cairn.mirror());
    const refused = await ask(a, session, 'CUE-ON-A');
    yield { what: 'diverged: refused', ...problem(refused.exit === 1 && refused.asked === '[]', refused) };
    const forked = await ask(a, session, 'CUE-FORKED', '--fork');
    yield check('diverged: --fork goes on beside it', forked, ['Answer to CUE-APART-B', 'CUE-FORKED']);
    await succeeded(a.cairn.mirror());
    yield await heads('diverged: both are kept as heads', a, session, 2);
    const { exit } = await a.cairn.verify(session);
    yield { what: 'verified in the end', ...(exit !== 0 && { problem: `exit ${exit}` }) };
  } finally {
    await model.close();
  }
}

async function recordOn(agent: Agent, program: readonly string[], { place }: Computer, model: Model) {
  const env = { ...baseEnvironment(place.home), ...agent.environment(place.home, model.url) };
  let session = '';
  for (const step of agent.steps) {
    const result = await run([...program, ...step.args(session)], { cwd: place.project, env });
    const stdout = await succeeded(Promise.resolve(result));
    session ||= agent.sessionId(stdout.toString()) ?? '';
  }
  const sources = await agent.sources(place.home, program);
  const others = new Set(sources.filter(({ stream }) => stream === 'main').map((source) => source.session));
  others.delete(session);
  return { session, fork: [...others][0] ?? '' };
}

/** The agent by itself, without Cairn. */
async function native(
  agent: Agent,
  program: readonly string[],
  { place }: Computer,
  model: Model,
  session: string,
  cue: string,
): Promise<void> {
  const env = { ...baseEnvironment(place.home), ...agent.environment(place.home, model.url) };
  const args =
    agent.harness === 'codex'
      ? ['exec', 'resume', ...(flags.codex ?? []), session, `${cue}: alone`]
      : ['-p', `${cue}: alone`, '--resume', session, ...(flags['claude-code'] ?? [])];
  await succeeded(run([...program, ...args], { cwd: place.project, env }));
}

function withAnswers(scenario: Scenario): Scenario {
  const more = asked.map((cue) => ({ cue, steps: [[{ text: `Answer to ${cue}.` }]] }));
  return { ...scenario, turns: [...scenario.turns, ...more] };
}

function check(what: string, result: ChildResult & { asked: string }, wanted: readonly string[]): Check {
  const missing = wanted.filter((text) => !result.asked.includes(text));
  if (result.exit === 0 && missing.length === 0) return { what };
  return { what, problem: `exit ${result.exit}, not asked with ${missing.join(', ')}: ${result.stderr.slice(-1500)}` };
}

function problem(holds: boolean, { exit, stderr }: ChildResult): Pick<Check, 'problem'> {
  return holds ? {} : { problem: `exit ${exit}: ${stderr.slice(-1500)}` };
}

/** Parts of the main stream that a run of the mirror makes. */
async function partsOf({ cairn }: Computer): Promise<number> {
  const lines = (await succeeded(cairn.mirror())).toString().trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { event?: string; stream?: string });
  return events.filter(({ event, stream }) => event === 'part' && stream === 'main').length;
}

function quiet(what: string, parts: number, most: number): Check {
  return { what, ...(parts !== most && { problem: `expected ${most} part, got ${parts}` }) };
}

async function heads(what: string, { cairn }: Computer, session: string, wanted: number): Promise<Check> {
  const shown = JSON.parse((await succeeded(cairn.show(session))).toString()) as {
    streams: { stream: string; heads: number[] }[];
  };
  const got = shown.streams.find(({ stream }) => stream === 'main')?.heads.length;
  return { what, ...(got !== wanted && { problem: `expected ${wanted}, got ${got}` }) };
}
