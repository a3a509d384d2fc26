import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, test } from 'vitest';
import { updateCatalog } from '../../src/mirror/catalog.ts';
import { scanCatalogs } from '../../src/mirror/scan-catalog.ts';
import { ProjectState } from '../../src/mirror/state-folder.ts';
import { readCatalog } from '../../src/sessions/catalog.ts';
import { catalogKey } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { lineOf } from '../sessions/bucket.ts';
import { counted } from './counted.ts';
import { temporaryFolder, testRedactor, testRuntime } from './rig.ts';

const runtime = testRuntime();
const processes = { self: { pid: 1, started: '1', boot: 'b' }, alive: async () => false };

let state: ProjectState;
let store: BucketStore;
beforeEach(async () => {
  state = await ProjectState.open(await temporaryFolder(), { bucket: 'memory:', project: 'p' }, runtime, processes);
  store = memoryStore(runtime);
});

const update = (names: readonly string[], to = store) =>
  updateCatalog(
    to,
    'p',
    state,
    runtime,
    names.map((name) => lineOf(name, { mirror: state.mirror })),
    true,
  );
const listed = async () => (await readCatalog(store, 'p')).lines.map(({ session }) => session).sort();
const copy = (name: string) => join(state.catalogFolder, name);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `s${String(i).padStart(2, '0')}`);

/** 20 sessions in `base`, two more in `recent`. */
async function begin(): Promise<string[]> {
  await update(numbered(20));
  await update(['x1']);
  await update(['x2']);
  const all = [...numbered(20), 'x1', 'x2'];
  expect(await listed()).toEqual(all);
  return all;
}

test.each([
  ['recent.jsonl', 'torn', async (path: string) => writeFile(path, (await readFile(path, 'utf8')).slice(0, -9))],
  ['recent.jsonl', 'empty', (path: string) => writeFile(path, '')],
  ['recent.jsonl', 'lost', (path: string) => rm(path)],
  ['base.jsonl', 'torn', async (path: string) => writeFile(path, (await readFile(path, 'utf8')).slice(0, -9))],
  ['base.jsonl', 'empty', (path: string) => writeFile(path, '')],
  ['base.jsonl', 'lost', (path: string) => rm(path)],
])('a local copy %s that is %s is fetched again: no session leaves the list', async (name, _how, damage) => {
  const all = await begin();
  await damage(copy(name));
  const { store: watched, calls } = counted(store);
  await update(['y1'], watched);
  expect(calls.filter((call) => call.startsWith('get'))).toEqual([
    'get catalog/recent.jsonl.gz',
    'get catalog/base.jsonl.gz',
  ]);
  expect(await listed()).toEqual([...all, 'y1']);
  calls.length = 0;
  for (let i = 0; i < 20; i++) await update([`z${i}`], watched); // once more as a whole
  expect(calls.filter((call) => call.startsWith('get'))).toEqual([]);
  expect((await listed()).length).toBe(all.length + 21);
});

it('where the whole folder is lost, the list is fetched again', async () => {
  const all = await begin();
  await rm(state.catalogFolder, { recursive: true });
  await update(['y1']);
  expect(await listed()).toEqual([...all, 'y1']);
});

it('where the bucket has it damaged as well, that is told, and nothing is written over it', async () => {
  await begin();
  await writeFile(copy('base.jsonl'), '{"torn');
  const key = catalogKey('p', state.mirror, 'base');
  await store.overwrite(key, Buffer.from('no gzip'));
  await expect(update(['y1'])).rejects.toMatchObject({
    code: 'corrupt',
    message: `expected a catalog at ${key}, got no whole gzip: \`cairn catalog rebuild\` makes it again`,
  });
  expect(Buffer.from(await (await store.get(key))!.bytes()).toString()).toBe('no gzip');
});

it('a scan says which catalog is damaged', async () => {
  await begin();
  const key = catalogKey('p', state.mirror, 'base');
  await store.overwrite(key, Buffer.alloc(0));
  const scan = scanCatalogs({ store, redactor: testRedactor() }, 'p', false);
  await expect(scan.next()).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(key) });
});
