import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../agents/agent.ts';
import { succeeded } from '../cairn.ts';
import { storedFrame } from '../zst.ts';
import { type Check, type Computer, check, heads, Lab, parts, seen } from './computer.ts';
import { revertTo } from './revert.ts';

const cues = ['CUE-ON-B', 'CUE-ON-C', 'CUE-ON-D', 'CUE-ON-E', 'CUE-TORN', 'CUE-AGENT', 'CUE-AGENT-2', 'CUE-FRESH'];

/** What happens to a session besides turns: sub-agents, torn ends, and codex's reverts, archive, compression. */
export async function* edgesElsewhere(agent: Agent, folder: string, bucket?: string): AsyncGenerator<Check> {
  const lab = await Lab.open(agent, [], folder, cues, bucket);
  try {
    const [a, b, c] = [await lab.computer('a'), await lab.computer('b'), await lab.computer('c')];
    const { session } = await lab.record(a);
    await succeeded(a.cairn.mirror());

    yield* subAgent(lab, a, b, session);
    yield* tornTail(lab, a, c, session);
    if (agent.harness === 'codex') {
      yield* otherProvider(lab, session);
      yield* archived(lab, a, session);
      yield* compressed(lab, a, session);
      yield* reverted(lab, a, session);
    }
    const { exit, stderr } = await a.cairn.verify(session);
    yield seen('edges: verified in the end', exit === 0, { exit, stderr });
  } finally {
    await lab.close();
  }
}

/** A sub-agent's run goes on as a session of its own, and that one on another host. */
async function* subAgent(lab: Lab, a: Computer, b: Computer, session: string): AsyncGenerator<Check> {
  const listed = await succeeded(a.cairn.command('session', 'list', '--agents', '--json'));
  const lines = listed.toString().trimEnd().split('\n');
  const runs = lines.map((line) => JSON.parse(line) as { id: string; session: string; title?: string });
  const run = runs.find((one) => one.session === session);
  yield seen('a sub-agent is listed', run?.title?.includes('CUE-DELEGATED') === true, { exit: 0, stderr: `${listed}` });
  const id = run?.id ?? '';
  const onB = await lab.ask(b, id, 'CUE-AGENT', '--json');
  yield check('a sub-agent goes on by its id', onB, ['CUE-DELEGATED', 'CUE-AGENT'], ['CUE-TOOLS']);
  await succeeded(b.cairn.mirror());
  const { as } = JSON.parse(onB.stdout.toString().split('\n', 1)[0] ?? '{}') as { as?: string };
  const shown = JSON.parse((await succeeded(b.cairn.show(as ?? ''))).toString()) as {
    meta?: { summary: { lineage?: { session: string }[] } };
  };
  const origin = shown.meta?.summary.lineage?.some((link) => link.session === session) === true;
  yield seen('it is a session of its own that names its origin', origin, { exit: 0, stderr: JSON.stringify(shown) });
  const again = await lab.ask(a, as ?? '', 'CUE-AGENT-2');
  yield check('and goes on again on A, with the whole chain', again, [
    ...['CUE-DELEGATED', 'Answer to CUE-AGENT.', 'CUE-AGENT-2'],
  ]);
  await succeeded(a.cairn.mirror());
}

/** An older copy that ends in half a line, as a killed agent leaves it. */
async function* tornTail(lab: Lab, a: Computer, c: Computer, session: string): AsyncGenerator<Check> {
  await succeeded(c.cairn.command('session', 'resume', session));
  const path = await transcriptOf(lab.agent, c, session);
  const text = await readFile(path);
  await truncate(path, text.lastIndexOf(10, text.length - 2) + 30);
  const torn = await lab.ask(c, session, 'CUE-TORN');
  const last = lab.agent.harness === 'codex' ? 'CUE-FULL' : 'CUE-AFTER';
  yield check('a torn end is healed and completed', torn, [last, 'CUE-TORN']);
  await succeeded(c.cairn.mirror());
  await succeeded(a.cairn.command('session', 'resume', session));
  yield await parts('A takes it and ships nothing again', a, 0);
}

/** Where the provider is another one, codex would refuse, or begin a new thread by `--last`. */
async function* otherProvider(lab: Lab, session: string): AsyncGenerator<Check> {
  const d = await lab.computer('provider');
  const config = join(d.place.home, '.codex/config.toml');
  await writeFile(config, (await readFile(config, 'utf8')).replaceAll('scripted', 'another'));
  const refused = await lab.ask(d, session, 'CUE-FRESH');
  const fresh = await rolloutsOf(d);
  yield seen('another provider: refused, no thread begun', refused.exit !== 0 && refused.asked === '[]', refused);
  yield seen(
    'and only that thread is there',
    fresh.every((name) => name.includes(session)),
    {
      exit: 0,
      stderr: fresh.join(),
    },
  );
}

async function* archived(lab: Lab, a: Computer, session: string): AsyncGenerator<Check> {
  await succeeded(lab.command(a, 'archive', session));
  await succeeded(a.cairn.mirror());
  const refused = await lab.ask(a, session, 'CUE-ON-D');
  const told = refused.exit !== 0 && refused.asked === '[]' && refused.stderr.includes('unarchive');
  yield seen('archived here: told how to bring it back', told, refused);
  const d = await lab.computer('archived');
  yield check('archived there: goes on here', await lab.ask(d, session, 'CUE-ON-D'), ['CUE-FULL', 'CUE-ON-D']);
  await succeeded(lab.command(a, 'unarchive', session));
  await succeeded(d.cairn.mirror());
}

/** As codex's own compression leaves it, with the plain file gone. */
async function* compressed(lab: Lab, a: Computer, session: string): AsyncGenerator<Check> {
  await succeeded(a.cairn.command('session', 'resume', session));
  const path = await transcriptOf(lab.agent, a, session);
  await writeFile(`${path}.zst`, storedFrame(await readFile(path)));
  await rm(path);
  yield await parts('compressed: nothing is shipped again', a, 0);
  const onA = await lab.ask(a, session, 'CUE-ON-E');
  yield check('compressed: goes on', onA, ['Answer to CUE-ON-D', 'CUE-ON-E']);
  await succeeded(a.cairn.mirror());
  yield await heads('compressed: one head', a, session, 1);
}

/** What was reverted never comes back, on any host. */
async function* reverted(lab: Lab, a: Computer, session: string): AsyncGenerator<Check> {
  await revertTo(lab, a, session, await transcriptOf(lab.agent, a, session), 'CUE-ON-D');
  await succeeded(a.cairn.mirror());
  const before = await sessionsIn(a);
  const b = await lab.computer('b');
  await succeeded(b.cairn.command('session', 'pull', session, '--to', join(b.place.folder, 'pulled')));
  const onB = await lab.ask(b, session, 'CUE-ON-B');
  const gone = ['Answer to CUE-ON-D', 'CUE-ON-E'];
  yield check('reverted: the turns do not come back on B', onB, ['CUE-TORN', 'CUE-ON-B'], gone);
  await succeeded(b.cairn.mirror());
  const onA = await lab.ask(a, session, 'CUE-ON-C');
  yield check('reverted: nor on A again, which has the turn of B', onA, ['Answer to CUE-ON-B'], gone);
  const after = await sessionsIn(a);
  yield seen('reverted: no thread was begun', after === before, { exit: 0, stderr: `${before}; then ${after}` });
  // Only the rollout from before the revert is here: codex would bring the turns back.
  const e = await lab.computer('older');
  await succeeded(e.cairn.command('session', 'resume', session));
  for (const name of await rolloutsOf(e)) if (/_[^/]*\.jsonl$/.test(name)) await rm(name);
  const onE = await lab.ask(e, session, 'CUE-ON-E');
  yield check(
    'reverted: nor where the later segment is missing',
    onE,
    ['CUE-ON-B', 'CUE-ON-E'],
    ['Answer to CUE-ON-D'],
  );
}

/** The ids of all sessions in the bucket. */
async function sessionsIn({ cairn }: Computer): Promise<string> {
  const lines = (await succeeded(cairn.list())).toString().trimEnd().split('\n');
  const ids = lines.map((line) => (JSON.parse(line) as { session: string }).session);
  return ids.sort().join();
}

async function rolloutsOf({ place }: Computer): Promise<string[]> {
  const root = join(place.home, '.codex/sessions');
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function transcriptOf(agent: Agent, { place }: Computer, session: string): Promise<string> {
  const sources = await agent.sources(place.home, []);
  const main = sources.filter((source) => source.session === session && source.stream === 'main');
  const path = main.map((source) => source.path).sort((x, y) => x.length - y.length)[0];
  if (path === undefined) throw new Error(`expected a transcript of ${session}, found none`);
  return path;
}
