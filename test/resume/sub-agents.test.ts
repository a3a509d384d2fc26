import { appendFile, cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planPrune } from '../../src/mirror/prune.ts';
import type { PreparedResume } from '../../src/resume/prepare.ts';
import { readCatalog } from '../../src/sessions/catalog.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { partsOf, TestHost } from './host.ts';

const samples = join(import.meta.dirname, '../samples');
const day = 86_400_000;
const cases = [
  ['claude-code', 'main', '49d9aac8-4336-424d-8f44-ade0771584a6', 'agent-a0c2be456e8cd8f37'],
  [
    'codex',
    'compaction-subagent-0.169',
    '01a1fd88-a926-78c2-b671-c8323365614b',
    'agent-01a1fd88-aa56-7102-b804-3172d522e466',
  ],
] as const;

const transcriptOf = ({ plan }: PreparedResume) =>
  plan.session.files.find(({ stream }) => stream === 'main')?.path ?? '';
const linesOf = async (path: string) => (await readFile(path, 'utf8')).trimEnd().split('\n');

test.each(cases)(
  '%s: a run that was cut off goes on, and so does what came of it',
  async (name, home, session, agent) => {
    const [store, folder] = [memoryStore(testRuntime()), await temporaryFolder()];
    const [a, b, c] = await Promise.all([1, 2, 3].map((number) => TestHost.make(store, folder, name, number)));
    if (!a || !b || !c) throw new Error('three hosts');
    await cp(join(samples, name, home), a.root, { recursive: true });
    await a.mirror();
    // It goes on, and is killed in the middle of a line: what it wrote is in the bucket before its parent ends.
    const own =
      [...(await a.files()).keys()].find((path) => path.endsWith(`${agent.replace(/^agent-(?=01)/, '')}.jsonl`)) ?? '';
    const [first = ''] = await linesOf(join(a.root, own));
    const last = { ...JSON.parse(first), uuid: 'the-last', type: name === 'codex' ? 'event_msg' : 'assistant' };
    if (name === 'codex') last.payload = { type: 'turn_aborted', reason: 'the-last' };
    await appendFile(join(a.root, own), `${JSON.stringify(last)}\n{"type":"assist`);
    expect(partsOf(await a.mirror())).toBe(1);

    const onB = await b.resume(session, { agent });
    const as = onB.plan.session.target.session;
    const before = await linesOf(transcriptOf(onB));
    expect(before.at(-1)).toContain('the-last');
    expect(before[0]).toContain(as);
    await appendFile(transcriptOf(onB), `${before.at(-1)?.replaceAll('the-last', 'on-b')}\n`);
    await b.mirror();
    const again = await b.resume(session, { agent });
    expect(again.plan.session.target.session).not.toBe(as);

    const onC = await c.resume(as);
    expect((await linesOf(transcriptOf(onC))).length).toBe(before.length + 1);
    expect((await linesOf(transcriptOf(onC))).at(-1)).toContain('on-b');

    const { lines } = await readCatalog(store, 'p');
    const now = Date.now() + 400 * day;
    expect(lines.find((line) => line.session === as)?.lineage).toMatchObject([{ kind: 'fork', session }]);
    // Of old sessions the one that a newer one came from stays; without that it goes, with its sub-agents.
    const fresh = lines.map((line) => (line.session === as ? { ...line, endedAt: new Date(now).toISOString() } : line));
    const plan = (all: typeof lines) =>
      planPrune(all, { before: now - day, keepLast: 0, now }).remove.map((line) => line.session);
    expect(plan(fresh)).not.toContain(session);
    expect(plan(lines)).toContain(session);
  },
);

test('a sub-agent that is not there is told', async () => {
  const [store, folder] = [memoryStore(testRuntime()), await temporaryFolder()];
  const a = await TestHost.make(store, folder, 'claude-code', 1);
  await cp(join(samples, 'claude-code/main'), a.root, { recursive: true });
  await a.mirror();
  await expect(a.prepare(cases[0][2], { agent: 'agent-nope' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(a.prepare(cases[0][2], { agent: 'agent-' })).rejects.toMatchObject({ code: 'ambiguous' });
});
