import { expect, it } from 'vitest';
import { sessionsInBucket } from '../../src/mirror/listed-sessions.ts';
import { partKey } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { counted } from './counted.ts';
import { testRuntime } from './rig.ts';

const address = (session: string) => ({ project: 'p', harness: 'codex', session });

/** A bucket with one session, of which the first `failures` lists fail. */
async function bucketWith(session: string, failures: number) {
  const runtime = testRuntime();
  const inner = memoryStore(runtime);
  await inner.create(partKey({ ...address(session), stream: 'main', epoch: 0, seq: 0 }), Buffer.from('x'));
  const failing: BucketStore = {
    ...inner,
    async *list(prefix, options) {
      if (failures-- > 0) throw new Error('no answer');
      yield* inner.list(prefix, options);
    },
  };
  const { store, calls } = counted(failing);
  return { runtime, calls, isKnown: sessionsInBucket(store, runtime) };
}

it('many sessions are asked for by one list, and by another after half a day', async () => {
  const { runtime, calls, isKnown } = await bucketWith('here', 0);
  const ask = () => Promise.all(['here', 'elsewhere'].map((session) => isKnown(address(session))));
  expect(await ask()).toEqual([true, false]);
  expect(await ask()).toEqual([true, false]);
  expect(calls.length).toBe(1);
  runtime.time += 13 * 3_600_000;
  expect(await ask()).toEqual([true, false]);
  expect(calls.length).toBe(2);
});

it('a list that failed is no answer: whoever waited is told, and the next one asks again', async () => {
  const { calls, isKnown } = await bucketWith('here', 1);
  const first = await Promise.allSettled(['here', 'elsewhere'].map((session) => isKnown(address(session))));
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(calls.length).toBe(1);
  expect(await isKnown(address('here'))).toBe(true);
  expect(await isKnown(address('elsewhere'))).toBe(false);
  expect(calls.length).toBe(2);
});
