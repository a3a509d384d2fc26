import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Scan, type ScanFinding, scanSession } from '../../src/mirror/scan.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { verifySession } from '../../src/mirror/verify.ts';
import { openRedactor } from '../../src/redact/open.ts';
import { followSession } from '../../src/sessions/follow.ts';
import { listSession } from '../../src/sessions/listing.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { partKey } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { createRandom, tokens } from '../redact/secrets.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

const session = '11111111-2222-4333-8444-555555555555';
const address = { project: 'p', harness: 'claude-code', session };
const [[, token] = ['', '']] = tokens(createRandom(99)).filter(([rule]) => rule === 'github-token');
const key = Buffer.alloc(32, 7);

let home: string;
let file: string;
let store: BucketStore;
let stateFolder: string;
const runtime = testRuntime();
let records: number;

const record = (text: string) =>
  `${JSON.stringify({ type: 'user', sessionId: session, uuid: `u${++records}`, message: { role: 'user', content: text } })}\n`;
const ship = (to: BucketStore = store) => mirror({ store: to, home, stateFolder, runtime });
const say = (...texts: readonly string[]) => appendFile(file, texts.map(record).join(''));
const scanWith = (to: BucketStore = store): Scan => ({
  store: to,
  runtime,
  key: sourceKey(key),
  writer: { mirror: 'scanner', host: 'other-host', version: '0' },
  reason: 'redacted',
  redactor: openRedactor({ key }),
});

beforeEach(async () => {
  records = 0;
  home = await temporaryFolder();
  stateFolder = await temporaryFolder();
  store = memoryStore(runtime);
  file = join(home, '.claude', 'projects', '-x', `${session}.jsonl`);
  await mkdir(join(file, '..', session, 'tool-results'), { recursive: true });
});

async function scan(fix: boolean, to: BucketStore = store): Promise<ScanFinding[]> {
  const findings: ScanFinding[] = [];
  for await (const finding of scanSession(scanWith(to), address, fix)) findings.push(finding);
  return findings;
}

async function content(single = true): Promise<string> {
  const stream = 'main';
  const { streams } = await listSession(store, address);
  const { run, others } = await chooseEpoch(store, { ...address, stream }, streams.get(stream) ?? []);
  if (single) expect(others).toEqual([]);
  let text = '';
  for await (const { lines } of readParts(store, { ...address, stream }, run)) if (lines) text += Buffer.from(lines);
  return text;
}

/** Whether any object of the project holds `secret`, in whatever member of gzip. */
async function isStored(secret: string): Promise<boolean> {
  for await (const entry of store.list('p/')) {
    if (!('key' in entry)) continue;
    const bytes = Buffer.from((await (await store.get(entry.key))?.bytes()) ?? []);
    const text = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
    if (text.includes(secret)) return true;
  }
  return false;
}

async function problems(): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const finding of verifySession(store, address)) if (finding.event !== 'stream') found.push(finding);
  return found;
}

/** As the mirror would have redacted its source. */
async function expectFixed(): Promise<void> {
  expect(await isStored(token)).toBe(false);
  const source = await readFile(file, 'utf8');
  const mark = openRedactor({ key }).redact(Buffer.from(source)).block;
  expect(await content()).toBe(Buffer.from(mark).toString());
  expect(await problems()).toEqual([]);
}

describe('what was shipped before it was known', () => {
  test('is found in records of any epoch, in side files and in blobs, and nothing is changed', async () => {
    await say('one', `export T=${token}`, 'three');
    await writeFile(join(file, '..', session, 'tool-results', 'big.txt'), `${'x y z\n'.repeat(20_000)}T=${token}\n`);
    await ship();
    await writeFile(file, record('rewritten') + record('again'));
    await ship();
    const findings = await scan(false);
    expect(findings).toMatchObject([
      { event: 'found', stream: 'main', epoch: 0, seq: 0, redactions: { 'github-token': 1 } },
      { event: 'found', stream: 'files', blob: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(await isStored(token)).toBe(true);
    await scan(true);
    await expectFixed();
    expect(await scan(true)).toEqual([]);
  });

  test('is taken out in a new epoch, and a live writer goes on there', async () => {
    await say('one', `export T=${token}`);
    await ship();
    await say(`curl -H "x: ${token}"`, 'four');
    await ship();
    expect((await scan(true)).at(-1)).toEqual({ event: 'replaced', stream: 'main' });
    await expectFixed();
    await say('five');
    await ship();
    await expectFixed();
    await say('six');
    await ship();
    await expectFixed();
    const { streams } = await listSession(store, address);
    expect(streams.get('main')?.map(({ epoch, seqs }) => [epoch, seqs])).toEqual([
      [0, [2]],
      [1, [0, 1, 2, 3]],
    ]);
  });

  test('a writer with a lost state, or on another host, joins the new epoch', async () => {
    await say('one', `export T=${token}`);
    await ship();
    await scan(true);
    stateFolder = await temporaryFolder();
    await say('two');
    await ship();
    await expectFixed();
  });

  test('a follower goes over to the new epoch and misses nothing', async () => {
    await say('one', `export T=${token}`);
    await ship();
    const seen: string[] = [];
    const controller = new AbortController();
    const from = new Map([['main', { epoch: 0, seq: 1 }]]);
    await scan(true);
    await say('after the fix');
    await ship();
    const options = { runtime, from, wants: () => true, signal: controller.signal };
    for await (const followed of followSession(store, address, options)) {
      if (followed.event === 'epoch') seen.push(`epoch ${followed.epoch} ${followed.reason} ${followed.restart}`);
      if (followed.event === 'part' && followed.piece.lines) {
        seen.push(JSON.parse(Buffer.from(followed.piece.lines).toString()).message.content);
        controller.abort();
      }
    }
    expect(seen).toEqual(['epoch 1 redacted false', 'after the fix']);
  });
});

describe('a title that holds a secret', () => {
  test('is found in summary and catalogs, taken out, and does not come back', async () => {
    await say(`deploy with ${token} please`);
    await ship();
    expect(await isStored(token)).toBe(true);
    await scan(true);
    await expectFixed();
    await say('and on');
    await ship();
    await expectFixed();
    await writeFile(join(file, '..', 'other.jsonl'), '');
    stateFolder = await temporaryFolder();
    await say('from a new state');
    await ship();
    await expectFixed();
  });
});

describe('while it is fixed', () => {
  test('what a live writer ships meanwhile is in the new epoch, once', async () => {
    await say('one', `export T=${token}`);
    await ship();
    let busy = false;
    const racing: BucketStore = {
      ...store,
      async create(name, payload, options) {
        if (!busy && name === partKey({ ...address, stream: 'main', epoch: 0, seq: 1 })) {
          busy = true;
          await say(`late ${token}`);
          await ship();
        }
        return store.create(name, payload, options);
      },
    };
    await scan(true, racing);
    expect(busy).toBe(true);
    await expectFixed();
    await say('and on');
    await ship();
    await expectFixed();
  });

  test('a crash at any write leaves what the next run finishes, and never a shortened session', async () => {
    const whole = async () => (await content(false)).split('\n').length;
    for (let step = 0; ; step++) {
      store = memoryStore(runtime);
      stateFolder = await temporaryFolder();
      records = 0;
      await writeFile(file, [record('zero'), record(`export T=${token}`)].join(''));
      await ship();
      await say(`again ${token}`);
      await ship();
      const lines = await whole();
      let left = step;
      const crash = () => {
        if (left-- === 0) throw new Error('crash');
      };
      const dying: BucketStore = {
        ...store,
        async create(name, payload, options) {
          crash();
          return store.create(name, payload, options);
        },
        async remove(name, options) {
          crash();
          return store.remove(name, options);
        },
      };
      const done = await scan(true, dying).then(
        () => true,
        (error) => {
          expect(error.message).toBe('crash');
          return false;
        },
      );
      if (done) {
        expect(step).toBeGreaterThan(4);
        break;
      }
      expect(await whole()).toBe(lines);
      await scan(true);
      await say('on');
      await ship();
      await expectFixed();
    }
  });
});
