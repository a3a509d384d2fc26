import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CairnError } from '../../src/errors.ts';
import { createOnce } from '../../src/store/create-once.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { openStore } from '../../src/store/open.ts';
import type { BucketStore, StoredObject } from '../../src/store/types.ts';
import { type FaultAction, faultStore } from './fault-store.ts';
import { testRuntime } from './runtime.ts';
import { type Fault, type S3Double, startS3Double } from './s3-double.ts';

interface Slot {
  readonly w: string;
}

const read = async (object: StoredObject): Promise<Slot> => JSON.parse(new TextDecoder().decode(await object.bytes()));
const body = (w: string) => new TextEncoder().encode(JSON.stringify({ w }));
const once = (store: BucketStore, w: string, runtime = testRuntime(), attempts = 6) =>
  createOnce(store, 'slot', body(w), w, { runtime, read, attempts });

describe('create-once', () => {
  it('wins an empty slot with one request and loses a taken one', async () => {
    const store = memoryStore(testRuntime());
    expect(await once(store, 'a')).toMatchObject({ outcome: 'won' });
    expect(await once(store, 'b')).toMatchObject({ outcome: 'lost', other: { w: 'a' } });
    expect(await once(store, 'a')).toMatchObject({ outcome: 'won' });
  });

  it('reads no more than the range, and gives up the rest', async () => {
    const inner = memoryStore(testRuntime());
    let closed = 0;
    const store: BucketStore = {
      ...inner,
      async get(key, options) {
        const object = await inner.get(key, options);
        return object && { ...object, close: () => void closed++ };
      },
    };
    await store.create('slot', new TextEncoder().encode(`first line\n${'x'.repeat(1000)}`));
    let seen = -1;
    await createOnce(store, 'slot', body('b'), 'b', {
      runtime: testRuntime(),
      range: { start: 0, end: 9 },
      async read(object) {
        seen = (await object.bytes()).byteLength;
        return { w: 'a' };
      },
    });
    expect(seen).toBe(10);
    expect(closed).toBe(1);
  });

  it('passes on what is wrong with the stored body, and what create throws', async () => {
    const store = memoryStore(testRuntime());
    await store.create('slot', new TextEncoder().encode('no json'));
    await expect(once(store, 'b')).rejects.toThrow(SyntaxError);
    const denied: BucketStore = {
      ...store,
      async create() {
        throw new CairnError('denied', 'no');
      },
    };
    await expect(once(denied, 'b')).rejects.toMatchObject({ code: 'denied' });
  });

  it('waits with full jitter, and as long as the store asks', async () => {
    const runtime = testRuntime(() => 0.5);
    const store: BucketStore = {
      ...memoryStore(runtime),
      create: async () => ({ outcome: 'unknown', date: undefined, cause: new Error('storm') }),
    };
    expect(await once(store, 'a', runtime)).toMatchObject({ outcome: 'unknown', cause: new Error('storm') });
    expect(runtime.slept).toEqual([50, 100, 200, 400, 800]);
    runtime.slept.length = 0;
    const asking: BucketStore = {
      ...store,
      create: async () => ({ outcome: 'unknown', date: undefined, retryAfterMs: 3000 }),
    };
    await once(asking, 'a', runtime, 3);
    expect(runtime.slept).toEqual([3000, 3000]);
  });

  it('stops at an abort between attempts', async () => {
    const controller = new AbortController();
    const runtime = { ...testRuntime(), sleep: async () => controller.abort(new Error('stopped')) };
    const store = faultStore(memoryStore(runtime), async (op) => (op === 'create' ? 'drop' : undefined));
    const call = createOnce(store, 'slot', body('a'), 'a', { runtime, read, signal: controller.signal });
    await expect(call).rejects.toThrow('stopped');
  });

  it('never has two winners and never tells a winner that it lost, whatever the network does', async () => {
    const action = fc.constantFrom<FaultAction | undefined>('drop', 'late', 'conflict', 'lose', undefined, undefined);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(action, { maxLength: 16 }), { minLength: 1, maxLength: 4 }),
        fc.scheduler(),
        async (plans, scheduler) => {
          const runtime = testRuntime();
          const inner = memoryStore(runtime);
          const stores = plans.map((plan) => {
            const rest = [...plan];
            return faultStore(inner, async (op, _key, phase) => {
              await scheduler.schedule(Promise.resolve());
              const next = phase === 'before' ? rest.shift() : undefined;
              return op === 'create' || next === 'drop' || next === 'lose' ? next : undefined;
            });
          });
          const paced = { ...runtime, sleep: () => scheduler.schedule(Promise.resolve()) };
          const results = await scheduler.waitFor(Promise.all(stores.map((store, i) => once(store, `w${i}`, paced))));
          for (const store of stores) await store.landLate();
          const object = await inner.get('slot');
          const stored = object === undefined ? undefined : (await read(object)).w;
          for (const [i, result] of results.entries()) {
            if (result.outcome === 'won') expect(stored).toBe(`w${i}`);
            if (result.outcome === 'lost') {
              expect(stored).toBe(result.other.w);
              expect(stored).not.toBe(`w${i}`);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('create-once against an S3 server that misbehaves', () => {
  let double: S3Double;
  let store: BucketStore;
  beforeAll(() => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
  });
  beforeEach(async () => {
    await double?.close();
    double = await startS3Double();
    store = await openStore(`s3://double?endpoint=${double.endpoint}`, { env: {}, runtime: testRuntime() });
  });
  afterAll(() => double.close());

  const storm = (status: number, after: boolean): Fault => ({ kind: 'status', status, after });
  const lastingFaults: [string, Fault][] = [
    ['reset before', { kind: 'reset', after: false }],
    ['reply lost', { kind: 'reset', after: true }],
    ['409', storm(409, false)],
    ['409 although done', storm(409, true)],
    ['412 although done', storm(412, true)],
    ['429', storm(429, false)],
    ['500 although done', storm(500, true)],
    ['503', storm(503, false)],
    ['503 although done', storm(503, true)],
    ['slow', { kind: 'slow', ms: 20 }],
  ];

  it.each(lastingFaults)('wins through: %s', async (_, fault) => {
    double.fault('PUT', fault, 3);
    expect(await once(store, 'a')).toMatchObject({ outcome: 'won' });
    expect(double.objects.size).toBe(1);
    expect(await once(store, 'b')).toMatchObject({ outcome: 'lost', other: { w: 'a' } });
  });

  it.each(lastingFaults)('loses through: %s', async (_, fault) => {
    await once(store, 'first');
    double.fault('PUT', fault, 3);
    expect(await once(store, 'b')).toMatchObject({ outcome: 'lost', other: { w: 'first' } });
  });

  it.each([storm(503, false), storm(409, false), { kind: 'reset', after: false } as const])(
    'gives up as unknown: %j',
    async (fault) => {
      double.fault('PUT', fault, 100);
      expect(await once(store, 'a')).toMatchObject({ outcome: 'unknown', cause: { code: 'unavailable' } });
      expect(double.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(6);
    },
  );

  it('settles although the reading fails at first', async () => {
    double.fault('PUT', { kind: 'reset', after: true });
    double.fault('GET', storm(503, false), 1);
    double.fault('GET', { kind: 'cut' }, 1);
    expect(await once(store, 'a')).toMatchObject({ outcome: 'won' });
    expect(await once(store, 'b')).toMatchObject({ outcome: 'lost', other: { w: 'a' } });
  });

  it('is not fooled by a write that lands late', async () => {
    double.fault('PUT', { kind: 'late' });
    expect(await once(store, 'a', testRuntime(), 1)).toMatchObject({ outcome: 'unknown' });
    expect(await once(store, 'b')).toMatchObject({ outcome: 'won' });
    expect(double.landLate()).toEqual([412]);
    expect(await once(store, 'a')).toMatchObject({ outcome: 'lost', other: { w: 'b' } });
  });

  it('finds its own write that landed late', async () => {
    double.fault('PUT', { kind: 'late' });
    const runtime = testRuntime();
    const landing = { ...runtime, sleep: async () => void double.landLate() };
    expect(await once(store, 'a', landing)).toMatchObject({ outcome: 'won' });
    expect(double.requests).toEqual(['PUT slot', 'GET slot', 'PUT slot', 'GET slot']);
  });

  it('costs one request uncontended and two contended', async () => {
    await once(store, 'a');
    await once(store, 'b');
    expect(double.requests).toEqual(['PUT slot', 'PUT slot', 'GET slot']);
  });
});
