import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { directoryStore } from '../../src/store/directory.ts';
import { probePrefix } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { openStore } from '../../src/store/open.ts';
import { probeStore } from '../../src/store/probe.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { realS3Url } from './real-s3.ts';
import { testRuntime } from './runtime.ts';
import { type Flaws, type S3Double, startS3Double } from './s3-double.ts';

const runtime = testRuntime();
const prefix = probePrefix('p', 'run');

async function expectFit(store: BucketStore): Promise<void> {
  const report = await probeStore(store, prefix, runtime);
  expect(report).toMatchObject({ verdict: 'fit', ordered: true, clock: true });
  expect(report.checks.map(({ name }) => name)).toEqual([
    'condition',
    'race',
    'recreate',
    'absence',
    'listing',
    'order',
    'clock',
    'content',
  ]);
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
  for await (const entry of store.list('')) expect.fail(`left behind: ${JSON.stringify(entry)}`);
}

describe('probe', () => {
  it('finds memory fit', () => expectFit(memoryStore(runtime)));

  it('finds a directory fit', async () => {
    const root = await mkdtemp(join(tmpdir(), 'cairn-probe-'));
    await expectFit(directoryStore(root, runtime));
    await rm(root, { recursive: true });
  });
});

const realUrl = realS3Url(runtime.id());
it.skipIf(realUrl === undefined)('finds the real S3 server fit', async () => {
  await expectFit(await openStore(realUrl ?? '', { env: {}, runtime }));
});

describe('probe of S3', () => {
  let double: S3Double;
  const open = () => openStore(`s3://double?endpoint=${double.endpoint}`, { env: {}, runtime });
  beforeAll(() => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
  });
  beforeEach(async () => {
    await double?.close();
    double = await startS3Double();
  });
  afterAll(() => double.close());

  it('finds a good server fit', async () => expectFit(await open()));

  it.each<[string, Flaws, string[]]>([
    ['ignores the condition', { ignoresCondition: true }, ['condition', 'race']],
    ['ignores ranges', { ignoresRange: true }, ['content']],
    ['lists what was there before', { listsStale: true }, ['listing', 'order']],
    ['remembers what was absent', { remembersAbsence: true }, ['absence']],
    ['stores the framing', { storesFraming: true }, ['race', 'recreate', 'absence', 'content']],
  ])('refuses a server that %s', async (_, flaws, failed) => {
    Object.assign(double.flaws, flaws);
    const report = await probeStore(await open(), prefix, runtime);
    expect(report.verdict).toBe('unfit');
    expect(report.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(failed);
    for (const { ok, detail } of report.checks) if (!ok) expect(detail).toMatch(/expected/);
    expect([...double.objects.keys()]).toEqual([]);
  });

  it.each<[Flaws, object]>([
    [{ listsUnordered: true }, { verdict: 'fit', ordered: false, clock: true }],
    [{ clockError: 3_600_000 }, { verdict: 'fit', ordered: true, clock: false }],
  ])('says what a usable server lacks: %j', async (flaws, found) => {
    Object.assign(double.flaws, flaws);
    expect(await probeStore(await open(), prefix, runtime)).toMatchObject(found);
  });

  it('refuses a server without conditional writes', async () => {
    double.fault('PUT', { kind: 'status', status: 501, after: false }, 1000);
    const report = await probeStore(await open(), prefix, runtime);
    expect(report.verdict).toBe('unfit');
    expect(report.checks[0]).toMatchObject({ name: 'condition', ok: false });
  });

  it('judges nothing where the answers are unclear or refused', async () => {
    double.fault('PUT', { kind: 'status', status: 503, after: false });
    await expect(probeStore(await open(), prefix, runtime)).rejects.toMatchObject({ code: 'unavailable' });
    double.fault('PUT', { kind: 'status', status: 403, after: false });
    await expect(probeStore(await open(), prefix, runtime)).rejects.toMatchObject({ code: 'denied' });
    const elsewhere = await openStore(`s3://other?endpoint=${double.endpoint}`, { env: {}, runtime });
    await expect(probeStore(elsewhere, prefix, runtime)).rejects.toMatchObject({ code: 'not-found' });
  });
});
