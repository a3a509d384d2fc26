import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { slugOf } from '../../harnesses/claude-code/restoring.ts';
import { findCheckouts } from '../../src/resume/checkouts.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { TestHost } from './host.ts';

const sample = join(import.meta.dirname, '../samples/claude-code/main');
const session = '49d9aac8-4336-424d-8f44-ade0771584a6';

async function twoHosts() {
  const [store, folder] = [memoryStore(testRuntime()), await temporaryFolder()];
  const a = await TestHost.make(store, folder, 'claude-code', 1);
  const b = await TestHost.make(store, folder, 'claude-code', 2);
  await cp(sample, a.root, { recursive: true });
  // Too large for a record: a blob.
  const results = join(a.root, 'projects/-home-dev-web-app', session, 'tool-results');
  await writeFile(join(results, 'large.txt'), 'a line of it\n'.repeat(8000));
  await a.mirror();
  return { store, a, b };
}

describe('nothing is written', () => {
  it.each(['the transcript', 'a side file', 'a sub-agent'])('where a part of %s was tampered with', async (what) => {
    const { store, b } = await twoHosts();
    const stream = { 'the transcript': '/main/', 'a side file': '/files/', 'a sub-agent': '/agent-' }[what] ?? '';
    const keys: string[] = [];
    for await (const entry of store.list('')) if ('key' in entry && entry.key.includes(session)) keys.push(entry.key);
    const key = keys.find((name) => name.includes(stream) && name.endsWith('.gz')) ?? '';
    const bytes = Buffer.from((await (await store.get(key))?.bytes()) ?? []);
    await store.overwrite(key, Buffer.concat([bytes, gzipSync('{"type":"user","uuid":"planted"}\n')]));
    await expect(b.resume(session)).rejects.toMatchObject({ code: 'corrupt' });
    expect(await b.files()).toEqual(new Map());
  });

  it('where the blob of a side file is missing: of it all, not of a part', async () => {
    const { store, a, b } = await twoHosts();
    for await (const entry of store.list(''))
      if ('key' in entry && entry.key.includes('/blobs/')) await store.remove(entry.key);
    const before = await a.files();
    await expect(b.resume(session)).rejects.toMatchObject({ code: 'corrupt' });
    expect(await b.files()).toEqual(new Map());
    expect(await a.files()).toEqual(before);
  });
});

it('maps a path wherever it stands, here and not in the bucket', async () => {
  const { a, b } = await twoHosts();
  await b.resume(session, { map: ['/home/dev/web.app=/srv/shop'] });
  const files = await b.files();
  const transcript = files.get(`projects/${slugOf(b.cwd)}/${session}.jsonl`) ?? '';
  expect(transcript).not.toContain('/home/dev/web.app');
  expect(transcript).toContain('/srv/shop/notes.md');
  const again = await a.prepare(session);
  expect(again.plan.session.files.every(({ action }) => action === 'same')).toBe(true);
  await expect(b.prepare(session, { map: ['nowhere'] })).rejects.toMatchObject({ code: 'usage' });
});

describe('checkouts', () => {
  const name = 'example.org/acme/shop';

  it('are those where sessions ran, their worktrees, and the recorded place below this home; each once', async () => {
    const folder = await temporaryFolder();
    const roots = ['ran/shop', 'home/work/shop', 'tree'].map((path) => join(folder, path));
    const [ran = '', below = '', tree = ''] = roots;
    for (const root of roots) await mkdir(root, { recursive: true });
    await mkdir(join(ran, '.git/worktrees/tree'), { recursive: true });
    await writeFile(join(ran, '.git/worktrees/tree/gitdir'), `${join(tree, '.git')}\n`);
    await mkdir(join(ran, '.git/worktrees/gone'), { recursive: true });
    await writeFile(join(ran, '.git/worktrees/gone/gitdir'), '/nowhere/.git\n');
    await symlink(ran, join(folder, 'home/shop'));
    const asked: string[] = [];
    const found = await findCheckouts(
      {
        home: join(folder, 'home'),
        cwd: join(folder, 'home/else'),
        foldersOf: async () => [ran, join(ran, 'src'), join(folder, 'gone')],
        async repositoryOf(path) {
          asked.push(path);
          const root = roots.find((one) => path === one || path.startsWith(`${one}/`));
          return root === undefined ? undefined : { root, name };
        },
      },
      name,
      '/home/ann/work/shop',
    );
    expect(found).toEqual([ran, tree, below]);
    expect(asked.length).toBeLessThan(12);
  });
});
