import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directoryStore } from '../../src/store/directory.ts';
import type { ListEntry } from '../../src/store/types.ts';
import { storeContract } from './contract.ts';
import { testRuntime } from './runtime.ts';

let base: string;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'cairn-directory-'));
});
afterAll(() => rm(base, { recursive: true }));

const newRoot = () => join(base, `bucket-${count++}`, 'deep');
const text = (value: string) => new TextEncoder().encode(value);

storeContract('directory', async () => ({ store: directoryStore(newRoot(), testRuntime()), prefix: 'run/' }));

describe('directory store', () => {
  it('makes nothing by reading', async () => {
    const root = newRoot();
    const store = directoryStore(root, testRuntime());
    expect(await store.get('a/b')).toBeUndefined();
    for await (const entry of store.list('')) expect.fail(`listed ${JSON.stringify(entry)}`);
    await store.remove('a/b');
    await expect(readdir(root)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses keys that climb out or meet the scratch folder', async () => {
    const root = newRoot();
    const store = directoryStore(root, testRuntime());
    for (const key of ['../x', 'a/../../x', '/etc/x', 'a//b', './a', 'a/', '', 'a\0b', '.tmp/x', '.tmp']) {
      await expect(store.create(key, text('x')), key).rejects.toMatchObject({ code: 'unfit' });
      await expect(store.overwrite(key, text('x')), key).rejects.toMatchObject({ code: 'unfit' });
      await expect(store.get(key), key).rejects.toMatchObject({ code: 'unfit' });
      await expect(store.remove(key), key).rejects.toMatchObject({ code: 'unfit' });
    }
    await expect(store.list('../')[Symbol.asyncIterator]().next(), 'list').rejects.toMatchObject({ code: 'unfit' });
    await expect(readdir(root)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not follow links', async () => {
    const root = newRoot();
    const outside = join(base, 'outside');
    await mkdir(outside, { recursive: true });
    await mkdir(root, { recursive: true });
    await writeFile(join(outside, 'secret'), 'x');
    await symlink(outside, join(root, 'folder'));
    await symlink(join(outside, 'secret'), join(root, 'file'));
    const store = directoryStore(root, testRuntime());
    const listed: unknown[] = [];
    for await (const entry of store.list('')) listed.push(entry);
    for await (const entry of store.list('folder/')) listed.push(entry);
    expect(listed).toEqual([]);
    expect(await store.get('folder/secret')).toBeUndefined();
    expect(await store.get('file')).toBeUndefined();
    await expect(store.create('folder/new', text('x'))).rejects.toMatchObject({ code: 'unfit' });
    await store.remove('folder/secret');
    expect(await readdir(outside)).toEqual(['secret']);
    expect((await store.create('file', text('x'))).outcome).toBe('exists');
  });

  it('leaves no temporary file, removes those of dead writers and keeps those of living ones', async () => {
    const root = newRoot();
    await mkdir(join(root, '.tmp'), { recursive: true });
    await writeFile(join(root, '.tmp', 'dead'), 'half');
    await writeFile(join(root, '.tmp', 'living'), 'half');
    await utimes(join(root, '.tmp', 'dead'), 1, 1);
    const store = directoryStore(root, testRuntime());
    await store.create('k', text('x'));
    await store.create('k', text('y'));
    await store.overwrite('k', text('z'));
    await (await store.get('k'))?.bytes();
    expect(await readdir(join(root, '.tmp'))).toEqual(['living']);
  });

  it('keeps a bucket that it makes to the user', async () => {
    const root = newRoot();
    await directoryStore(root, testRuntime()).create('k', text('x'));
    expect((await stat(root)).mode & 0o777).toBe(0o700);
  });

  it('survives that a folder is pruned while an object is put into it', async () => {
    const store = directoryStore(newRoot(), testRuntime());
    const rounds = Array.from({ length: 40 }, async (_, i) => {
      expect((await store.create(`a/b/c/${i}`, text('x'))).outcome).toBe('created');
      await store.remove(`a/b/c/${i}`);
    });
    await Promise.all(rounds);
    for await (const entry of store.list('')) expect.fail(`listed ${JSON.stringify(entry)}`);
  });

  it('makes folders again that another process has pruned', async () => {
    const root = newRoot();
    const [one, other] = [directoryStore(root, testRuntime()), directoryStore(root, testRuntime())];
    await one.create('a/b/1', text('x'));
    await other.remove('a/b/1');
    expect(await readdir(root)).toEqual(['.tmp']);
    expect((await one.create('a/b/2', text('x'))).outcome).toBe('created');
    await rm(root, { recursive: true });
    expect((await one.create('a/b/2', text('x'))).outcome).toBe('created');
  });

  it('says no time that is before what another process stored, however lately it asked', async () => {
    const root = newRoot();
    // No time goes by for who reads: what it heard last is fresh.
    const now = Date.now() + 60_000;
    const reader = directoryStore(root, { ...testRuntime(), now: () => now, monotonic: () => 0 });
    await reader.create('a', text('x'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await directoryStore(root, testRuntime()).create('b', text('x'));
    const listed: ListEntry[] = [];
    for await (const entry of reader.list('')) listed.push(entry);
    for (const entry of listed) if ('date' in entry) expect(entry.date).toBeGreaterThanOrEqual(entry.modified);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await directoryStore(root, testRuntime()).create('c', text('x'));
    const object = await reader.get('c');
    expect(object?.date).toBeGreaterThanOrEqual(object?.modified ?? Number.POSITIVE_INFINITY);
    object?.close();
  });

  it('says no time that is before what it said, when a write takes long', async () => {
    const store = directoryStore(newRoot(), testRuntime());
    let [written, release] = [() => {}, () => {}];
    const begun = new Promise<void>((resolve) => (written = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const slow = store.create('slow', {
      size: 1,
      async *open() {
        yield text('x');
        written();
        await released;
      },
    });
    await begun;
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { date: said = 0 } = await store.create('fast', text('x'));
    release();
    expect((await slow).date).toBeGreaterThanOrEqual(said);
    const after = await store.get('slow');
    expect(after?.date).toBeGreaterThanOrEqual(said);
    after?.close();
  });

  it('shows no empty folder and reads no pipe', async () => {
    const root = newRoot();
    await mkdir(join(root, 'empty', 'too'), { recursive: true });
    await promisify(execFile)('mkfifo', [join(root, 'pipe')]);
    const store = directoryStore(root, testRuntime());
    for await (const entry of store.list('', { delimiter: '/' })) expect.fail(`listed ${JSON.stringify(entry)}`);
    expect(await store.get('pipe')).toBeUndefined();
    expect(await store.get('empty')).toBeUndefined();
  });

  it('says what is wrong where a file stands for a folder', async () => {
    const root = newRoot();
    const store = directoryStore(root, testRuntime());
    await store.create('a', text('x'));
    await expect(store.create('a/b', text('x'))).rejects.toMatchObject({ code: 'unfit' });
    expect(await store.get('a/b')).toBeUndefined();
    await symlink(join(base, 'nowhere', 'deep'), join(base, 'dangling'));
    const dangling = directoryStore(join(base, 'dangling', 'bucket'), testRuntime());
    expect(await dangling.create('k', text('x'))).toMatchObject({ outcome: 'unknown', cause: { code: 'unavailable' } });
    await writeFile(join(base, 'plain'), '');
    await expect(directoryStore(join(base, 'plain'), testRuntime()).create('k', text('x'))).rejects.toMatchObject({
      code: 'unfit',
    });
  });
});
