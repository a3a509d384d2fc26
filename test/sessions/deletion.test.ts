import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifySession } from '../../src/mirror/verify.ts';
import { deleteSession, isDeleted } from '../../src/sessions/deletion.ts';
import { listSession } from '../../src/sessions/listing.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { mirror, temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { partsOf, TestHost } from '../resume/host.ts';

const session = '11111111-2222-4333-8444-555555555555';
const address = { project: 'p', harness: 'claude-code', session };
const record = (n: number) => `${JSON.stringify({ type: 'user', sessionId: session, uuid: `u${n}`, message: {} })}\n`;

test('a deleted session is gone, and stays so, whatever its mirrors know', async () => {
  const folder = await temporaryFolder();
  const runtime = testRuntime();
  const store = memoryStore(runtime);
  const a = await TestHost.make(store, folder, 'claude-code', 1);
  const b = await TestHost.make(store, folder, 'claude-code', 2);
  const path = join(a.root, 'projects/-work', `${session}.jsonl`);
  await mkdir(join(path, '..', session, 'tool-results'), { recursive: true });
  await writeFile(path, record(1));
  await writeFile(join(path, '..', session, 'tool-results/x.txt'), 'x'.repeat(100_000));
  await a.mirror();
  await b.resume(session);
  const writer = { mirror: 'm', host: 'h', version: '0.0.0' };
  const { objects } = await deleteSession({ store, runtime, writer }, address);
  expect(objects).toBe(4); // two parts, a blob, meta
  const listing = await listSession(store, address);
  expect(await isDeleted(store, listing)).toBe(true);
  expect(listing.objects).toBe(2);
  for await (const found of verifySession(store, address)) expect(found.event).not.toBe('problem');
  expect((await deleteSession({ store, runtime, writer }, address)).objects).toBe(0);

  // The one that wrote it goes on; the one that lost its record finds it again; the one that resumed it writes.
  await appendFile(path, record(2));
  await expect(a.mirror()).rejects.toMatchObject({ code: 'terminal' });
  a.runtime.time += 3_600_000;
  await appendFile(path, record(3));
  expect(partsOf(await a.mirror())).toBe(0);
  await rm(join(folder, 'host-1/state'), { recursive: true });
  await expect(a.mirror()).rejects.toMatchObject({ code: 'terminal' });
  const [file = ''] = [...(await b.files()).keys()].filter((name) => name.endsWith(`${session}.jsonl`));
  await appendFile(join(b.root, file), record(4));
  await expect(b.mirror()).rejects.toMatchObject({ code: 'terminal' });
  expect((await listSession(store, address)).objects).toBe(2);
});

/** A session of one host that is mirrored, deleted, and then changed by `change`; the events of the next run. */
async function afterDeletion(
  change: (place: { readonly path: string; readonly runtime: ReturnType<typeof testRuntime> }) => Promise<void>,
): Promise<{ readonly events: string[]; readonly left: number; readonly again: string[] }> {
  const folder = await temporaryFolder();
  const runtime = testRuntime('w', Date.now() + 3_600_000);
  const store = memoryStore(runtime);
  const path = join(folder, 'home/.claude/projects/-work', `${session}.jsonl`);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, record(1));
  const run = async () => {
    const events = await mirror({ store, home: join(folder, 'home'), stateFolder: join(folder, 'state'), runtime });
    return events.filter(({ event }) => event !== 'found' && event !== 'done').map(({ event }) => event);
  };
  await run();
  await appendFile(path, record(2));
  await run(); // its meta waits for a minute
  await deleteSession({ store, runtime, writer: { mirror: 'm', host: 'h', version: '0.0.0' } }, address);
  await change({ path, runtime });
  return { events: await run(), left: (await listSession(store, address)).objects, again: await run() };
}

test.each([
  ['meta that was due', async () => {}],
  ['a source that goes away', ({ path }: { path: string }) => rm(path)],
  [
    'a sub-agent that starts',
    async ({ path }: { path: string }) => {
      const agents = path.replace('.jsonl', '/subagents');
      await mkdir(agents, { recursive: true });
      await writeFile(join(agents, 'agent-a1.jsonl'), record(3));
    },
  ],
  [
    'a side file',
    async ({ path }: { path: string }) => {
      const results = path.replace('.jsonl', '/tool-results');
      await mkdir(results, { recursive: true });
      await writeFile(join(results, 'x.txt'), 'x'.repeat(100_000));
    },
  ],
])('%s brings nothing of a deleted session back', async (_what, change) => {
  const { events, left, again } = await afterDeletion(async (place) => {
    place.runtime.time += 61_000;
    await change(place);
  });
  expect({ events, left, again }).toEqual({ events: ['failed'], left: 1, again: [] });
});
