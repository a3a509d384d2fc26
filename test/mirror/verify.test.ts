import { createHash } from 'node:crypto';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claudeCode } from '../../harnesses/claude-code.ts';
import type { SessionRef } from '../../src/harness/types.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { type VerifyFinding, verifySession } from '../../src/mirror/verify.ts';
import { blobKey, partKey, type SessionAddress, sessionPrefix } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { EpochWriter, main, records, session, watchedStore } from '../sessions/bucket.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

type Options = Parameters<typeof verifySession>[2];

async function findings(store: BucketStore, address: SessionAddress = session, options: Options = {}) {
  const found: VerifyFinding[] = [];
  for await (const finding of verifySession(store, address, options)) found.push(finding);
  return found;
}
const departure = ({ last: { epoch, seq, chain } }: EpochWriter) => ({ epoch, seq, chain });
const problems = (found: readonly VerifyFinding[]) => found.filter(({ event }) => event === 'problem');

describe('the bucket alone', () => {
  test('a sound session with a closed epoch and a branch; the fork is a note', async () => {
    const store = watchedStore();
    const old = new EpochWriter(store, main);
    await old.put(records(2));
    const next = new EpochWriter(store, main, 1, { reason: 'truncated', departs: null });
    const { epoch, seq, chain } = await next.put(records(3));
    await old.close({ epoch: 1, seq: 0 });
    expect(await findings(store)).toEqual([
      { event: 'stream', stream: 'main', epochs: 2, parts: 3, records: 3, bytes: next.last.totals.bytes },
    ]);
    await new EpochWriter(store, main, 2, { reason: 'diverged', departs: { epoch, seq, chain } }).put(records(1, 3));
    const forked = await findings(store);
    expect(problems(forked)).toEqual([]);
    expect(forked).toContainEqual(expect.objectContaining({ event: 'note', kind: 'fork' }));
  });

  test('custody of a source is told from the parts that were read: each is fetched once', async () => {
    const store = watchedStore();
    const old = new EpochWriter(store, main);
    await old.put(records(2));
    const next = new EpochWriter(store, main, 1, { reason: 'diverged', departs: departure(old) });
    const { to } = await next.put(records(3));
    const size = to.kind === 'bytes' ? to.offset : 0;
    await next.put([], { event: 'gone', seen: { size, mtime: '2026-11-21T10:00:00.000Z' } });
    await old.close({ epoch: 1, seq: 0 });
    const found = await findings(store, session, { custody: true });
    expect(found.filter(({ event }) => event !== 'stream')).toEqual([
      expect.objectContaining({ event: 'custody', stream: 'main', custody: 'held', bytes: size }),
    ]);
    const parts = store.asked.get.filter((key) => key.includes('part-'));
    expect(parts.length).toBe(new Set(parts).size);
    expect(store.asked.list.length).toBe(1);
  });

  test('a gap, and the first part behind it', async () => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main);
    for (let i = 0; i < 5; i++) await epoch.put(records(1, i));
    await store.remove(partKey({ ...main, epoch: 0, seq: 2 }));
    expect(problems(await findings(store))).toEqual([
      expect.objectContaining({ kind: 'gap', epoch: 0, seq: 2, stream: 'main' }),
    ]);
  });

  test.each([
    ['totals that do not add up', { totals: { records: 9, bytes: 9, redactions: {} } }],
    ['a wrong chain', { chain: 'ff' }],
    ['a wrong hash', { content: 'ff' }],
    ['a wrong count', { records: 7 }],
    ['another session', { session: 'another' }],
  ])('%s: the part is named', async (_, change) => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main);
    for (let i = 0; i < 4; i++) await epoch.put(records(1, i), i === 2 ? change : {});
    expect(problems(await findings(store))).toEqual([
      expect.objectContaining({ kind: 'corrupt', stream: 'main', epoch: 0, seq: 2 }),
    ]);
  });

  test('a branch that continues nothing that is there', async () => {
    const store = watchedStore();
    await new EpochWriter(store, main).put(records(1));
    for (const departs of [
      { epoch: 0, seq: 0, chain: 'ff' },
      { epoch: 0, seq: 9, chain: 'ff' },
      { epoch: 1, seq: 0, chain: 'ff' },
    ]) {
      await new EpochWriter(store, main, 1, { reason: 'diverged', departs }).put(records(1));
      expect(problems(await findings(store))).toEqual([expect.objectContaining({ kind: 'corrupt', epoch: 1, seq: 0 })]);
    }
  });

  test('blobs that are missing or other than their name, keys that are no part', async () => {
    const store = watchedStore();
    const text = Buffer.from('a long file');
    const sha256 = createHash('sha256').update(text).digest('hex');
    const missing = 'ab'.repeat(32);
    const files = [sha256, missing].map((hash) => JSON.stringify({ path: hash, size: 1, sha256: hash }));
    await new EpochWriter(store, { ...session, stream: 'files' }).put(files);
    await store.overwrite(blobKey(session, sha256), text);
    expect(problems(await findings(store))).toEqual([expect.objectContaining({ kind: 'blob', stream: 'files' })]);
    await store.overwrite(blobKey(session, sha256), Buffer.from('other'));
    await store.overwrite(`${sessionPrefix(session)}main/e000000/evil`, Buffer.from(''));
    expect(problems(await findings(store)).map((p) => 'kind' in p && p.kind)).toEqual(['strange', 'blob', 'blob']);
  });
});

describe('with the source at hand', () => {
  async function mirrored() {
    const home = await temporaryFolder();
    await cp(join(import.meta.dirname, '..', 'samples', 'claude-code', 'main'), join(home, '.claude'), {
      recursive: true,
    });
    const store = memoryStore(testRuntime());
    const run = { chunkBytes: 8192 };
    await mirror({ store, home, stateFolder: await temporaryFolder(), run });
    const environment = { env: {}, home, platform: 'linux' as const };
    const refs: SessionRef[] = [];
    for (const root of claudeCode.roots(environment)) {
      for await (const ref of claudeCode.discover(root, { report: ({ cause }) => expect.fail(String(cause)) }))
        refs.push(ref);
    }
    const ref = refs.find(({ streams }) => streams.length > 3)!;
    const check = () => {
      const key = sourceKey(Buffer.alloc(32, 7));
      const address = { project: 'p', harness: 'claude-code', session: ref.id };
      return findings(store, address, { source: { harness: claudeCode, session: ref, key } });
    };
    const path = ref.streams.find(({ name }) => name === 'main')!.files[0]!.path;
    return { check, path };
  }

  test('equal, and still equal when the source has grown', async () => {
    const { check, path } = await mirrored();
    const found = await check();
    expect(problems(found)).toEqual([]);
    expect(found.filter((f) => f.event === 'stream').map((f) => f.source)).not.toContain(undefined);
    await appendFile(path, '{"type":"user"}\n');
    expect(problems(await check())).toEqual([]);
  });

  test('a byte changed in the middle: the part is named, and where it begins', async () => {
    const { check, path } = await mirrored();
    const bytes = await readFile(path);
    const at = bytes.indexOf('"', 20_000);
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const [problem, ...others] = problems(await check());
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ kind: 'source', stream: 'main', epoch: 0 });
    const { byte = Number.NaN } = problem as { byte?: number };
    expect(byte).toBeLessThanOrEqual(at + 1);
    expect(at + 1 - byte).toBeLessThan(bytes.length - byte);
    expect(byte).toBeGreaterThan(0);
  });
});
