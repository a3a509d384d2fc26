import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryStore } from '../../src/store/directory.ts';
import { probeStore } from '../../src/store/probe.ts';
import { sharedBy } from '../../src/store/shared-folder.ts';
import { testRuntime } from './runtime.ts';

const ext4 = 0xef53;

test.each([
  [0x6969, '/home/me/bucket', 'the network (NFS)'],
  // As some libraries give it: a signed 32-bit number.
  [0xff534d42 | 0, '/home/me/bucket', 'the network (CIFS)'],
  [ext4, '/home/me/Dropbox/bucket', 'a synced folder (Dropbox)'],
  [ext4, '/Users/me/Library/Mobile Documents/bucket', 'a synced folder (Mobile Documents)'],
  [ext4, '/home/me/OneDrive - Company/bucket', 'a synced folder (OneDrive - Company)'],
  [ext4, '/home/me/dropbox-api/bucket', undefined],
  [ext4, '/home/me/bucket', undefined],
])('file system %i, %s', (type, folder, kind) => {
  expect(sharedBy(folder, type)).toBe(kind);
});

test('nothing is created in a folder that is synced to other hosts, and the probe finds it unfit', async () => {
  const home = await mkdtemp(join(tmpdir(), 'cairn-shared-'));
  try {
    const root = join(home, 'Dropbox');
    await mkdir(root);
    const store = directoryStore(root, testRuntime());
    await expect(store.create('a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'unfit' });
    expect(await readdir(root)).toEqual([]);
    expect((await probeStore(store, 'probe/', testRuntime())).verdict).toBe('unfit');
    await store.overwrite('a/b', Buffer.from('single writer'));
    expect(String(await (await store.get('a/b'))?.bytes())).toBe('single writer');
  } finally {
    await rm(home, { recursive: true });
  }
});
