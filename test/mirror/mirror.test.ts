import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FileRef, Harness } from '../../src/harness/types.ts';
import { storeBlob } from '../../src/mirror/blob.ts';
import type { MirrorEvent } from '../../src/mirror/mirror.ts';
import { inlinePreparer } from '../../src/mirror/preparer.ts';
import type { MirrorContext } from '../../src/mirror/session.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { listSession } from '../../src/sessions/listing.ts';
import { showSession } from '../../src/sessions/show.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { readStream } from './bucket.ts';
import { counted } from './counted.ts';
import { mirror, type RigOptions, temporaryFolder, testRedactor, testRuntime } from './rig.ts';

const session = '11111111-2222-4333-8444-555555555555';
const stream = (name = 'main') => ({ project: 'p', harness: 'claude-code', session, stream: name });
const line = (n: number | string, content = `turn ${n}`) =>
  `${JSON.stringify({ type: 'user', uuid: `u${n}`, sessionId: session, message: { role: 'user', content } })}\n`;

let folder: string;
let file: string;
let bucket: BucketStore;
let runtime: ReturnType<typeof testRuntime>;

beforeEach(async () => {
  folder = await temporaryFolder();
  // Ahead of the file system's clock, so that what was just written counts as settled.
  runtime = testRuntime('w', Date.now() + 3_600_000);
  bucket = memoryStore(runtime);
  file = join(folder, 'home/.claude/projects/-w', `${session}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
});

const run = (o: Partial<RigOptions> = {}) =>
  mirror({ store: bucket, home: join(folder, 'home'), stateFolder: join(folder, 'state'), runtime, ...o });
const failures = (events: readonly MirrorEvent[]) => events.filter((event) => event.event === 'failed');
const headTexts = async (name?: string) => (await readStream(bucket, stream(name))).heads.map((head) => head.text);

describe('what is shipped', () => {
  it('whole lines, then only what is new', async () => {
    writeFileSync(file, line(1) + line(2) + line(3).slice(0, 20));
    const first = await run();
    expect(first.find((event) => event.event === 'session')).toMatchObject({ pending: 20 });
    expect(await headTexts()).toEqual([line(1) + line(2)]);
    writeFileSync(file, line(1) + line(2) + line(3));
    expect(failures(await run())).toEqual([]);
    const { heads } = await readStream(bucket, stream());
    expect(heads.map((head) => head.text)).toEqual([line(1) + line(2) + line(3)]);
    expect(heads[0]!.headers.map((header) => header.records)).toEqual([2, 1]);
  });

  it('lines that are no JSON, NUL runs and unknown types, byte for byte, and counted', async () => {
    const odd = `${line(1)}{"type":"user","torn":\n\0\0\0\0\n{"type":"future-kind"}\n\n${line(2)}`;
    writeFileSync(file, odd);
    await run();
    expect(await headTexts()).toEqual([odd]);
    const meta = await metaOf();
    expect(meta.summary).toMatchObject({ records: 6, invalid: 3, unknown: 1, turns: 2 });
  });

  it('sub-agents and side files as streams of their own', async () => {
    writeFileSync(file, line(1));
    const side = file.replace('.jsonl', '');
    mkdirSync(join(side, 'subagents'), { recursive: true });
    mkdirSync(join(side, 'tool-results'));
    writeFileSync(join(side, 'subagents/agent-a0123456789abcdef.jsonl'), line('sub'));
    writeFileSync(join(side, 'tool-results/small.txt'), 'short');
    writeFileSync(join(side, 'tool-results/large.txt'), 'SECRET1\n'.repeat(20_000));
    await run({ redactor: () => testRedactor(/SECRET\d/g) });
    expect(await headTexts('agent-a0123456789abcdef')).toEqual([line('sub')]);
    const records = (await headTexts('files'))[0]!
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(records.map((record) => record.path)).toEqual(['tool-results/large.txt', 'tool-results/small.txt']);
    expect(records[1].text).toBe('short');
    const blob = await bucket.get(`p/sessions/claude-code/${session}/blobs/${records[0].sha256}`);
    expect(Buffer.from(await blob!.bytes()).toString()).toBe('[REDACTED:test]\n'.repeat(20_000));
    expect((await metaOf()).streams.files.redactions).toEqual({ test: 20_000 });
  });

  it('images are left alone and counted, in records and among side files', async () => {
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(90_000)]);
    const image = (n: number) => line(n, `data:image/png;base64,${png.subarray(0, 600 + n).toString('base64')}`);
    writeFileSync(file, line(1) + image(2) + image(3));
    const results = join(file.replace('.jsonl', ''), 'tool-results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'shot.png'), png);
    writeFileSync(join(results, 'data.bin'), png.subarray(1));
    const redactor = () => createRedactor({ key: Buffer.alloc(32, 5) });
    await run({ redactor });
    appendFileSync(file, image(4) + line(5));
    await run({ redactor });
    appendFileSync(file, line(6));
    await run({ redactor });
    expect(await headTexts()).toEqual([readFileSync(file, 'utf8')]);
    const { headers } = (await readStream(bucket, stream())).heads[0]!;
    expect(headers.map(({ images }) => images)).toEqual([2, 1, undefined]);
    expect(headers.map(({ totals }) => totals.images)).toEqual([2, 3, 3]);
    const listing = await listSession(bucket, { project: 'p', harness: 'claude-code', session });
    const shown = await showSession(bucket, listing);
    expect(shown.streams.map(({ stream, images }) => [stream, images])).toEqual([
      ['main', 3],
      ['files', 1],
    ]);
  });

  it('a link that took the place of a large side file is not read', async () => {
    const outside = join(folder, 'outside.txt');
    const link = join(folder, 'link.txt');
    writeFileSync(outside, 'not of this session\n');
    symlinkSync(outside, link);
    const preparer = inlinePreparer({} as Harness, testRedactor(), 3);
    const stamp = { dev: '1', ino: '1', size: 20, mtime: '0', ctime: '0' } as unknown as FileRef['stamp'];
    const stored = storeBlob({ store: bucket } as MirrorContext, stream(), preparer, { path: link, stamp });
    await expect(stored).rejects.toThrow(/got a symbolic link/);
  });

  it('a second copy of a session that says something else becomes a branch', async () => {
    const copy = file.replace('/-w/', '/-elsewhere/');
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(file, line(1) + line(2) + line(3));
    writeFileSync(copy, line(1) + line('other'));
    expect(failures(await run())).toEqual([]);
    expect((await headTexts()).sort()).toEqual([line(1) + line(2) + line(3), line(1) + line('other')].sort());
    appendFileSync(copy, line('more'));
    await run();
    expect((await headTexts()).sort()).toEqual(
      [line(1) + line(2) + line(3), line(1) + line('other') + line('more')].sort(),
    );
  });
});

describe('requests', () => {
  it('one for a part; meta and catalog at most once a minute; none when nothing is new', async () => {
    writeFileSync(file, line(1));
    const { store, calls } = counted(bucket);
    const requests = async () => {
      calls.length = 0;
      await run({ store, run: { known: async () => false } });
      return [...calls];
    };
    expect(await requests()).toEqual([
      'create main/e000000/part-00000000.jsonl.gz',
      'overwrite meta.json',
      // Once: the folder of an earlier catalog may be gone.
      'get catalog/recent.jsonl.gz',
      'get catalog/base.jsonl.gz',
      'overwrite catalog/recent.jsonl.gz',
    ]);
    expect(await requests()).toEqual([]);
    appendFileSync(file, line(2));
    expect(await requests()).toEqual(['create main/e000000/part-00000001.jsonl.gz']);
    appendFileSync(file, line(3));
    expect(await requests()).toEqual(['create main/e000000/part-00000002.jsonl.gz']);
    runtime.time += 61_000;
    // Without a part of its own it looks whether the session is still there.
    expect(await requests()).toEqual([
      'get main/e000000/part-00000003.jsonl.gz',
      'overwrite meta.json',
      'overwrite catalog/recent.jsonl.gz',
    ]);
    expect(await requests()).toEqual([]);
    expect((await metaOf()).summary.turns).toBe(3);
  });

  it('a new session is listed at once, though the catalog was just written', async () => {
    writeFileSync(file, line(1));
    await run();
    writeFileSync(file.replace(session, '99999999-2222-4333-8444-555555555555'), line(2));
    const { store, calls } = counted(bucket);
    await run({ store, run: { known: async () => false } });
    expect(calls.at(-1)).toBe('overwrite catalog/recent.jsonl.gz');
  });

  it('the number of parts does not make a flush dearer', async () => {
    const { store, calls } = counted(bucket);
    const small = { store, run: { known: async () => false, chunkBytes: 200 } };
    writeFileSync(file, Array.from({ length: 300 }, (_, n) => line(n)).join(''));
    await run(small);
    calls.length = 0;
    appendFileSync(file, line('last'));
    await run(small);
    expect(calls.length).toBe(1);
  });

  it('looks at the bucket before it writes after twelve hours', async () => {
    const { store, calls } = counted(bucket);
    writeFileSync(file, line(1));
    await run({ store });
    runtime.time += 13 * 3_600_000;
    appendFileSync(file, line(2));
    calls.length = 0;
    await run({ store });
    expect(calls[0]).toBe('list main/e000000/');
    expect(await headTexts()).toEqual([line(1) + line(2)]);
  });
});

describe('what went wrong with the source', () => {
  it('rewritten: the next epoch holds it whole, the old one is closed', async () => {
    writeFileSync(file, line(1) + line(2));
    await run();
    writeFileSync(file, line(9) + line(2));
    await run();
    const { epochs, heads } = await readStream(bucket, stream());
    expect(epochs.map((epoch) => epoch.text)).toEqual([line(1) + line(2), line(9) + line(2)]);
    expect(heads.map((head) => head.epoch)).toEqual([1]);
    expect(epochs[0]!.headers.at(-1)!.closed).toMatchObject({ reason: 'rewritten', next: { epoch: 1, seq: 0 } });
  });

  it('a change in the middle that keeps size and guard is found when the session is stopped', async () => {
    const filler = Array.from({ length: 4000 }, (_, n) => line(n)).join('');
    writeFileSync(file, filler);
    await run();
    const changed = Buffer.from(filler);
    changed[changed.indexOf('turn 2000')] = 'T'.charCodeAt(0);
    writeFileSync(file, changed);
    await run();
    expect((await readStream(bucket, stream())).epochs.length).toBe(1);
    await run({ run: { end: true } });
    const { heads, epochs } = await readStream(bucket, stream());
    expect(heads.map((head) => head.text)).toEqual([changed.toString()]);
    expect(epochs[0]!.text).toBe(filler);
    expect(heads[0]!.headers.at(-1)!.event).toBe('ended');
  });

  it('a part that lands while its epoch is being left is closed after, and is no fork', async () => {
    writeFileSync(file, line(1));
    await run();
    appendFileSync(file, line(2));
    let late = async () => {};
    const losing: BucketStore = {
      ...bucket,
      async create(key, payload) {
        if (!key.endsWith('e000000/part-00000001.jsonl.gz')) return bucket.create(key, payload);
        late = async () => void (await bucket.create(key, payload));
        return { outcome: 'unknown', date: undefined };
      },
    };
    expect(failures(await run({ store: losing }))).toMatchObject([{ cause: { code: 'unknown' } }]);
    writeFileSync(file, line(9) + line(2));
    const landing: BucketStore = {
      ...bucket,
      async create(key, payload) {
        const answer = await bucket.create(key, payload);
        if (key.endsWith('e000001/part-00000000.jsonl.gz')) await late();
        return answer;
      },
    };
    expect(failures(await run({ store: landing }))).toEqual([]);
    const { epochs, heads } = await readStream(bucket, stream());
    expect(epochs.map((epoch) => epoch.text)).toEqual([line(1) + line(2), line(9) + line(2)]);
    expect(heads.map((head) => head.epoch)).toEqual([1]);
  });

  it('deleted: the bucket keeps it and says so, and goes on when it comes back', async () => {
    writeFileSync(file, line(1));
    await run();
    rmSync(file);
    expect((await run()).map((event) => event.event)).toContain('gone');
    expect((await metaOf()).state).toBe('gone');
    expect(await headTexts()).toEqual([line(1)]);
    const { store, calls } = counted(bucket);
    await run({ store });
    expect(calls).toEqual([]);
    writeFileSync(file, line(1) + line(2));
    await run();
    const { epochs } = await readStream(bucket, stream());
    expect(epochs.map((epoch) => epoch.text)).toEqual([line(1) + line(2)]);
    runtime.time += 61_000;
    await run();
    expect((await metaOf()).state).toBe('active');
  });

  it('its whole root is away: nothing is said of it', async () => {
    writeFileSync(file, line(1));
    await run();
    rmSync(join(folder, 'home'), { recursive: true });
    expect((await run()).map((event) => event.event)).not.toContain('gone');
  });

  it.skipIf(process.getuid?.() === 0)('unreadable: told, and the others are shipped', async () => {
    writeFileSync(file, line(1));
    const other = file.replace(session, '99999999-2222-4333-8444-555555555555');
    writeFileSync(other, line(2));
    chmodSync(file, 0);
    expect(failures(await run()).length).toBe(1);
  });
});

describe('stop', () => {
  it('flushes, marks the session ended, and a later mirror goes on and takes it back', async () => {
    writeFileSync(file, line(1));
    await run({ run: { end: true } });
    expect((await metaOf()).state).toBe('ended');
    appendFileSync(file, line(2));
    runtime.time += 61_000;
    await run();
    expect((await metaOf()).state).toBe('active');
    const { heads } = await readStream(bucket, stream());
    expect(heads.map((head) => head.text)).toEqual([line(1) + line(2)]);
    expect(heads[0]!.headers.map((header) => header.event)).toEqual([undefined, 'ended', undefined]);
  });

  it('ships what --min-bytes held back', async () => {
    const held = { run: { minBytes: 10_000, maxWaitMs: 60_000 } };
    writeFileSync(file, line(1));
    await run(held);
    appendFileSync(file, line(2));
    const events = await run(held);
    expect(events.find((event) => event.event === 'session')).toMatchObject({ pending: line(2).length });
    expect(await headTexts()).toEqual([line(1)]);
    await run({ run: { ...held.run, end: true } });
    expect(await headTexts()).toEqual([line(1) + line(2)]);
  });

  it('--max-wait ends the waiting', async () => {
    const held = { run: { minBytes: 10_000, maxWaitMs: 60_000 } };
    writeFileSync(file, line(1));
    await run(held);
    appendFileSync(file, line(2));
    await run(held);
    runtime.time += 60_000;
    await run(held);
    expect(await headTexts()).toEqual([line(1) + line(2)]);
  });
});

describe('many', () => {
  it('two mirrors of one source meet in the same parts', async () => {
    writeFileSync(file, line(1));
    await run();
    const second = { stateFolder: join(folder, 'state2') };
    appendFileSync(file, line(2));
    await run(second);
    appendFileSync(file, line(3));
    await run();
    await run(second);
    const { epochs } = await readStream(bucket, stream());
    expect(epochs.map((epoch) => epoch.text)).toEqual([line(1) + line(2) + line(3)]);
    expect(new Set(epochs[0]!.headers.map((header) => header.writer.mirror)).size).toBe(2);
  });

  it('two hosts that continue one session differently keep both', async () => {
    writeFileSync(file, line(1));
    await run();
    const elsewhere = join(folder, 'home2/.claude/projects/-w', `${session}.jsonl`);
    mkdirSync(dirname(elsewhere), { recursive: true });
    writeFileSync(elsewhere, line(1));
    const hostB = { home: join(folder, 'home2'), stateFolder: join(folder, 'state2') };
    await run(hostB);
    appendFileSync(file, line('a'));
    appendFileSync(elsewhere, line('b'));
    await run();
    await run(hostB);
    appendFileSync(elsewhere, line('c'));
    await run(hostB);
    expect((await headTexts()).sort()).toEqual([line(1) + line('a'), line(1) + line('b') + line('c')].sort());
    const { epochs } = await readStream(bucket, stream());
    expect(epochs.map((epoch) => epoch.headers.length)).toEqual([2, 3]);
    expect(epochs[1]!.headers[1]!.opened).toMatchObject({ reason: 'diverged', departs: { epoch: 0, seq: 0 } });
  });

  it('another bucket gets everything from the start', async () => {
    writeFileSync(file, line(1) + line(2));
    await run();
    const other = memoryStore(runtime);
    const state = join(folder, 'state-other');
    await run({ store: other, stateFolder: state });
    expect((await readStream(other, stream())).heads.map((head) => head.text)).toEqual([line(1) + line(2)]);
  });

  it('lost local state: nothing is uploaded twice', async () => {
    writeFileSync(file, line(1) + line(2));
    await run();
    appendFileSync(file, line(3));
    await run();
    rmSync(join(folder, 'state'), { recursive: true });
    appendFileSync(file, line(4));
    await run();
    const { epochs } = await readStream(bucket, stream());
    expect(epochs.map((epoch) => epoch.text)).toEqual([line(1) + line(2) + line(3) + line(4)]);
  });

  it('a damaged state file is a lost one', async () => {
    writeFileSync(file, line(1));
    await run();
    for (const path of await filesBelow(join(folder, 'state')))
      if (path.endsWith('stream.json')) writeFileSync(path, '{"v":1,');
    appendFileSync(file, line(2));
    await run();
    expect(await headTexts()).toEqual([line(1) + line(2)]);
  });
});

describe('local state', () => {
  it('is private, and holds nothing of the transcript but hashes', async () => {
    writeFileSync(file, line(1, 'the word is heliotrope'));
    await run({ redactor: () => testRedactor(/h[e]liotrope/g) });
    const files = await filesBelow(join(folder, 'state'));
    expect(files.length).toBeGreaterThan(3);
    for (const path of files) {
      expect((await stat(path)).mode & 0o777, path).toBe(0o600);
      expect((await stat(dirname(path))).mode & 0o777, path).toBe(0o700);
      expect(readFileSync(path, 'latin1')).not.toContain('heliotrope');
    }
  });

  it('a dry run changes nothing, here or there', async () => {
    writeFileSync(file, line(1) + line(2));
    const { store, calls } = counted(bucket);
    const events = await run({ store, run: { dryRun: true } });
    expect(events.filter((event) => event.event === 'would')).toMatchObject([
      { stream: 'main', records: 2, bytes: statSync(file).size },
    ]);
    expect(calls).toEqual([]);
    expect((await filesBelow(join(folder, 'state'))).map((path) => path.slice(folder.length))).toEqual([
      '/state/mirror.json',
    ]);
  });

  it("a file touched within the clock's grain is looked at again", async () => {
    const now = new Date(runtime.time);
    writeFileSync(file, line(1));
    utimesSync(file, now, now);
    const first = await run();
    expect(first.at(-1)).toMatchObject({ sessions: 1, idle: 0 });
    expect((await run()).at(-1)).toMatchObject({ sessions: 1, idle: 0 });
    runtime.time += 5000;
    await run();
    expect((await run()).at(-1)).toMatchObject({ sessions: 0, idle: 1 });
  });
});

async function metaOf() {
  const object = await bucket.get(`p/sessions/claude-code/${session}/meta.json`);
  return JSON.parse(Buffer.from(await object!.bytes()).toString());
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
