import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { FolderWatch, foldersAbove } from '../../src/mirror/watch.ts';
import { temporaryFolder } from './rig.ts';

let folder: string;
let watch: FolderWatch;
let touched: Set<string>;

beforeEach(async () => {
  folder = await temporaryFolder();
  touched = new Set();
  watch = new FolderWatch(
    (path) => touched.add(path),
    (cause) => expect(cause).toBeUndefined(),
  );
  onTestFinished(() => watch.close());
});

/** `change` is done again until it is heard of: a watch is set up beside the rest, and nobody is told when it stands. */
const heard = (path: string, change = () => {}) =>
  vi.waitFor(
    () => {
      change();
      expect([...touched]).toContain(path);
    },
    { timeout: 20_000, interval: 100 },
  );

it('hears of files that are made and grow, and of folders, and of nothing in folders that are not watched', async () => {
  const [inside, beside] = [join(folder, 'in'), join(folder, 'beside')];
  for (const path of [inside, beside]) mkdirSync(path);
  watch.update(new Set([folder, inside, join(folder, 'missing')]));
  expect(watch.size).toBe(2);
  await heard(join(inside, 'a.jsonl'), () => appendFileSync(join(inside, 'a.jsonl'), 'x'));
  touched.clear();
  appendFileSync(join(inside, 'a.jsonl'), 'y');
  await heard(join(inside, 'a.jsonl'));
  mkdirSync(join(folder, 'new'));
  await heard(join(folder, 'new'));
  touched.clear();
  watch.update(new Set([folder]));
  await sleep(300);
  writeFileSync(join(inside, 'b.jsonl'), 'x');
  writeFileSync(join(beside, 'c.jsonl'), 'x');
  writeFileSync(join(folder, 'd'), 'x');
  await heard(join(folder, 'd'));
  expect([...touched].filter((path) => path.endsWith('.jsonl'))).toEqual([]);
});

it('goes on hearing of folders in one that changes, in whatever order they are named', async () => {
  const inside = ['a', 'b', 'b/c'].map((name) => join(folder, name));
  for (const path of inside) mkdirSync(path, { recursive: true });
  watch.update(new Set([join(folder, 'a'), join(folder, 'b/c'), folder, join(folder, 'b')]));
  for (const path of inside) await heard(join(path, 'x'), () => appendFileSync(join(path, 'x'), 'x'));
  mkdirSync(join(folder, 'd'));
  await heard(join(folder, 'd'));
  await sleep(1500); // it looks into a folder that changed once a second at most
  touched.clear();
  for (const path of inside) appendFileSync(join(path, 'x'), 'y');
  for (const path of inside) await heard(join(path, 'x'));
});

it('looks at nothing that is in a folder: what is there costs nothing', async () => {
  const fs = await import('node:fs/promises');
  for (let n = 0; n < 50; n++) writeFileSync(join(folder, `${n}.jsonl`), 'x');
  const handles = () => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;
  const before = handles();
  watch.add(folder);
  await vi.waitFor(() => expect(handles() - before).toBe(1), { timeout: 20_000 });
  rmSync(join(folder, '1.jsonl'));
  await heard(join(folder, '1.jsonl'));
  expect(handles() - before).toBe(1);
  expect((await fs.readdir(folder)).length).toBe(49);
});

it('a folder that comes back is heard of again', async () => {
  const inside = join(folder, 'in');
  mkdirSync(inside);
  watch.update(new Set([folder, inside]));
  await heard(join(inside, 'a'), () => appendFileSync(join(inside, 'a'), 'x'));
  await heard(join(folder, 'b'), () => appendFileSync(join(folder, 'b'), 'x'));
  rmSync(inside, { recursive: true });
  await heard(inside);
  watch.update(new Set([folder]));
  mkdirSync(inside);
  touched.clear();
  watch.update(new Set([folder, inside]));
  await heard(join(inside, 'a'), () => appendFileSync(join(inside, 'a'), 'x'));
  // Before anybody noticed that it was gone.
  rmSync(inside, { recursive: true });
  mkdirSync(inside);
  touched.clear();
  await heard(inside);
  await heard(join(inside, 'a'), () => appendFileSync(join(inside, 'a'), 'x'));
});

it('folders above files, up to where they are looked for', () => {
  expect(foldersAbove(['/r/p/a/x', '/r/p/b/c/y'], ['/r/p'])).toEqual(new Set(['/r/p', '/r/p/a', '/r/p/b', '/r/p/b/c']));
});
