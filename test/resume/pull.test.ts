import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pullSession } from '../../src/resume/pull.ts';
import { resolveSession } from '../../src/sessions/resolve.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { TestHost } from './host.ts';

test('a pulled session is what the bucket has, and is not read again', async () => {
  const folder = await temporaryFolder();
  const store = memoryStore(testRuntime());
  const host = await TestHost.make(store, folder, 'claude-code', 1);
  const sample = join(import.meta.dirname, '../samples/claude-code/main');
  const session = '49d9aac8-4336-424d-8f44-ade0771584a6';
  await cp(sample, host.root, { recursive: true });
  await host.mirror();
  const listing = await resolveSession(store, 'p', session);
  const first = await pullSession(store, listing, join(folder, 'read'));
  expect(first).toMatchObject({ written: 7, same: 0 });
  expect(await readFile(join(first.folder, 'main.jsonl'))).toEqual(
    await readFile(join(sample, 'projects/-home-dev-web-app', `${session}.jsonl`)),
  );
  expect(await pullSession(store, listing, join(folder, 'read'))).toMatchObject({ written: 0, same: 7 });
});
