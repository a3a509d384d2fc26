import { appendFileSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemRuntime } from '../../src/app.ts';
import { CairnError } from '../../src/errors.ts';
import { byteBudget } from '../../src/mirror/byte-budget.ts';
import { LiveMirror } from '../../src/mirror/live.ts';
import { ringFollowed } from '../../src/mirror/live-readers.ts';
import type { LiveEvent, LiveOptions } from '../../src/mirror/live-types.ts';
import type { MirrorRun } from '../../src/mirror/mirror.ts';
import type { Runtime } from '../../src/runtime.ts';
import { deleteSession } from '../../src/sessions/deletion.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { readStream } from './bucket.ts';
import { counted } from './counted.ts';
import { mirrorRun, temporaryFolder } from './rig.ts';

const id = (n: number) => `${String(n).padStart(8, '0')}-2222-4333-8444-555555555555`;
const line = (n: number, text: number | string) =>
  `${JSON.stringify({ type: 'user', sessionId: id(n), message: { role: 'user', content: `${text}` } })}\n`;

let folder: string;
let bucket: BucketStore;
const runtime = systemRuntime();

beforeEach(async () => {
  folder = await temporaryFolder();
  bucket = memoryStore(runtime);
});

function fileOf(n: number): string {
  const file = join(folder, 'home/.claude/projects/-w', `${id(n)}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

async function textOf(n: number, stream = 'main'): Promise<string | undefined> {
  const address = { project: 'p', harness: 'claude-code', session: id(n), stream };
  return (await readStream(bucket, address)).heads[0]?.text;
}

/** A live mirror of the folder, and what it told so far. */
async function start(
  store: BucketStore = bucket,
  options: Partial<LiveOptions> = {},
  own: { readonly runtime?: Runtime; readonly run?: Partial<MirrorRun>; readonly state?: string } = {},
) {
  const stopping = new AbortController();
  const run = await mirrorRun({
    store,
    home: join(folder, 'home'),
    stateFolder: join(folder, own.state ?? 'state'),
    runtime: own.runtime ?? runtime,
    run: { signal: stopping.signal, chunkBytes: 1 << 20, ...own.run },
  });
  const live = new LiveMirror(run, { intervalMs: 200, requests: () => 0, ...options });
  const told: LiveEvent[] = [];
  const ended = (async () => {
    for await (const event of live) told.push(event);
  })();
  const stop = () => {
    stopping.abort();
    return ended;
  };
  onTestFinished(stop);
  return { live, told, stop };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await runtime.sleep(20);
}

const of = <E extends LiveEvent['event']>(told: readonly LiveEvent[], event: E) =>
  told.filter((one): one is Extract<LiveEvent, { event: E }> => one.event === event);

describe('a live mirror', () => {
  it('ships what was there, what grows, new sessions, sub-agents and folders', async () => {
    writeFileSync(fileOf(1), line(1, 'old'));
    const { told } = await start();
    await until(async () => (await textOf(1)) === line(1, 'old'));
    appendFileSync(fileOf(1), line(1, 'new') + line(1, 'torn').slice(0, 9));
    await until(async () => (await textOf(1)) === line(1, 'old') + line(1, 'new'));
    writeFileSync(fileOf(2), line(2, 'another'));
    const agent = fileOf(1).replace('.jsonl', '/subagents/agent-a1.jsonl');
    mkdirSync(dirname(agent), { recursive: true });
    writeFileSync(agent, line(1, 'sub'));
    await until(async () => (await textOf(2)) === line(2, 'another'));
    await until(async () => (await textOf(1, 'agent-a1')) === line(1, 'sub'));
    expect(of(told, 'failed')).toEqual([]);
  });

  it('asks nothing of the bucket while nothing happens, even when it is asked to look', async () => {
    for (let n = 0; n < 20; n++) writeFileSync(fileOf(n), line(n, 'x'));
    const { store, calls } = counted(bucket);
    const { live, told } = await start(store);
    await until(() => of(told, 'part').length === 20 && live.status().behind.length === 0);
    await runtime.sleep(2500); // files that were just written are read once more
    await live.flush(); // the catalog waits longer than a part
    const before = calls.length;
    for (let n = 0; n < 5; n++) expect(await live.flush()).toMatchObject({ failed: 0 });
    expect(calls.slice(before)).toEqual([]);
  });

  it('a stop ships what was not yet, and brings meta up to date', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const { told, stop } = await start(bucket, { intervalMs: 3_600_000 });
    await until(() => of(told, 'part').length === 1);
    appendFileSync(fileOf(1), line(1, 1) + line(1, 2));
    await stop();
    expect(await textOf(1)).toBe(line(1, 0) + line(1, 1) + line(1, 2));
    const { lines } = await import('../../src/sessions/catalog.ts').then(({ readCatalog }) => readCatalog(bucket, 'p'));
    expect(lines).toMatchObject([{ records: 3 }]);
  });

  it('goes on after a restart: nothing twice, what came meanwhile too', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const first = await start();
    await until(() => of(first.told, 'part').length === 1);
    await first.stop();
    appendFileSync(fileOf(1), line(1, 1));
    const second = await start();
    await until(async () => (await textOf(1)) === line(1, 0) + line(1, 1));
    expect(of(second.told, 'part')).toMatchObject([{ seq: 1, records: 1 }]);
  });

  it('a source that goes away is told once, and kept', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    writeFileSync(fileOf(2), line(2, 0));
    const { told } = await start();
    await until(() => of(told, 'part').length === 2);
    rmSync(fileOf(1));
    await until(() => of(told, 'gone').length > 0);
    expect(of(told, 'gone')).toMatchObject([{ session: id(1) }]);
    expect(await textOf(1)).toBe(line(1, 0));
  });

  it('a source that comes back before its end could be told is not gone', async () => {
    let isDown = false;
    const store: BucketStore = {
      ...bucket,
      async create(key, payload, options) {
        if (isDown) throw new CairnError('denied', 'not now');
        return bucket.create(key, payload, options);
      },
    };
    writeFileSync(fileOf(1), line(1, 0));
    const { live, told } = await start(store);
    await until(() => of(told, 'part').length === 1);
    isDown = true;
    rmSync(fileOf(1));
    expect(await live.flush()).toEqual({ sessions: 1, failed: 1 });
    writeFileSync(fileOf(1), line(1, 0) + line(1, 1));
    expect(await live.flush()).toEqual({ sessions: 1, failed: 1 });
    isDown = false;
    expect(await live.flush()).toEqual({ sessions: 1, failed: 0 });
    expect(await textOf(1)).toBe(line(1, 0) + line(1, 1));
    expect(of(told, 'gone')).toEqual([]);
  });

  it('a session that was deleted from the bucket is told of once and left alone, whatever its files do', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    writeFileSync(fileOf(2), line(2, 0));
    const { store, calls } = counted(bucket);
    const { live, told } = await start(store);
    await until(() => of(told, 'part').length === 2);
    await runtime.sleep(2500); // files that were just written are read once more
    const address = { project: 'p', harness: 'claude-code', session: id(1) };
    const deleting = { store: bucket, runtime, writer: { mirror: 'm', host: 'h', version: '0.0.0' } };
    await deleteSession(deleting, address);
    appendFileSync(fileOf(1), line(1, 1));
    await until(() => of(told, 'failed').length > 0);
    await until(() => live.status().behind.length === 0);
    const [before, tellings] = [calls.length, told.length];
    appendFileSync(fileOf(1), line(1, 2));
    const agent = fileOf(1).replace('.jsonl', '/subagents/agent-a1.jsonl');
    mkdirSync(dirname(agent), { recursive: true });
    writeFileSync(agent, line(1, 'sub'));
    expect(await live.flush()).toEqual({ sessions: 1, failed: 0 });
    rmSync(fileOf(1));
    rmSync(agent);
    expect(await live.flush()).toEqual({ sessions: 1, failed: 0 });
    expect(calls.slice(before).filter((call) => !call.includes('catalog/'))).toEqual([]);
    expect(told.slice(tellings)).toEqual([]);
    expect(of(told, 'failed')).toMatchObject([{ session: id(1), cause: { code: 'terminal' } }]);
    expect((await deleteSession(deleting, address)).objects).toBe(0);
  });

  it('a catalog that can be read nowhere is told of once, and keeps no session waiting', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const first = await start();
    await until(() => of(first.told, 'part').length === 1);
    await first.stop();
    const [name = ''] = readdirSync(join(folder, 'state'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('recent.jsonl'),
    );
    writeFileSync(join(folder, 'state', name), '{"torn');
    for await (const entry of bucket.list('p/catalog/'))
      if ('key' in entry) await bucket.overwrite(entry.key, Buffer.from('no gzip'));
    const { live, told } = await start();
    for (let i = 2; i < 6; i++) {
      writeFileSync(fileOf(i), line(i, 0));
      await live.flush(); // the catalog too
    }
    expect(of(told, 'part').length).toBe(4);
    expect(of(told, 'trouble')).toEqual([]);
    expect(of(told, 'failed')).toMatchObject([{ cause: { code: 'corrupt' } }]);
  });

  it('a backlog does not keep a live session waiting', async () => {
    const block = Array.from({ length: 1000 }, (_, n) => line(1, 'x'.repeat(1000) + n)).join('');
    for (let n = 0; n < 16; n++) appendFileSync(fileOf(1), block);
    const { told } = await start();
    await until(() => of(told, 'part').length > 0);
    writeFileSync(fileOf(2), line(2, 'live'));
    await until(() => of(told, 'session').some(({ session }) => session === id(1)));
    const sessions = of(told, 'part').map(({ session }) => session);
    expect(sessions).toContain(id(2));
    expect(sessions.indexOf(id(2))).toBeLessThan(sessions.lastIndexOf(id(1)));
  });

  it('however many backlogs there are: few of their parts come before what a live session has new', async () => {
    const block = (n: number) => Array.from({ length: 1000 }, (_, i) => line(n, 'x'.repeat(1000) + i)).join('');
    for (const n of [1, 2, 3]) for (let i = 0; i < 24; i++) appendFileSync(fileOf(n), block(n));
    const live = [11, 12, 13, 14, 15];
    for (const n of live) writeFileSync(fileOf(n), line(n, 0));
    // Memory for two parts of one backlog, and no more.
    const { told } = await start(bucket, {}, { run: { budget: byteBudget(2 << 20) } });
    const partsOf = (n: number) => of(told, 'part').filter(({ session }) => session === id(n)).length;
    await until(() => live.every((n) => partsOf(n) === 1));
    await runtime.sleep(250); // their intervals are over
    for (const n of live) {
      const before = of(told, 'part').length;
      appendFileSync(fileOf(n), line(n, 1));
      await until(() => partsOf(n) === 2);
      const between = of(told, 'part')
        .slice(before)
        .findIndex(({ session }) => session === id(n));
      expect(between).toBeLessThan(12);
    }
  });

  it('two hosts at one session, in a home that both share: one epoch, every record once', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const [one, other] = await Promise.all([start(), start(bucket, {}, { state: 'other-state' })]);
    for (let i = 1; i <= 10; i++) {
      appendFileSync(fileOf(1), line(1, i));
      await runtime.sleep(120);
    }
    const all = Array.from({ length: 11 }, (_, i) => line(1, i)).join('');
    await until(async () => (await textOf(1)) === all);
    await Promise.all([one.stop(), other.stop()]);
    const { epochs } = await readStream(bucket, {
      project: 'p',
      harness: 'claude-code',
      session: id(1),
      stream: 'main',
    });
    expect(epochs.map(({ text }) => text)).toEqual([all]);
    expect([...one.told, ...other.told].filter(({ event }) => ['failed', 'trouble', 'reset'].includes(event))).toEqual(
      [],
    );
  });
});

describe('what does not wait for the interval', () => {
  const hour = { intervalMs: 3_600_000 };
  const turnEnd = (n: number) =>
    `${JSON.stringify({ type: 'assistant', sessionId: id(n), message: { role: 'assistant', stop_reason: 'end_turn' } })}\n`;

  it("the end of an agent's turn; what came before does", async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const { live, told } = await start(bucket, hour);
    await until(() => of(told, 'part').length === 1);
    await runtime.sleep(2500); // it is looked at once more
    appendFileSync(fileOf(1), line(1, 1));
    // Until it is heard of: a folder's watch is set up beside the rest.
    await until(() => {
      utimesSync(fileOf(1), new Date(), new Date());
      return live.status().behind.length === 1;
    });
    await runtime.sleep(500);
    expect(await textOf(1)).toBe(line(1, 0));
    appendFileSync(fileOf(1), turnEnd(1));
    await until(async () => (await textOf(1)) === line(1, 0) + line(1, 1) + turnEnd(1));
    expect(of(told, 'part').length).toBe(2);
  });

  it('one session that a hook asks for: no other is looked at', async () => {
    for (const n of [1, 2]) writeFileSync(fileOf(n), line(n, 0));
    const { live, told } = await start(bucket, hour);
    await until(() => of(told, 'part').length === 2 && live.status().behind.length === 0);
    for (const n of [1, 2]) appendFileSync(fileOf(n), line(n, 1));
    expect(await live.flush(id(1))).toEqual({ sessions: 1, failed: 0 });
    expect(await textOf(1)).toBe(line(1, 0) + line(1, 1));
    expect(await textOf(2)).toBe(line(2, 0));
  });

  it('a session that somebody follows, from the next part on; the bucket is asked beside parts alone', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const { store, calls } = counted(bucket);
    await ringFollowed(bucket, { project: 'p', harness: 'claude-code', session: id(1) });
    const { told } = await start(store, hour);
    await until(() => of(told, 'part').length === 1);
    await until(() => calls.some((call) => call.includes('followed')));
    for (let i = 1; i <= 3; i++) {
      appendFileSync(fileOf(1), line(1, i));
      await until(() => of(told, 'part').length === 1 + i);
    }
    expect(calls.filter((call) => call.includes('followed')).length).toBe(1);
  });
});

describe('clocks that jump', () => {
  const hour = 3_600_000;

  it('by an hour or a day, forward and back: same order, no look at the bucket more, nothing twice', async () => {
    let offset = 0;
    const jumpy: Runtime = { ...runtime, now: () => runtime.now() + offset };
    for (const n of [1, 2]) writeFileSync(fileOf(n), line(n, 0));
    const { store, calls } = counted(bucket);
    const { told, live } = await start(store, {}, { runtime: jumpy });
    await until(() => of(told, 'part').length === 2);
    let i = 0;
    for (offset of [hour, -hour, 0, 11 * hour, -11 * hour, 24 * hour, -24 * hour, 0]) {
      i++;
      for (const n of [1, 2]) appendFileSync(fileOf(n), line(n, i));
      await until(() => of(told, 'part').length === 2 + 2 * i);
    }
    await until(() => live.status().behind.length === 0);
    for (const n of [1, 2]) expect(await textOf(n)).toBe(Array.from({ length: i + 1 }, (_, k) => line(n, k)).join(''));
    expect(told.filter(({ event }) => ['failed', 'trouble', 'stalled', 'reset'].includes(event))).toEqual([]);
    // A few for a session that is new; and only where a day went by, or a clock went back, one more.
    expect(calls.filter((call) => call.startsWith('list main')).length).toBeLessThanOrEqual(2 * 7);
  });

  it('a host whose clock is an hour off asks no more than any other', async () => {
    for (const off of [-hour, hour]) {
      const wrong: Runtime = { ...runtime, now: () => runtime.now() + off };
      const n = off > 0 ? 1 : 2;
      writeFileSync(fileOf(n), line(n, 0));
      const { store, calls } = counted(bucket);
      const { told, stop } = await start(store, {}, { runtime: wrong });
      for (let i = 1; i <= 4; i++) {
        await until(() => of(told, 'part').filter(({ session }) => session === id(n)).length === i);
        appendFileSync(fileOf(n), line(n, i));
      }
      await stop();
      // The one that every session costs that this host does not know.
      expect(calls.filter((call) => call.startsWith('list main')).length).toBe(1);
    }
  });

  it('between two runs: the next goes on where the last one was', async () => {
    let offset = 0;
    const jumpy: Runtime = { ...runtime, now: () => runtime.now() + offset };
    writeFileSync(fileOf(1), line(1, 0));
    let i = 0;
    for (offset of [0, 24 * hour, -24 * hour, hour, -hour]) {
      const { told, stop } = await start(bucket, {}, { runtime: jumpy });
      await until(() => of(told, 'watching').length === 1);
      appendFileSync(fileOf(1), line(1, ++i));
      await until(async () => ((await textOf(1)) ?? '').endsWith(line(1, i)));
      await stop();
      expect(told.filter(({ event }) => ['failed', 'trouble', 'reset'].includes(event))).toEqual([]);
    }
    expect(await textOf(1)).toBe(Array.from({ length: i + 1 }, (_, k) => line(1, k)).join(''));
  });
});

describe('faults', () => {
  it('an outage is told once, whatever fails meanwhile; then it catches up by itself, in order', async () => {
    let down = false;
    let tries = 0;
    const flaky: BucketStore = {
      ...bucket,
      async create(key, payload, request) {
        if (!down) return bucket.create(key, payload, request);
        tries++;
        throw new CairnError('unavailable', 'expected the store to answer, got no connection');
      },
      async overwrite(key, payload, request) {
        if (down) throw new CairnError('unavailable', 'expected the store to answer, got no connection');
        await bucket.overwrite(key, payload, request);
      },
    };
    for (let n = 0; n < 5; n++) writeFileSync(fileOf(n), line(n, 0));
    const { live, told } = await start(flaky);
    await until(() => of(told, 'part').length === 5);
    down = true;
    for (let i = 1; i <= 3; i++) {
      for (let n = 0; n < 5; n++) appendFileSync(fileOf(n), line(n, i));
      await runtime.sleep(300);
    }
    await until(() => tries > 5);
    expect(of(told, 'trouble')).toMatchObject([{ code: 'unavailable' }]);
    expect(live.status()).toMatchObject({ trouble: { code: 'unavailable' } });
    expect(live.status().behind.length).toBe(5);
    down = false;
    for (let n = 0; n < 5; n++) {
      await until(async () => (await textOf(n)) === [0, 1, 2, 3].map((i) => line(n, i)).join(''));
    }
    await until(() => live.status().behind.length === 0);
    expect(of(told, 'trouble').length).toBe(1);
    expect(of(told, 'recovered').length).toBe(1);
    expect(of(told, 'failed')).toEqual([]);
    expect(live.status().trouble).toBeUndefined();
  });

  it('one session that cannot be shipped is told once, and the others go on', async () => {
    const refusing: BucketStore = {
      ...bucket,
      async create(key, payload, request) {
        if (key.includes(id(1))) throw new CairnError('corrupt', 'expected this session to be fine');
        return bucket.create(key, payload, request);
      },
    };
    for (let n = 0; n < 4; n++) writeFileSync(fileOf(n), line(n, 0));
    const { live, told } = await start(refusing);
    await until(() => of(told, 'part').length === 3);
    for (let i = 1; i <= 3; i++) {
      for (let n = 0; n < 4; n++) appendFileSync(fileOf(n), line(n, i));
      await live.flush();
    }
    expect(of(told, 'failed')).toMatchObject([{ session: id(1) }]);
    expect(of(told, 'trouble')).toEqual([]);
    expect(live.status().behind).toMatchObject([{ session: id(1), error: 'expected this session to be fine' }]);
  });
});
