import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CairnError } from '../../src/errors.ts';
import { LiveMirror } from '../../src/mirror/live.ts';
import { ringFollowed } from '../../src/mirror/live-readers.ts';
import type { LiveEvent } from '../../src/mirror/live-types.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { s3Error } from '../../src/store/s3-errors.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { readStream } from './bucket.ts';
import { mirrorRun, temporaryFolder } from './rig.ts';
import { VirtualTime } from './virtual-time.ts';

const sessions = [1, 2, 3, 4, 5];
const id = (n: number) => `${String(n).padStart(8, '0')}-2222-4333-8444-555555555555`;
const line = (n: number, i: number) => `${JSON.stringify({ type: 'user', sessionId: id(n), i })}\n`;
const lines = (n: number, through: number) => Array.from({ length: through + 1 }, (_, i) => line(n, i)).join('');

let folder: string;
let time: VirtualTime;
let bucket: BucketStore;
/** Thrown by every write while it is set. */
let fault: (() => Error) | undefined;
let tries: number;

beforeEach(async () => {
  folder = await temporaryFolder();
  time = new VirtualTime();
  bucket = memoryStore(time);
  fault = undefined;
  tries = 0;
});

const file = (n: number) => join(folder, 'home/.claude/projects/-w', `${id(n)}.jsonl`);
const write = (i: number) => {
  for (const n of sessions) {
    mkdirSync(dirname(file(n)), { recursive: true });
    appendFileSync(file(n), line(n, i));
  }
};
const failing = (): BucketStore => {
  const attempt = <T>(call: () => Promise<T>): Promise<T> => {
    tries++;
    return fault ? Promise.reject(fault()) : call();
  };
  return {
    ...bucket,
    create: (...all) => attempt(() => bucket.create(...all)),
    overwrite: (...all) => attempt(() => bucket.overwrite(...all)),
    get: (...all) => attempt(() => bucket.get(...all)),
  };
};

/** A live mirror in virtual time, and what it told. */
async function start(stateFolder = join(folder, 'state'), requestsPerHour?: number) {
  const stopping = new AbortController();
  const run = await mirrorRun({
    ...{ store: failing(), home: join(folder, 'home'), stateFolder, runtime: time },
    run: { signal: stopping.signal },
  });
  const live = new LiveMirror(run, { intervalMs: 20_000, requests: () => tries, requestsPerHour });
  const told: LiveEvent[] = [];
  const ended = (async () => {
    for await (const event of live) told.push(event);
  })();
  onTestFinished(async () => {
    stopping.abort();
    await time.pass(60_000);
    await ended;
  });
  const of = (event: LiveEvent['event']) => told.filter((one) => one.event === event);
  return { live, told, of };
}

async function expectAll(through: number): Promise<void> {
  for (const n of sessions) {
    const address = { project: 'p', harness: 'claude-code', session: id(n), stream: 'main' };
    const { heads } = await readStream(bucket, address);
    expect(heads.map(({ text }) => text)).toEqual([lines(n, through)]);
  }
}

const minute = 60_000;

describe('an outage of half an hour', () => {
  const outages: Record<string, () => Error> = {
    'no network': () => new CairnError('unavailable', 'expected the store to answer, got ECONNREFUSED'),
    '503 from a store that is overloaded': () => s3Error({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } }, 'x'),
    'credentials that have expired': () => s3Error({ name: 'ExpiredToken', $metadata: { httpStatusCode: 400 } }, 'x'),
    'a bucket that is gone': () => s3Error({ name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } }, 'x'),
    'a disk that is full': () => new CairnError('disk-full', 'expected to use the local state, got ENOSPC'),
  };
  for (const [name, cause] of Object.entries(outages)) {
    it(`${name}: told once, tried ever more seldom, caught up with by itself`, { timeout: 60_000 }, async () => {
      write(0);
      const { live, of } = await start();
      await time.pass(minute, () => of('part').length === 5);
      fault = cause;
      tries = 0;
      for (let i = 1; i <= 30; i++) {
        write(i);
        await time.pass(minute);
        // Clocks that people set meanwhile change nothing.
        if (i === 10) time.offset = 86_400_000;
        if (i === 20) time.offset = -3_600_000;
      }
      expect(of('trouble').length).toBe(1);
      expect(of('failed')).toEqual([]);
      expect(live.status().behind.length).toBe(5);
      expect(live.status().nextRetryMs).toBeLessThanOrEqual(minute);
      // One a minute, a few at the beginning; each may ask twice.
      expect(tries).toBeGreaterThan(25);
      expect(tries).toBeLessThan(100);
      fault = undefined;
      await time.pass(3 * minute, () => live.status().behind.length === 0);
      await expectAll(30);
      expect(of('trouble').length).toBe(1);
      const [over] = of('recovered') as { seconds: number }[];
      expect(over?.seconds).toBeGreaterThan(29 * 60);
      expect(over?.seconds).toBeLessThan(32 * 60);
      expect(of('recovered').length).toBe(1);
      // Two parts of each: what was there before, and all that came meanwhile.
      expect(of('part').length).toBe(10);
    });
  }
});

describe('a state folder that is really full', () => {
  it('is told once; nothing is lost; it goes on when there is room', { timeout: 60_000 }, async ({ skip }) => {
    const state = join(folder, 'state');
    mkdirSync(state);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'cairn-test', state], { stdio: 'ignore' });
    } catch {
      return skip('mounting a small file system needs root on Linux');
    }
    onTestFinished(() => {
      execFileSync('umount', ['-l', state]);
    });
    write(0);
    const { live, of } = await start(state);
    await time.pass(minute, () => of('part').length === 5);
    const ballast = join(state, 'ballast');
    // Also what the mirror gave back: in a page that is left a small file would have room, and all were well for a moment.
    const fill = () => expect(() => appendFileSync(ballast, Buffer.alloc(1 << 20))).toThrow(/ENOSPC/);
    for (let i = 1; i <= 5; i++) {
      fill();
      write(i);
      await time.pass(minute);
    }
    expect(of('trouble')).toMatchObject([{ code: 'disk-full' }]);
    expect(of('failed')).toEqual([]);
    execFileSync('rm', [ballast]);
    await time.pass(5 * minute, () => live.status().behind.length === 0);
    await expectAll(5);
    expect(of('recovered').length).toBe(1);
  });
});

describe('the watchdog', () => {
  it('tells of a session of which nothing was heard for five minutes, once', { timeout: 60_000 }, async () => {
    write(0);
    const { live, of } = await start();
    await time.pass(minute, () => of('part').length === 5);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { create } = bucket;
    bucket.create = async (...all) => {
      if (all[0].includes(id(1))) await held;
      return create(...all);
    };
    write(1);
    await time.pass(20 * minute);
    expect(of('stalled')).toMatchObject([{ session: id(1) }]);
    expect(live.status().behind).toMatchObject([{ session: id(1) }]);
    release();
    await time.pass(minute, () => live.status().behind.length === 0);
    await expectAll(1);
  });
});

describe('a budget of requests', () => {
  it('holds in every hour, whatever happens; who is followed comes first; nothing is lost', {
    timeout: 60_000,
  }, async () => {
    write(0);
    const { live, of } = await start(undefined, 60);
    const follow = () => ringFollowed(bucket, { project: 'p', harness: 'claude-code', session: id(3) });
    await time.pass(30 * minute, () => live.status().behind.length === 0);
    tries = 0;
    const before = of('part').length;
    let i = 0;
    // Without a budget this were 5 sessions x 3 parts a minute, and what goes with them.
    for (; i < 120; i++) {
      await follow();
      write(i + 1);
      await time.pass(minute / 2);
    }
    expect(tries).toBeLessThan(60 + 15);
    expect(tries).toBeGreaterThan(40);
    const parts = of('part').slice(before) as { session: string }[];
    const partsOf = (n: number) => parts.filter(({ session }) => session === id(n)).length;
    for (const n of [1, 2, 4, 5]) expect(partsOf(3)).toBeGreaterThan(partsOf(n));
    await time.pass(120 * minute, () => live.status().behind.length === 0);
    await expectAll(i);
    expect([...of('failed'), ...of('trouble')]).toEqual([]);
  });
});
