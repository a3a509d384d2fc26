import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { readCatalog } from '../../src/sessions/catalog.ts';
import { selectLines } from '../../src/sessions/list.ts';
import { rebuildCatalog } from '../../src/sessions/rebuild.ts';
import { catalogPrefix, metaKey, partKey, sessionsPrefix } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { mirror, temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { EpochWriter, main, putMeta, records, session } from './bucket.ts';

const samples = join(import.meta.dirname, '..', 'samples', 'claude-code', 'main');
const harness = (name: string) => harnesses.find((known) => known.name === name);

async function removeAll(store: BucketStore, prefix: string, suffix: string): Promise<number> {
  let removed = 0;
  for await (const entry of store.list(prefix)) {
    if (!('key' in entry) || !entry.key.endsWith(suffix)) continue;
    await store.remove(entry.key);
    removed++;
  }
  return removed;
}

test('catalog and meta, deleted, are made again to the same listing', async () => {
  const home = await temporaryFolder();
  await cp(samples, join(home, '.claude'), { recursive: true });
  const store = memoryStore(testRuntime());
  await mirror({ store, home, stateFolder: await temporaryFolder() });
  const list = async () => selectLines((await readCatalog(store, 'p')).lines, {});
  const before = await list();
  expect(before.length).toBeGreaterThan(1);
  expect(await removeAll(store, catalogPrefix('p'), '')).toBeGreaterThan(0);
  expect(await list()).toEqual(before); // from every meta
  expect(await removeAll(store, sessionsPrefix('p'), '/meta.json')).toBe(before.length);
  expect(await list()).toEqual([]);
  for await (const { problem } of rebuildCatalog(store, 'p', { harness })) expect(problem).toBeUndefined();
  expect(await list()).toEqual(before);
});

test('a broken session is told and left out, one of an unknown agent is counted', async () => {
  const store = memoryStore(testRuntime());
  const foreign = { ...session, harness: 'other', session: 'foreign' };
  await new EpochWriter(store, { ...foreign, stream: 'main' }).put(records(3));
  const broken = new EpochWriter(store, main);
  await broken.put(records(1));
  await broken.put(records(1), { chain: 'ff' });
  await putMeta(store, { ...session, session: 'empty' });
  const problems: string[] = [];
  for await (const { address, problem } of rebuildCatalog(store, 'p', { harness })) {
    if (problem) problems.push(`${address.session} ${problem.code}`);
  }
  expect(problems).toEqual([`${session.session} corrupt`]);
  expect(await store.get(metaKey(foreign))).toBeDefined();
  const { lines, from } = await readCatalog(store, 'p');
  expect(from).toBe('catalog');
  expect(lines).toMatchObject([{ harness: 'other', session: 'foreign', records: 3, turns: 0 }]);
  expect(await store.get(partKey({ ...main, epoch: 0, seq: 1 }))).toBeDefined();
});
