import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { Upkeep } from '../../src/config/upkeep.ts';
import { projectCost } from '../../src/mirror/cost.ts';
import { priceLists } from '../../src/mirror/prices.ts';
import { type UpkeepEvent, upkeepOnce } from '../../src/mirror/upkeep.ts';
import { noUsage } from '../../src/mirror/usage.ts';
import { readCatalog } from '../../src/sessions/catalog.ts';
import { foldCatalogs } from '../../src/sessions/fold.ts';
import { rebuildCatalog } from '../../src/sessions/rebuild.ts';
import { catalogKey, catalogPrefix } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { counted } from './counted.ts';
import { mirror, mirrorRun, temporaryFolder, testRuntime } from './rig.ts';

const hour = 3_600_000;
const id = (n: number) => `${String(n).padStart(8, '0')}-2222-4333-8444-555555555555`;
const line = (n: number, text: number) =>
  `${JSON.stringify({ type: 'user', sessionId: id(n), message: { role: 'user', content: `${text}` } })}\n`;

let folder: string;
let runtime: ReturnType<typeof testRuntime>;
let bucket: BucketStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  runtime = testRuntime('w');
  bucket = memoryStore(runtime);
});

function append(n: number, text: number): void {
  const file = join(folder, 'home/.claude/projects/-w', `${id(n)}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, line(n, text));
}

const rig = (store = bucket) => ({ store, home: join(folder, 'home'), stateFolder: join(folder, 'state'), runtime });

async function upkeep(wish: Upkeep, store = bucket): Promise<UpkeepEvent[]> {
  const { state } = await mirrorRun(rig(store));
  const events: UpkeepEvent[] = [];
  for await (const event of upkeepOnce({ store, project: 'p', state, runtime, upkeep: wish })) events.push(event);
  return events;
}

it('packs sessions that ended, once they are cold, and then asks nothing more for them', async () => {
  for (const text of [1, 2, 3]) {
    append(1, text);
    append(2, text);
    runtime.time += 61_000;
    await mirror(rig());
  }
  await mirror({ ...rig(), run: { end: true, scope: { ...(await mirrorRun(rig())).scope, session: id(1) } } });
  const wish = { compact: true, retention: {} };
  expect(await upkeep(wish)).toEqual([]);
  runtime.time += 50 * hour;
  expect(await upkeep(wish)).toMatchObject([{ event: 'packed', session: id(1), parts: 4 }]);
  runtime.time += 25 * hour;
  expect(await upkeep(wish)).toMatchObject([{ event: 'removed', session: id(1), parts: 4 }]);
  runtime.time += 27 * hour;
  const { store, calls } = counted(bucket);
  const asked = async () => {
    await upkeep(wish, store);
    return calls.splice(0).filter((call) => !call.includes('catalog'));
  };
  expect(await asked()).toEqual(['list ']);
  expect(await asked()).toEqual([]);
});

it('removes by the rule of each agent, never what is at work, and lists forget it', async () => {
  append(1, 1);
  await mirror(rig());
  runtime.time += 100 * 24 * hour;
  append(2, 1);
  await mirror(rig());
  const rule = { olderDays: 90, keepLast: 0 };
  expect(await upkeep({ compact: false, retention: { codex: rule } })).toEqual([]);
  expect(await upkeep({ compact: false, retention: { 'claude-code': { ...rule, keepLast: 2 }, '*': rule } })).toEqual(
    [],
  );
  expect(await upkeep({ compact: false, retention: { '*': rule } })).toMatchObject([
    { event: 'pruned', session: id(1) },
  ]);
  expect((await readCatalog(bucket, 'p')).lines.map(({ session }) => session)).toEqual([id(2)]);
});

it('catalogs of mirrors that are no more become one; whoever lists sees the same, and a lost line is made again', async () => {
  const before: string[] = [];
  for (const n of [1, 2, 3]) {
    append(n, 1);
    await mirror({ ...rig(), stateFolder: join(folder, `state${n}`) });
  }
  const list = async () => (await readCatalog(bucket, 'p')).lines.map(({ session }) => session).sort();
  before.push(...(await list()));
  expect(before).toHaveLength(3);
  expect(await foldCatalogs(bucket, 'p', runtime)).toBeUndefined();
  runtime.time += 31 * 24 * hour;
  append(4, 1);
  await mirror({ ...rig(), stateFolder: join(folder, 'state4') });
  expect(await foldCatalogs(bucket, 'p', runtime, { dryRun: true })).toEqual({ mirrors: 3, sessions: 4 - 1 });
  await Promise.all([foldCatalogs(bucket, 'p', runtime), foldCatalogs(bucket, 'p', runtime)]);
  expect(await list()).toEqual([...before, id(4)]);
  expect((await readCatalog(bucket, 'p')).mirrors.length).toBeLessThanOrEqual(3);
  // A mirror that comes back writes what it has.
  append(1, 2);
  await mirror({ ...rig(), stateFolder: join(folder, 'state1') });
  expect(await list()).toEqual([...before, id(4)]);

  for await (const entry of bucket.list(catalogPrefix('p')))
    if ('key' in entry) await bucket.overwrite(entry.key, Buffer.from('damaged'));
  expect((await readCatalog(bucket, 'p')).problems.length).toBeGreaterThan(0);
  for await (const { problem } of rebuildCatalog(bucket, 'p', { harness: () => undefined, from: 'meta' }))
    expect(problem).toBeUndefined();
  expect(await list()).toEqual([...before, id(4)]);
  expect((await readCatalog(bucket, 'p')).problems).toEqual([]);
});

it('a session that was pruned stays so when catalogs are made again', async () => {
  append(1, 1);
  append(2, 1);
  await mirror(rig());
  runtime.time += 100 * 24 * hour;
  await upkeep({ compact: false, retention: { '*': { olderDays: 90, keepLast: 1 } } });
  const { mirrors, lines, pruned } = await readCatalog(bucket, 'p');
  expect([lines.length, pruned.length]).toEqual([1, 1]);
  for await (const _ of rebuildCatalog(bucket, 'p', { harness: () => undefined }));
  expect(await bucket.get(catalogKey('p', mirrors[0]!, 'base'))).toBeDefined();
  expect((await readCatalog(bucket, 'p')).pruned).toEqual(pruned);
});

it.skipIf(process.platform !== 'linux')(
  'a record more reads its own bytes and two guards of the source, however large that is',
  async () => {
    const read = () => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
    append(1, 0);
    const file = join(folder, 'home/.claude/projects/-w', `${id(1)}.jsonl`);
    const block = Array.from({ length: 5000 }, (_, n) => line(1, n)).join('');
    for (let n = 0; n < 40; n++) appendFileSync(file, block);
    await mirror(rig());
    const costs: number[] = [];
    for (let n = 0; n < 3; n++) {
      runtime.time += 61_000;
      append(1, n);
      const before = read();
      await mirror(rig());
      costs.push(read() - before);
    }
    expect(Math.max(...costs)).toBeLessThan(2 << 20);
  },
);

it('what the settings would cost: a part an interval, within the budget of requests', () => {
  const day = { ...noUsage(), sessionHours: 10, activeHours: 4 };
  const [aws] = projectCost([day, noUsage()], { intervalMs: 5000 });
  const { classA } = priceLists[0]!;
  expect(aws!.sessionHourMostUsd).toBeCloseTo((840 * classA) / 1000);
  expect(aws!.monthMostUsd).toBeCloseTo((15 * 10 * 840 * classA) / 1000);
  const [bound] = projectCost([day, noUsage()], { intervalMs: 5000, requestsPerHour: 400 });
  expect(bound!.monthMostUsd).toBeCloseTo((15 * 4 * 400 * classA) / 1000);
  expect(projectCost([noUsage()], { intervalMs: 200 })[0]).toMatchObject({ monthUsd: 0, monthMostUsd: 0 });
});
