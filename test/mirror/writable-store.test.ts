import { beforeEach, describe, expect, test } from 'vitest';
import { checkedProject } from '../../src/mirror/checked-project.ts';
import { type WritableOptions, writableStore } from '../../src/mirror/writable-store.ts';
import { checkFormat } from '../../src/store/format.ts';
import { formatKey, storeInfoKey } from '../../src/store/keys.ts';
import { readStoreInfo, writeStoreInfo } from '../../src/store/store-info.ts';
import { type WatchedStore, watchedStore } from '../sessions/bucket.ts';
import { temporaryFolder, testRuntime } from './rig.ts';

const bytes = Buffer.from('x');
let store: WatchedStore;
let options: WritableOptions & { runtime: ReturnType<typeof testRuntime> };
beforeEach(async () => {
  store = watchedStore();
  const runtime = testRuntime();
  const checked = checkedProject(await temporaryFolder(), 'memory:', 'p', runtime);
  options = { project: 'p', runtime, checked, singleWriter: false };
});

describe('the first write', () => {
  test('makes the project once; reading makes nothing', async () => {
    const writable = writableStore(store, options);
    expect(await writable.get('k')).toBeUndefined();
    expect(await checkFormat(store, 'p')).toBe('absent');
    await Promise.all([writable.create('k1', bytes), writable.create('k2', bytes), writable.overwrite('k3', bytes)]);
    expect(await checkFormat(store, 'p')).toBe('present');
    const format = JSON.parse(Buffer.from(await (await store.get(formatKey('p')))!.bytes()).toString());
    expect(format).toMatchObject({ cairn: 'project', v: 1, encrypted: false });
  });

  test('looks once a day and host, whatever the number of runs', async () => {
    for (let run = 0; run < 5; run++) await writableStore(store, options).create(`k${run}`, bytes);
    expect(store.asked.get.filter((key) => key === formatKey('p')).length).toBe(1);
    options.runtime.time += 86_400_001;
    await writableStore(store, options).create('k9', bytes);
    expect(store.asked.get.filter((key) => key === formatKey('p')).length).toBe(2);
  });

  test('what a reader learned is no leave to write, and is forgotten where it is not so', async () => {
    await options.checked.learned(false);
    expect([await options.checked.encrypted(), await options.checked.isFit()]).toEqual([false, false]);
    const encrypted = { cairn: 'project', v: 1, encrypted: true };
    await store.overwrite(formatKey('p'), Buffer.from(JSON.stringify(encrypted)));
    await expect(writableStore(store, options).create('k', bytes)).rejects.toMatchObject({ code: 'unfit' });
    expect(await options.checked.encrypted()).toBeUndefined();
  });

  test.each([
    [{ cairn: 'project', v: 2 }, 'newer-format'],
    [{ cairn: 'project', v: 1, encrypted: true }, 'unfit'],
    [{ hello: 'world' }, 'corrupt'],
  ])('%j is refused, and nothing is written', async (format, code) => {
    await store.overwrite(formatKey('p'), Buffer.from(JSON.stringify(format)));
    await expect(writableStore(store, options).create('k', bytes)).rejects.toMatchObject({ code });
    expect(await store.get('k')).toBeUndefined();
  });
});

describe('a store that is known to ignore conditions', () => {
  beforeEach(() => writeStoreInfo(store, 'p', { fit: false, failed: ['condition'], at: '2026-11-21' }));

  test('is refused with exit 78, without the promise of the user', async () => {
    const error = await writableStore(store, options)
      .create('k', bytes)
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'unfit', exitCode: 78 });
    expect(error.hint).toContain('--single-writer');
    expect(await store.get('k')).toBeUndefined();
  });

  test('with it, writes what is absent and keeps what is there', async () => {
    const ignoring = { ...store, create: () => expect.fail('a condition') };
    await store.overwrite(formatKey('p'), Buffer.from(JSON.stringify({ cairn: 'project', v: 1 })));
    const writable = writableStore(ignoring, { ...options, singleWriter: true });
    expect(await writable.create('k', bytes)).toMatchObject({ outcome: 'created' });
    expect(await writable.create('k', Buffer.from('other'))).toMatchObject({ outcome: 'exists' });
    expect(Buffer.from(await (await store.get('k'))!.bytes()).toString()).toBe('x');
    // The promise is not remembered for the next run.
    await expect(writableStore(store, options).create('k2', bytes)).rejects.toMatchObject({ code: 'unfit' });
  });
});

test('what a probe left that is no result counts for nothing', async () => {
  for (const text of ['', '{', '{"cairn":"store"}', 'x'.repeat(100_000)]) {
    await store.overwrite(storeInfoKey('p'), Buffer.from(text));
    expect(await readStoreInfo(store, 'p')).toBeUndefined();
  }
});
