import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CopiedObject } from '../../src/export/copied-object.ts';
import { type CopiedGroup, copyObjects } from '../../src/export/copy.ts';
import { verifyPack } from '../../src/export/verified-copy.ts';
import { type CompactEvent, type CompactOptions, compactSession } from '../../src/mirror/compact.ts';
import { type ListedObject, planEpoch } from '../../src/mirror/compact-plan.ts';
import { listEpochs } from '../../src/mirror/epochs.ts';
import { type Replacement, replaceStream } from '../../src/mirror/replace.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { verifySession } from '../../src/mirror/verify.ts';
import { deleteSession, isDeleted } from '../../src/sessions/deletion.ts';
import { type Followed, followSession } from '../../src/sessions/follow.ts';
import { entriesOf, listSession, type SessionListing } from '../../src/sessions/listing.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { showSession } from '../../src/sessions/show.ts';
import { readStored } from '../../src/sessions/stored-parts.ts';
import { readTail } from '../../src/sessions/tail.ts';
import { packKey, partKey } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { openStore } from '../../src/store/open.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { EpochWriter, main, records, session } from '../sessions/bucket.ts';
import { realS3Url } from '../store/real-s3.ts';
import { readStream } from './bucket.ts';
import { Killed } from './chaos.ts';
import { counted } from './counted.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

const hour = 3_600_000;

let clock: ReturnType<typeof testRuntime>;
let bucket: BucketStore;

beforeEach(() => {
  clock = testRuntime('store');
  bucket = memoryStore(clock);
});

async function compact(store = bucket, options: CompactOptions = {}, address = session): Promise<CompactEvent[]> {
  const events: CompactEvent[] = [];
  for await (const event of compactSession(store, address, options)) events.push(event);
  return events;
}

async function keys(store = bucket): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of store.list('p/sessions/')) {
    if ('key' in entry) names.push(entry.key.replace(/^.*\/main\//, '').replace(/\.jsonl\.gz$/, ''));
  }
  return names;
}

const lines = (pieces: readonly (Uint8Array | undefined)[]) =>
  Buffer.concat(pieces.map((piece) => piece ?? new Uint8Array())).toString();

async function cat(store: BucketStore, { streams }: SessionListing): Promise<string> {
  const { run } = await chooseEpoch(store, main, streams.get('main')!);
  const pieces: (Uint8Array | undefined)[] = [];
  for await (const piece of readParts(store, main, run)) pieces.push(piece.lines);
  return lines(pieces);
}

/** What every reader makes of the session; `before` are listings that were made earlier. */
async function readers(store: BucketStore, before: readonly SessionListing[] = []): Promise<object> {
  const listing = await listSession(store, session);
  const all = await Promise.all([...before, listing].map((one) => cat(store, one)));
  expect(new Set(all).size).toBe(1);
  const epochs = await listEpochs(store, main);
  const tails = await Promise.all([1, 3, 7, 1000].map((n) => readTail(store, main, epochs, n)));
  const stored: string[] = [];
  for (const epoch of epochs)
    for await (const part of readStored(store, main, epoch)) stored.push(JSON.stringify(part.header));
  const findings: object[] = [];
  for await (const finding of verifySession(store, session)) findings.push(finding);
  const { streams, parts } = await showSession(store, listing);
  return {
    all: all[0],
    tails: tails.map(({ lines: end, last }) => [lines(end), last.seq]),
    stored,
    findings,
    parts,
    shown: streams.map((stream) => ({
      ...stream,
      epochs: stream.epochs.map(({ stored: _, packs: __, ...epoch }) => epoch),
    })),
    followed: await follow(store, all[0]!.split('\n').length - 1),
  };
}

async function follow(store: BucketStore, count: number): Promise<readonly string[]> {
  const stop = new AbortController();
  const seen: string[] = [];
  const runtime = { ...testRuntime(), sleep: async () => stop.abort() };
  const from = new Map([['main', { epoch: 0, seq: 0, chain: '' }]]);
  const options = { runtime, from, wants: () => true, signal: stop.signal };
  for await (const event of followSession(store, session, options) as AsyncGenerator<Followed>) {
    if (event.event === 'part' && event.piece.lines) seen.push(...lines([event.piece.lines]).split('\n').slice(0, -1));
    if (seen.length > count * 2) break;
  }
  return seen;
}

/** Two epochs: one that was closed, and a head of 20 parts. */
async function writeSession(): Promise<void> {
  const old = new EpochWriter(bucket, main);
  for (let i = 0; i < 4; i++) await old.put(records(2, 2 * i));
  const next = new EpochWriter(bucket, main, 1, { reason: 'truncated', departs: null });
  for (let i = 0; i < 20; i++) await next.put(records(3, 100 + 3 * i));
  await old.close({ epoch: 1, seq: 0 });
}

describe('packing', () => {
  it('nothing that any reader sees changes: before, beside the parts, after they are gone, and for who listed before', async () => {
    await writeSession();
    const before = await listSession(bucket, session);
    const expected = await readers(bucket);
    clock.time += 47 * hour;
    expect(await compact()).toEqual([]);
    clock.time += 2 * hour;
    const dry = await compact(bucket, { dryRun: true });
    expect(dry.map(({ event, epoch, first, last }) => [event, epoch, first, last])).toEqual([
      ['would-pack', 0, 0, 4],
      ['would-pack', 1, 0, 19],
    ]);
    const packed = await compact();
    expect(packed).toEqual([
      expect.objectContaining({ event: 'packed', stream: 'main', epoch: 0, first: 0, last: 4, parts: 5 }),
      expect.objectContaining({ event: 'packed', stream: 'main', epoch: 1, first: 0, last: 19, parts: 20 }),
    ]);
    const between = await listSession(bucket, session);
    expect(await readers(bucket, [before])).toEqual(expected);
    clock.time += 23 * hour;
    expect(await compact()).toEqual([]);
    clock.time += 2 * hour;
    expect((await compact()).map(({ event, epoch, first, last }) => [event, epoch, first, last])).toEqual([
      ['removed', 0, 0, 4],
      ['removed', 1, 0, 19],
    ]);
    expect(await keys()).toEqual(['e000000/pack-00000004-00000000', 'e000001/pack-00000019-00000000']);
    expect(await readers(bucket, [before, between])).toEqual(expected);
    await readStream(bucket, main);
    clock.time += 100 * hour;
    expect(await compact()).toEqual([]);
  });

  it('is killed at any step, and everything reads as before; the next runs finish', async () => {
    let places = 0;
    for (let done = false; !done; places++) {
      clock = testRuntime('store');
      bucket = memoryStore(clock);
      await writeSession();
      const before = await listSession(bucket, session);
      const text = await cat(bucket, before);
      let left = places;
      done = true;
      for (let day = 0; day < 3; day++) {
        clock.time += 50 * hour;
        const store = dying(bucket, () => left-- === 0);
        await compact(store).catch((error) => {
          if (!(error instanceof Killed)) throw error;
          done = false;
        });
        expect(await cat(bucket, before)).toBe(text);
        expect(await cat(bucket, await listSession(bucket, session))).toBe(text);
        await readStream(bucket, main);
      }
      clock.time += 50 * hour;
      await compact();
      clock.time += 50 * hour;
      await compact();
      expect(await keys()).toEqual(['e000000/pack-00000004-00000000', 'e000001/pack-00000019-00000000']);
    }
    expect(places).toBeGreaterThan(80);
  });

  it('requests: one GET a part, then a PUT, two GETs and a LIST an epoch; nothing to do is one LIST', async () => {
    const writer = new EpochWriter(bucket, main);
    for (let i = 0; i < 50; i++) await writer.put(records(1, i));
    const { store, calls } = counted(bucket);
    const count = () => {
      const counts: Record<string, number> = {};
      for (const call of calls.splice(0)) counts[call.split(' ')[0]!] = (counts[call.split(' ')[0]!] ?? 0) + 1;
      return counts;
    };
    await compact(store);
    expect(count()).toEqual({ list: 1 });
    clock.time += 49 * hour;
    await compact(store);
    expect(count()).toEqual({ list: 2, get: 52, create: 1 });
    clock.time += 25 * hour;
    await compact(store);
    expect(count()).toEqual({ list: 1, get: 1, remove: 50 });
    clock.time += 49 * hour;
    await compact(store);
    expect(count()).toEqual({ list: 1 });
    const listing = await listSession(store, session);
    count();
    await cat(store, listing);
    expect(count(), 'cat: the end of the epoch, then the pack').toEqual({ get: 2 });
    await readTail(store, main, listing.streams.get('main')!, 40);
    expect(count()).toEqual({ get: 1 });
  });

  it('packs hold 8 MiB; large parts stay, and a part that decompresses to more', async () => {
    const wide = (n: number, mebibytes: number) => `{"n":${n},"x":"${'x'.repeat(mebibytes << 20)}"}`;
    const writer = new EpochWriter(bucket, main);
    for (let i = 0; i < 6; i++) await writer.put([wide(i, 3)]);
    await writer.put([wide(6, 9)]); // compresses to nothing
    await writer.put([Array.from({ length: 200_000 }, () => Math.random()).join(' ')]);
    for (let i = 8; i < 11; i++) await writer.put([wide(i, 5)]);
    await writer.put(['{}']);
    const text = await cat(bucket, await listSession(bucket, session));
    clock.time += 49 * hour;
    expect((await compact()).map(({ first, last }) => [first, last])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [8, 9],
      [10, 11],
    ]);
    clock.time += 49 * hour;
    await compact();
    expect(await cat(bucket, await listSession(bucket, session))).toBe(text);
    expect((await keys()).filter((key) => key.includes('part'))).toEqual([
      'e000000/part-00000006',
      'e000000/part-00000007',
    ]);
  });

  it('a damaged part is told and not packed; what stands around it is', async () => {
    await writeSession();
    await bucket.overwrite(partKey({ ...main, epoch: 1, seq: 5 }), Buffer.from('no gzip'));
    clock.time += 49 * hour;
    expect((await compact()).map(({ event, epoch, first, last }) => [event, epoch, first, last])).toEqual([
      ['packed', 0, 0, 4],
      ['problem', 1, 5, 5],
      ['packed', 1, 0, 4],
      ['packed', 1, 6, 19],
    ]);
  });

  it('parts stay where their pack was damaged', async () => {
    await writeSession();
    clock.time += 49 * hour;
    await compact();
    const key = packKey(main, 1, { first: 0, last: 19 });
    const bytes = Buffer.from(await (await bucket.get(key))!.bytes());
    bytes[bytes.length >> 1]! ^= 1;
    await bucket.overwrite(key, bytes);
    clock.time += 25 * hour;
    expect((await compact()).map(({ event, epoch }) => [event, epoch])).toEqual([
      ['removed', 0],
      ['problem', 1],
    ]);
    expect((await keys()).filter((name) => name.startsWith('e000001/part'))).toHaveLength(20);
  });

  it('two hosts pack at once, and then a part more: packs overlap, and nothing is read twice', async () => {
    const writer = new EpochWriter(bucket, main);
    for (let i = 0; i < 6; i++) await writer.put(records(1, i));
    clock.time += 49 * hour;
    const entries = [];
    for await (const entry of bucket.list('p/sessions/')) if ('key' in entry) entries.push(entry);
    await Promise.all([compact(), compact(bucket, { entries: entries.slice(0, 4) }), compact()]);
    expect((await keys()).filter((key) => key.includes('pack'))).toEqual([
      'e000000/pack-00000003-00000000',
      'e000000/pack-00000005-00000000',
    ]);
    clock.time += 49 * hour;
    await compact();
    expect((await keys()).filter((key) => key.includes('part'))).toEqual([]);
    expect(await cat(bucket, await listSession(bucket, session))).toBe(
      records(6)
        .map((line) => `${line}\n`)
        .join(''),
    );
  });
});

describe('a session that is removed or replaced while it is packed', () => {
  const replacement = (): Replacement => ({
    store: bucket,
    runtime: testRuntime('replacer'),
    key: sourceKey(new Uint8Array(32)),
    writer: { mirror: 'm', host: 'h', version: '0' },
    reason: 'redacted',
    redactor: 'test',
    redact: async (block) => ({
      block: Buffer.from(Buffer.from(block).toString().replaceAll('"n":', '"m":')),
      found: {},
      images: 0,
    }),
  });
  const remove = async () =>
    deleteSession({ store: bucket, runtime: testRuntime('d'), writer: replacement().writer }, session);

  it('replaced content is in no pack, wherever the two meet', async () => {
    for (let at = 0; at < 40; at++) {
      clock = testRuntime('store');
      bucket = memoryStore(clock);
      await writeSession();
      clock.time += 49 * hour;
      let left = at;
      const store = interrupted(bucket, async () => {
        if (left-- === 0) await replaceStream(replacement(), main);
      });
      await compact(store);
      if (left >= 0) await replaceStream(replacement(), main);
      const { streams } = await listSession(bucket, session);
      expect(await cat(bucket, { streams } as SessionListing)).toContain('"m":100');
      for (const epoch of streams.get('main')!)
        for await (const { lines: text } of readStored(bucket, main, epoch))
          expect(Buffer.from(text).toString(), `interrupted at ${at}`).not.toContain('"n":');
    }
  });

  it('what a crash left of a replaced epoch is removed by the next run', async () => {
    await writeSession();
    clock.time += 49 * hour;
    await compact();
    const key = packKey(main, 1, { first: 0, last: 19 });
    const bytes = await (await bucket.get(key))!.bytes();
    await replaceStream(replacement(), main);
    expect((await keys()).filter((name) => name.includes('pack'))).toEqual([]);
    await bucket.create(key, bytes); // by who died before it looked
    expect((await compact()).map(({ event }) => event)).toEqual(['withdrawn']);
    expect((await keys()).filter((name) => name.includes('pack'))).toEqual([]);
  });

  it('a deleted session stays deleted', async () => {
    for (let at = 0; at < 40; at++) {
      clock = testRuntime('store');
      bucket = memoryStore(clock);
      await writeSession();
      clock.time += 49 * hour;
      let left = at;
      const store = interrupted(bucket, async () => {
        if (left-- === 0) await remove();
      });
      await compact(store);
      expect(await isDeleted(bucket, await listSession(bucket, session)), `interrupted at ${at}`).toBe(left < 0);
    }
  });
});

describe('the plan', () => {
  const numbers = fc.uniqueArray(fc.nat(30), { maxLength: 25 });
  const packs = fc.uniqueArray(
    fc.tuple(fc.nat(30), fc.nat(6)).map(([first, more]) => ({ first, last: first + more })),
    { maxLength: 4, selector: ({ first, last }) => `${first}-${last}` },
  );
  const objects = fc
    .tuple(
      numbers,
      packs,
      fc.array(fc.tuple(fc.integer({ min: 1, max: 1 << 20 }), fc.integer({ min: 0, max: 100 })), {
        minLength: 30,
        maxLength: 30,
      }),
    )
    .map(([seqs, packed, stamps]): ListedObject[] =>
      [...seqs.map((seq) => ({ seq })), ...packed.map((pack) => ({ pack }))].map((object, i) => ({
        ...object,
        size: stamps[i % 30]![0],
        modified: -stamps[i % 30]![1] * hour,
      })),
    );

  it('of any listing: only cold, small, unpacked parts before a gap are packed; only what an old pack has is removed', () => {
    fc.assert(
      fc.property(objects, (listed) => {
        const { pack, remove } = planEpoch(listed, 0);
        const covered = (seq: number) =>
          listed.find((one) => one.pack && one.pack.first <= seq && seq <= one.pack.last);
        const part = (seq: number) => listed.find((one) => one.seq === seq);
        if (listed.some(({ modified }) => modified >= -48 * hour)) expect(pack).toEqual([]);
        for (const { seqs } of pack) {
          expect(seqs.length).toBeGreaterThan(1);
          for (const [i, seq] of seqs.entries()) {
            expect(seq).toBe(seqs[0]! + i);
            expect(part(seq)!.size).toBeLessThan(512 << 10);
            expect(covered(seq)).toBeUndefined();
            for (let before = 0; before < seq; before++) expect(part(before) ?? covered(before)).toBeDefined();
          }
        }
        const all = remove.flatMap(({ seqs }) => seqs);
        expect(new Set(all).size).toBe(all.length);
        for (const { seqs, pack: by } of remove) {
          expect(
            listed.find(({ pack: one }) => one?.first === by.first && one.last === by.last)!.modified,
          ).toBeLessThan(-24 * hour);
          for (const seq of seqs) expect(by.first <= seq && seq <= by.last && part(seq) !== undefined).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a writer', () => {
  const id = '11111111-2222-4333-8444-555555555555';
  const line = (n: number) => `${JSON.stringify({ type: 'user', uuid: `u${n}`, sessionId: id })}\n`;
  const at = { project: 'p', harness: 'claude-code', session: id, stream: 'main' };

  /** A home with a transcript, and mirrors with a state of their own each. */
  async function host() {
    const folder = await temporaryFolder();
    const file = join(folder, 'home/.claude/projects/-w', `${id}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    const runtime = testRuntime('w', clock.time);
    const rig = (name: string, store = bucket) => ({
      store,
      home: join(folder, 'home'),
      stateFolder: join(folder, name),
      runtime,
    });
    return { file, rig, runtime };
  }

  it('that slept for days between its look and its write does not count a packed number as its own', async () => {
    const { file, rig, runtime } = await host();
    const pass = (hours: number) => {
      clock.time += hours * hour;
      runtime.time += hours * hour;
    };
    writeFileSync(file, line(0));
    await mirror(rig('a'));
    await mirror(rig('b'));
    appendFileSync(file, line(1));
    // B is about to create part 1; then its host sleeps, and wakes with the clock of long ago.
    let slept = false;
    const sleepy = new Proxy(bucket, {
      get(target, name: keyof BucketStore) {
        if (name !== 'create') return target[name];
        return async (key: string, payload: Uint8Array) => {
          if (!slept && key.includes('/part-')) {
            slept = true;
            await mirror(rig('a'));
            for (let day = 0; day < 2; day++) {
              clock.time += 49 * hour;
              await compact(bucket, {}, at);
            }
          }
          return target.create(key, payload);
        };
      },
    });
    await mirror(rig('b', sleepy));
    expect(slept).toBe(true);
    appendFileSync(file, line(2));
    pass(1);
    await mirror(rig('b'));
    const { heads } = await readStream(bucket, at);
    expect(heads.map(({ text }) => text)).toEqual([line(0) + line(1) + line(2)]);
  });

  it('that lost its state takes its place from the packs, and goes on', async () => {
    const { file, rig, runtime } = await host();
    for (let n = 0; n < 30; n++) {
      appendFileSync(file, line(n));
      await mirror(rig('a'));
    }
    for (let day = 0; day < 2; day++) {
      clock.time += 49 * hour;
      runtime.time += 49 * hour;
      await compact(bucket, {}, at);
    }
    appendFileSync(file, line(30));
    const { store, calls } = counted(bucket);
    await mirror(rig('b', store));
    expect(
      calls.filter((call) => call.startsWith('get main')).length,
      'the pack is fetched, not each part',
    ).toBeLessThan(12);
    const { heads, epochs } = await readStream(bucket, at);
    expect(epochs).toHaveLength(1);
    expect(heads[0]!.text).toBe(Array.from({ length: 31 }, (_, n) => line(n)).join(''));
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* iterate<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

/** Dies when `now` says so, before or after a call has its effect. */
function dying(inner: BucketStore, now: () => boolean): BucketStore {
  let dead = false;
  const burn = () => {
    dead ||= now();
    if (dead) throw new Killed();
  };
  return around(
    inner,
    async () => burn(),
    async () => burn(),
  );
}

/** Something happens before a call. */
function interrupted(inner: BucketStore, before: () => Promise<void>): BucketStore {
  return around(inner, before, async () => {});
}

function around(inner: BucketStore, before: () => Promise<void>, after: () => Promise<void>): BucketStore {
  return {
    ...inner,
    async create(...all) {
      await before();
      const answer = await inner.create(...all);
      await after();
      return answer;
    },
    async get(...all) {
      await before();
      return inner.get(...all);
    },
    async *list(...all) {
      await before();
      yield* inner.list(...all);
    },
    async remove(...all) {
      await before();
      await inner.remove(...all);
      await after();
    },
  };
}

const itOnS3 = it.skipIf(realS3Url('') === undefined);

describe('a pack elsewhere', () => {
  it('is proven before it is copied to another bucket, and nothing else passes for one', async () => {
    await writeSession();
    clock.time += 49 * hour;
    await compact();
    const pack = { first: 0, last: 19 };
    const path = packKey(main, 1, pack).slice('p/'.length);
    const bytes = await (await bucket.get(`p/${path}`))!.bytes();
    await verifyPack(path, bytes);
    const moved = path.replace('00000019-00000000', '00000020-00000001');
    await expect(verifyPack(moved, bytes)).rejects.toMatchObject({ code: 'corrupt' });
    await expect(verifyPack(path.replace('e000001', 'e000002'), bytes)).rejects.toMatchObject({ code: 'corrupt' });
    const changed = gzipSync(gunzipSync(bytes).toString().replace('{"n":120}', '{"n":121}'));
    await expect(verifyPack(path, changed)).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('is not copied over parts that say something else, and covers those that say the same', async () => {
    await writeSession();
    const copies = async (target: BucketStore) => {
      const objects: CopiedObject[] = [];
      for await (const entry of bucket.list('p/sessions/')) {
        if (!('key' in entry)) continue;
        const bytes = await (await bucket.get(entry.key))!.bytes();
        objects.push({ path: entry.key.slice(2), size: entry.size, open: () => once(bytes) });
      }
      const groups: CopiedGroup[] = [];
      const options = { store: target, project: 'p', reopens: true };
      for await (const group of copyObjects(iterate(objects), options)) groups.push(group);
      return groups;
    };
    const same = memoryStore(clock);
    await copies(same);
    const other = memoryStore(clock);
    const writer = new EpochWriter(other, main);
    await writer.put(records(2));
    await writer.put(records(1, 77));
    for (let day = 0; day < 2; day++) {
      clock.time += 49 * hour;
      await compact();
    }
    const [group] = await copies(same);
    expect(group).toMatchObject({ objects: 2, conflicts: [] });
    const [conflicting] = await copies(other);
    expect(conflicting!.conflicts).toEqual([expect.stringContaining('e000000/pack-')]);
    expect((await keys(other)).filter((name) => name.startsWith('e000000'))).toEqual([
      'e000000/part-00000000',
      'e000000/part-00000001',
    ]);
  });

  it('a hostile pack is refused, not expanded', async () => {
    const key = packKey(main, 0, { first: 0, last: 1 });
    await bucket.create(key, gzipSync(Buffer.alloc(64 << 20)));
    const listing = await listSession(bucket, session);
    await expect(cat(bucket, listing)).rejects.toMatchObject({ code: 'corrupt' });
    await bucket.create(key.replace('00000001-', 'a999999999-'), gzipSync('{}'));
    expect((await listSession(bucket, session)).strange).toHaveLength(1);
  });

  itOnS3(
    'packing on a real S3 server',
    async () => {
      const store = await openStore(realS3Url(`packs-${Date.now()}`)!, { env: process.env, runtime: testRuntime() });
      bucket = store;
      await writeSession();
      const text = await cat(store, await listSession(store, session));
      let later = 49 * hour;
      const aged: BucketStore = {
        ...store,
        create: (...all) => store.create(...all),
        get: (...all) => store.get(...all),
        remove: (...all) => store.remove(...all),
        async *list(...all) {
          for await (const entry of store.list(...all))
            yield 'key' in entry ? { ...entry, date: entry.date + later } : entry;
        },
      };
      later = 49 * hour;
      const entries = await entriesOf(aged, session);
      later = 0;
      expect((await compact(aged, { entries })).map(({ event }) => event)).toEqual(['packed', 'packed']);
      later = 25 * hour;
      expect((await compact(aged)).map(({ event }) => event)).toEqual(['removed', 'removed']);
      expect(await keys(store)).toHaveLength(2);
      expect(await cat(store, await listSession(store, session))).toBe(text);
      await store.close();
    },
    60_000,
  );
});
