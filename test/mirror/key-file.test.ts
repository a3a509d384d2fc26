import { randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadKey } from '../../src/mirror/key-file.ts';
import { temporaryFolder } from './rig.ts';

test('made once, private, the same for all who make it at the same time', async () => {
  const folder = join(await temporaryFolder(), 'config');
  const path = join(folder, 'key');
  const keys = await Promise.all(Array.from({ length: 16 }, (_, i) => loadKey(path, `${path}.${i}`, randomBytes)));
  const again = await loadKey(path, `${path}.x`, () => expect.fail('a second key'));
  expect(again.length).toBe(32);
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex')))).toEqual(
    new Set([Buffer.from(again).toString('hex')]),
  );
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['key']);
});

test.each(['', 'abc', 'z'.repeat(64), 'a'.repeat(63)])('%j is no key', async (text) => {
  const path = join(await temporaryFolder(), 'key');
  await writeFile(path, text);
  await expect(loadKey(path, `${path}.x`, randomBytes)).rejects.toMatchObject({ code: 'config' });
});

test('a key that was copied by hand', async () => {
  const path = join(await temporaryFolder(), 'key');
  await writeFile(path, `${'AB'.repeat(32)}\r\n`);
  expect(await loadKey(path, `${path}.x`, randomBytes)).toEqual(Buffer.alloc(32, 0xab));
});
