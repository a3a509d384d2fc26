import { describe, expect, it } from 'vitest';
import { CairnError } from '../../src/errors.ts';
import { withCount } from '../../src/store/count.ts';
import { withLimit } from '../../src/store/limit.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { withRetry } from '../../src/store/retry.ts';
import type { BucketStore, ListOptions } from '../../src/store/types.ts';
import { storeContract } from './contract.ts';
import { type FaultAction, faultStore, type Operation } from './fault-store.ts';
import { testRuntime } from './runtime.ts';

const text = (value: string) => new TextEncoder().encode(value);

storeContract('memory behind all wrappers, with a fault in every third operation', async () => {
  const runtime = testRuntime();
  let calls = 0;
  const faulty = faultStore(memoryStore(runtime), async (op, _key, phase) => {
    if (op === 'create' || phase === 'after') return undefined;
    calls++;
    return calls % 3 === 0 ? (calls % 2 === 0 ? 'drop' : 'lose') : undefined;
  });
  return { store: withRetry(withLimit(withCount(faulty), 4), { runtime }), prefix: 'run/' };
});

async function keysOf(store: BucketStore, prefix: string, options?: ListOptions): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of store.list(prefix, options)) keys.push('key' in entry ? entry.key : entry.prefix);
  return keys;
}

/** A memory store whose operations take their faults from a queue. */
function scripted(actions: FaultAction[]) {
  const runtime = testRuntime(() => 0.5);
  const seen: Operation[] = [];
  const store = faultStore(memoryStore(runtime), async (op, _key, phase) => {
    if (phase === 'after') return undefined;
    seen.push(op);
    return actions.shift();
  });
  return { runtime, store, seen };
}

describe('retry', () => {
  it('repeats reading, listing, overwriting and removing, with growing pauses', async () => {
    const { runtime, store, seen } = scripted(['drop', 'lose', 'drop']);
    await withRetry(store, { runtime }).overwrite('k', text('x'));
    expect(seen).toEqual(['overwrite', 'overwrite', 'overwrite', 'overwrite']);
    expect(runtime.slept).toEqual([50, 100, 200]);
  });

  it('never repeats a create', async () => {
    const { runtime, store, seen } = scripted(['lose']);
    expect(await withRetry(store, { runtime }).create('k', text('x'))).toMatchObject({ outcome: 'unknown' });
    expect(seen).toEqual(['create']);
  });

  it('gives up after its attempts, with the store error', async () => {
    const { runtime, store, seen } = scripted(Array(9).fill('drop'));
    await expect(withRetry(store, { runtime, attempts: 3 }).get('k')).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toHaveLength(3);
  });

  const asking = (runtime: ReturnType<typeof testRuntime>, retryAfterMs: number, failures: number): BucketStore => {
    const inner = memoryStore(runtime);
    return {
      ...inner,
      async remove(key) {
        if (failures-- > 0) throw new CairnError('unavailable', 'wait', { retryAfterMs });
        await inner.remove(key);
      },
    };
  };

  it('waits as long as the store asks, within its budget', async () => {
    const runtime = testRuntime();
    await withRetry(asking(runtime, 4000, 2), { runtime }).remove('k');
    expect(runtime.slept).toEqual([4000, 4000]);
    const short = withRetry(asking(runtime, 4000, 2), { runtime, budgetMs: 5000 });
    await expect(short.remove('k')).rejects.toMatchObject({ message: 'wait' });
    expect(runtime.slept).toEqual([4000, 4000, 4000]);
  });

  it('does not repeat what will not pass by itself', async () => {
    const runtime = testRuntime();
    let calls = 0;
    const denied: BucketStore = {
      ...memoryStore(runtime),
      async get() {
        calls++;
        throw new CairnError('denied', 'no');
      },
    };
    await expect(withRetry(denied, { runtime }).get('k')).rejects.toMatchObject({ code: 'denied' });
    expect(calls).toBe(1);
  });

  it('goes on with a list after the last entry, and keeps its maximum', async () => {
    const runtime = testRuntime();
    const inner = memoryStore(runtime);
    for (const key of ['a', 'b/1', 'b/2', 'c', 'd', 'e']) await inner.create(key, text('x'));
    const lists: (ListOptions | undefined)[] = [];
    const breaking: BucketStore = {
      ...inner,
      async *list(prefix, options) {
        lists.push(options);
        let given = 0;
        for await (const entry of inner.list(prefix, options)) {
          if (given++ === 2) throw new CairnError('unavailable', 'cut');
          yield entry;
        }
      },
    };
    const store = withRetry(breaking, { runtime, attempts: 2 });
    expect(await keysOf(store, '', { max: 5 })).toEqual(['a', 'b/1', 'b/2', 'c', 'd']);
    expect(lists).toEqual([{ max: 5 }, { max: 3, after: 'b/1' }, { max: 1, after: 'c' }]);
    expect(await keysOf(store, '', { delimiter: '/' })).toEqual(['a', 'b/', 'c', 'd', 'e']);
  });

  it('reads bytes again that were cut off', async () => {
    const runtime = testRuntime();
    const inner = memoryStore(runtime);
    await inner.create('k', text('whole'));
    let cuts = 2;
    const cutting: BucketStore = {
      ...inner,
      async get(key, options) {
        const object = await inner.get(key, options);
        if (object === undefined || cuts-- <= 0) return object;
        return { ...object, bytes: () => Promise.reject(new CairnError('unavailable', 'cut')) };
      },
    };
    const object = await withRetry(cutting, { runtime }).get('k');
    expect(await object?.bytes()).toEqual(text('whole'));
    expect(cuts).toBe(-1);
  });

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController();
    const { store } = scripted(Array(9).fill('drop'));
    const runtime = { ...testRuntime(), sleep: async () => controller.abort(new Error('stopped')) };
    const call = withRetry(store, { runtime }).get('k', { signal: controller.signal });
    await expect(call).rejects.toThrow('stopped');
  });
});

describe('limit', () => {
  it('has no more calls under way than allowed, and finishes all', async () => {
    const runtime = testRuntime();
    let running = 0;
    let most = 0;
    const inner = faultStore(memoryStore(runtime), async (_op, _key, phase) => {
      running += phase === 'before' ? 1 : -1;
      most = Math.max(most, running);
      await runtime.sleep(0);
      return undefined;
    });
    const store = withLimit(inner, 3);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => store.create(`k${i}`, text('x'))));
    expect(answers.every(({ outcome }) => outcome === 'created')).toBe(true);
    expect(most).toBe(3);
  });

  it('lets an aborted call leave the queue', async () => {
    const { store: inner, seen } = scripted([]);
    const store = withLimit(inner, 1);
    const controller = new AbortController();
    const first = store.create('a', text('x'));
    const second = store.create('b', text('x'), { signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    await first;
    expect(seen).toEqual(['create']);
  });

  it('is not blocked by a list that nobody finishes, or by an open body', async () => {
    const store = withLimit(memoryStore(testRuntime()), 1);
    await store.create('a', text('x'));
    await store.create('b', text('y'));
    const list = store.list('')[Symbol.asyncIterator]();
    await list.next();
    const object = await store.get('a');
    expect(new TextDecoder().decode(await (await store.get('b'))?.bytes())).toBe('y');
    expect(new TextDecoder().decode(await object?.bytes())).toBe('x');
  });
});

describe('count', () => {
  it('counts requests and bytes by operation', async () => {
    const store = withCount(memoryStore(testRuntime()));
    const before = store.counts();
    await store.create('a', text('12345'));
    await store.create('a', text('123'));
    await store.overwrite('b', text('12'));
    await (await store.get('a'))?.bytes();
    for await (const _ of (await store.get('a', { range: { start: 0, end: 1 } }))?.body ?? []);
    await store.get('absent');
    await keysOf(store, '');
    await store.remove('a');
    expect(store.counts()).toEqual({
      create: { requests: 2, bytesUp: 8, bytesDown: 0 },
      overwrite: { requests: 1, bytesUp: 2, bytesDown: 0 },
      get: { requests: 3, bytesUp: 0, bytesDown: 7 },
      list: { requests: 1, bytesUp: 0, bytesDown: 0 },
      remove: { requests: 1, bytesUp: 0, bytesDown: 0 },
    });
    expect(before.create.requests).toBe(0);
  });

  it('counts the pages of a list, also of an empty one', async () => {
    const store = withCount(memoryStore(testRuntime()));
    await keysOf(store, '');
    for (let i = 0; i < 1001; i++) await store.create(`k${i}`, text(''));
    await keysOf(store, '', { max: 1000 });
    expect(store.counts().list.requests).toBe(2);
    await keysOf(store, '');
    expect(store.counts().list.requests).toBe(4);
  });

  it('counts failed attempts when it is innermost', async () => {
    const { runtime, store: faulty } = scripted(['drop', 'drop']);
    const counted = withCount(faulty);
    await withRetry(counted, { runtime }).overwrite('k', text('x'));
    expect(counted.counts().overwrite).toEqual({ requests: 3, bytesUp: 3, bytesDown: 0 });
  });
});
