import { CairnError } from '../../src/errors.ts';
import { chunksOf, collect } from '../../src/store/payload.ts';
import type { BucketStore, CreateAnswer, Payload } from '../../src/store/types.ts';

export type Operation = 'create' | 'overwrite' | 'get' | 'list' | 'remove';

/**
 * What becomes of an operation. `drop`: the request is lost. `late`: the caller hears nothing, and a
 * write lands when `landLate` is called. `conflict`: a create is told 409. `lose`: it is done, and the
 * reply is lost.
 */
export type FaultAction = 'drop' | 'late' | 'conflict' | 'lose';

/**
 * Called at every point at which a process can stop: before the store is asked and after it has
 * answered (a list: after each entry as well). It may wait, to interleave; throw, to kill the caller;
 * or, before the operation, choose a fault.
 */
export type OnOperation = (op: Operation, key: string, phase: 'before' | 'after') => Promise<FaultAction | undefined>;

export interface FaultStore extends BucketStore {
  /** Writes that are under way for ever, until `landLate`. */
  readonly lateWrites: number;
  /** Applies the late writes, in their order. */
  landLate(): Promise<void>;
}

const lost = (what: string) => new CairnError('unavailable', `injected fault: ${what}`);

/** A store whose every operation can fail in every way that a network knows. */
export function faultStore(store: BucketStore, onOperation: OnOperation): FaultStore {
  const late: (() => Promise<unknown>)[] = [];

  /** Runs the operation unless it is dropped; `undefined` where the caller hears nothing. */
  async function run<T>(op: Operation, key: string, call: () => Promise<T>): Promise<{ value: T } | FaultAction> {
    const action = await onOperation(op, key, 'before');
    if (action === 'drop' || action === 'conflict') return action;
    if (action === 'late') {
      if (op !== 'get' && op !== 'list') late.push(call);
      return action;
    }
    const value = await call();
    await onOperation(op, key, 'after');
    return action ?? { value };
  }

  async function orThrow<T>(op: Operation, key: string, call: () => Promise<T>): Promise<T> {
    const result = await run(op, key, call);
    if (typeof result === 'string') throw lost(`${op} ${key}: ${result}`);
    return result.value;
  }

  return {
    url: store.url,
    get lateWrites() {
      return late.length;
    },
    async landLate() {
      for (const land of late.splice(0)) await land();
    },
    async create(key, payload, options): Promise<CreateAnswer> {
      const frozen = await freeze(payload);
      const result = await run('create', key, () => store.create(key, frozen, options));
      if (typeof result !== 'string') return result.value;
      const cause = lost(`create ${key}: ${result}`);
      return { outcome: result === 'conflict' ? 'conflict' : 'unknown', date: undefined, cause };
    },
    async overwrite(key, payload, options) {
      const frozen = await freeze(payload);
      return orThrow('overwrite', key, () => store.overwrite(key, frozen, options));
    },
    get: (key, options) => orThrow('get', key, () => store.get(key, options)),
    async *list(prefix, options) {
      await orThrow('list', prefix, async () => {});
      for await (const entry of store.list(prefix, options)) {
        yield entry;
        await onOperation('list', prefix, 'after');
      }
    },
    remove: (key, options) => orThrow('remove', key, () => store.remove(key, options)),
    close: () => store.close(),
  };
}

/** A late write sends what was there when it was begun. */
async function freeze(payload: Payload): Promise<Uint8Array> {
  return (await collect(chunksOf(payload))).slice();
}
