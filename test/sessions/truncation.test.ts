import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { scanSession } from '../../src/mirror/scan.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { verifySession } from '../../src/mirror/verify.ts';
import { openRedactor } from '../../src/redact/open.ts';
import { followSession } from '../../src/sessions/follow.ts';
import { listSession } from '../../src/sessions/listing.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { finishTruncation, planTruncation, truncate } from '../../src/sessions/truncation.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { seeded } from '../mirror/chaos.ts';
import { mirror, temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { EpochWriter } from './bucket.ts';

const session = '11111111-2222-4333-8444-555555555555';
const address = { project: 'p', harness: 'claude-code', session };
const harness = harnesses.find(({ name }) => name === 'claude-code');
const key = Buffer.alloc(32, 7);
const seeds = Number(process.env.CAIRN_SEEDS ?? 20);
const firstSeed = Number(process.env.CAIRN_SEED ?? 1);

let home: string;
let file: string;
let store: BucketStore;
let stateFolder: string;
let said: number;
const runtime = testRuntime();

beforeEach(begin);

async function begin(): Promise<void> {
  said = 0;
  home = await temporaryFolder();
  stateFolder = await temporaryFolder();
  store = memoryStore(runtime);
  file = join(home, '.claude', 'projects', '-x', `${session}.jsonl`);
  await mkdir(join(file, '..'), { recursive: true });
}

/** Each record carries one event, the first that of the beginning too, and says its number. */
async function say(count = 1): Promise<void> {
  const record = () =>
    `${JSON.stringify({ type: 'user', sessionId: session, uuid: `u${said}`, message: { role: 'user', content: String(said++) } })}\n`;
  await appendFile(file, Array.from({ length: count }, record).join(''));
}

const ship = (to: BucketStore = store) => mirror({ store: to, home, stateFolder, runtime, run: { chunkBytes: 400 } });
const truncating = (to: BucketStore) => ({
  store: to,
  runtime,
  key: sourceKey(key),
  writer: { mirror: 'other', host: 'other-host', version: '0' },
});

const eventsOf = (records: number) => (records === 0 ? 0 : records + 1);

/** Keeps so many records. */
async function cut(keep: number, to: BucketStore = store): Promise<void> {
  await finishTruncation(truncating(to), address);
  const listing = await listSession(to, address);
  const plan = await planTruncation(to, listing, harness, eventsOf(keep));
  await truncate(truncating(to), listing, plan.streams);
}

/** The numbers that were said, as a reader finds them. */
async function content(options: { readonly stream?: string; readonly epoch?: number; readonly single?: boolean } = {}) {
  const { stream = 'main', epoch, single = true } = options;
  const { streams } = await listSession(store, address);
  const { run, others } = await chooseEpoch(store, { ...address, stream }, streams.get(stream) ?? [], epoch);
  if (single) expect(others).toEqual([]);
  let text = '';
  for await (const { lines } of readParts(store, { ...address, stream }, run)) if (lines) text += Buffer.from(lines);
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => Number(JSON.parse(line).message.content));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

async function problems(): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const finding of verifySession(store, address)) if (finding.event !== 'stream') found.push(finding);
  return found;
}

describe('a session that is cut short', () => {
  test('has what was kept; the old epoch has all of it; nothing was removed', async () => {
    await say(10);
    await ship();
    const before = [...(await listSession(store, address)).streams.get('main')!.flatMap(({ seqs }) => seqs)];
    await cut(4);
    expect(await content()).toEqual(numbers(0, 4));
    expect(await content({ epoch: 0 })).toEqual(numbers(0, 10));
    const [old] = (await listSession(store, address)).streams.get('main') ?? [];
    expect(old?.seqs).toEqual([...before, before.length]);
    expect(await problems()).toEqual([]);
  });

  test.each([0, 1, 3, 9])('at %i, and again shorter; a writer goes on behind the cut', async (keep) => {
    await say(10);
    await ship();
    await cut(keep);
    await say(3);
    await ship();
    expect(await content()).toEqual([...numbers(0, keep), ...numbers(10, 13)]);
    await cut(Math.min(keep, 2));
    await say();
    await ship();
    expect(await content()).toEqual([...numbers(0, Math.min(keep, 2)), 13]);
    expect(await problems()).toEqual([]);
  });

  test('cut at its end is as it was', async () => {
    await say(3);
    await ship();
    const plan = await planTruncation(store, await listSession(store, address), harness, eventsOf(3));
    expect(plan).toEqual({ events: { keep: 4, cut: 0 }, streams: [] });
  });

  test('a writer that lost its state finds what it shipped, and ships nothing of it again', async () => {
    await say(10);
    await ship();
    await cut(4);
    stateFolder = await temporaryFolder();
    await say(2);
    await ship();
    expect(await content()).toEqual([...numbers(0, 4), 10, 11]);
    expect(await problems()).toEqual([]);
  });

  test('a follower goes over to it, and sees nothing twice', async () => {
    await say(6);
    await ship();
    const [{ seqs } = { seqs: [] }] = (await listSession(store, address)).streams.get('main') ?? [];
    await cut(2);
    await say();
    await ship();
    const controller = new AbortController();
    const seen: unknown[] = [];
    const from = new Map([['main', { epoch: 0, seq: seqs.length }]]);
    for await (const followed of followSession(store, address, {
      runtime,
      from,
      wants: () => true,
      signal: controller.signal,
    })) {
      if (followed.event === 'epoch') seen.push([followed.reason, followed.restart]);
      if (followed.event !== 'part' || !followed.piece.lines) continue;
      seen.push(JSON.parse(Buffer.from(followed.piece.lines).toString()).message.content);
      controller.abort();
    }
    expect(seen).toEqual([['cut', false], '6']);
  });

  test('loses the sub-agents that it no longer names', async () => {
    const agent = (id: string) => join(file, '..', session, 'subagents', `agent-${id}.jsonl`);
    await mkdir(join(agent('x'), '..'), { recursive: true });
    const call = (id: string) => [
      {
        type: 'assistant',
        uuid: `c${id}`,
        message: {
          id: `m${id}`,
          role: 'assistant',
          content: [{ type: 'tool_use', id: `t${id}`, name: 'Task', input: {} }],
        },
      },
      {
        type: 'user',
        uuid: `r${id}`,
        message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${id}`, content: 'done' }] },
        toolUseResult: { agentId: id, status: 'completed' },
      },
    ];
    for (const id of ['aaaa', 'bbbb']) {
      await appendFile(
        file,
        call(id)
          .map((record) => `${JSON.stringify({ sessionId: session, ...record })}\n`)
          .join(''),
      );
      await writeFile(
        agent(id),
        `${JSON.stringify({ type: 'user', agentId: id, isSidechain: true, sessionId: session, uuid: `s${id}`, message: { role: 'user', content: '7' } })}\n`,
      );
    }
    await ship();
    // Of an agent that goes on in another file.
    const segments = ['aaaa', 'bbbb'].map((id) => `agent-${id}-segment-s1`);
    for (const stream of segments) {
      const said = { type: 'user', sessionId: session, uuid: stream, message: { role: 'user', content: '8' } };
      await new EpochWriter(store, { ...address, stream }).put([JSON.stringify(said)]);
    }
    const all = await planTruncation(store, await listSession(store, address), harness, 1 << 20);
    const listing = await listSession(store, address);
    const plan = await planTruncation(store, listing, harness, all.events.keep / 2);
    expect(plan.streams.map(({ stream }) => stream)).toEqual(['main', 'agent-bbbb', 'agent-bbbb-segment-s1']);
    await truncate(truncating(store), listing, plan.streams);
    const left = ['agent-aaaa', 'agent-bbbb', ...segments].map((stream) => content({ stream }));
    expect(await Promise.all(left)).toEqual([[7], [], [8], []]);
    expect(await problems()).toEqual([]);
  });

  test('keeps all its epochs when it is redacted anew', async () => {
    await say(6);
    await appendFile(
      file,
      `${JSON.stringify({ type: 'user', uuid: 'x', message: { role: 'user', content: `99` }, note: ['AKIA', 'Q3EGRIZH', 'NRTQ5SVP'].join('') })}\n`,
    );
    await mirror({ store, home, stateFolder, runtime, run: { chunkBytes: 400 } });
    await cut(4);
    const scan = { ...truncating(store), reason: 'redacted', redactor: openRedactor({ key }) };
    const findings = [];
    for await (const finding of scanSession(scan, address, true)) findings.push(finding.event);
    expect(findings).toContain('replaced');
    expect(await content()).toEqual(numbers(0, 4));
    await say(1);
    await ship();
    expect(await content()).toEqual([...numbers(0, 4), 6]);
    expect(await problems()).toEqual([]);
    const epochs = (await listSession(store, address)).streams.get('main') ?? [];
    const whole = epochs.filter(({ seqs }) => seqs[0] === 0);
    expect(await content({ epoch: whole[0]!.epoch })).toEqual([...numbers(0, 6), 99]);
  });
});

/**
 * Random histories: records are said and shipped between and during cuts, cuts and writers die at any step, the
 * writer loses its state. What a reader finds is what each cut kept, and behind it all that was shipped later.
 */
test(`${seeds} random histories with a writer beside the cuts`, async () => {
  let [raced, died] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const random = seeded(seed);
    await begin();
    await say(1 + Math.floor(random() * 8));
    await ship();
    let expected = numbers(0, said);
    for (let step = 0; step < 6; step++) {
      if (random() < 0.6) {
        const shipped = said;
        await say(1 + Math.floor(random() * 5));
        await ship();
        expected = [...expected, ...numbers(shipped, said)];
      }
      if (random() < 0.2) stateFolder = await temporaryFolder();
      const keep = Math.floor(random() * (expected.length + 2));
      const before = said;
      let planned = true;
      let writing = false;
      let isCut = false;
      let life = random() < 0.4 ? Math.floor(random() * 6) : Number.POSITIVE_INFINITY;
      const racing: BucketStore = {
        ...store,
        async create(name, payload, options) {
          if (life-- <= 0) throw new Error('crash');
          // Not during the first write: what is shipped before it may be cut or not.
          if (!planned && !writing && random() < 0.4) {
            writing = true;
            await say(1 + Math.floor(random() * 2));
            await ship();
            writing = false;
            raced++;
          }
          planned = false;
          isCut ||= name.endsWith('part-00000000.jsonl.gz');
          return store.create(name, payload, options);
        },
      };
      const outcome = await cut(keep, racing).then(
        () => 'done',
        (error: Error) => error.message,
      );
      if (outcome !== 'done') {
        died++;
        expect(outcome).toBe('crash');
        await finishTruncation(truncating(store), address);
      }
      expected = [...(isCut ? expected.slice(0, keep) : expected), ...numbers(before, said)];
      expect({ seed, step, content: await content() }).toEqual({ seed, step, content: expected });
    }
    const shipped = said;
    await say(2);
    await ship();
    expect({ seed, content: await content() }).toEqual({ seed, content: [...expected, ...numbers(shipped, said)] });
    expect({ seed, problems: await problems() }).toEqual({ seed, problems: [] });
  }
  expect(raced).toBeGreaterThan(seeds / 4);
  expect(died).toBeGreaterThan(seeds / 4);
}, 300_000);
