import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { BucketStore, ListOptions, StoredObject } from './types.ts';

/** How often and how long a call is tried. */
export interface RetryOptions {
  readonly runtime: Runtime;
  /** Tries in a row without progress. Default 5. */
  readonly attempts?: number;
  /** Milliseconds that one call may spend in pauses. Default 30,000. */
  readonly budgetMs?: number;
}

/** Waits before the next try, or throws the error where there shall be none. */
interface Pacer {
  pause(error: unknown): Promise<void>;
  progress(): void;
}

/**
 * Repeats what may be repeated (get, list, overwrite, remove) while the store is `unavailable`, with
 * full jitter, and not before the store's own `retryAfterMs`. A list goes on after its last entry, and
 * the bytes of an object are asked for again when they were cut off; a `body` that was begun is not.
 * `create` passes through: only `createOnce` knows whose object it is.
 */
export function withRetry(store: BucketStore, options: RetryOptions): BucketStore {
  return {
    ...store,

    overwrite: (key, payload, request) =>
      repeat(pacer(options, request?.signal), () => store.overwrite(key, payload, request)),

    remove: (key, request) => repeat(pacer(options, request?.signal), () => store.remove(key, request)),

    async get(key, request) {
      const pace = pacer(options, request?.signal);
      const object = await repeat(pace, () => store.get(key, request));
      if (object === undefined) return undefined;
      let source: StoredObject | undefined = object;
      const bytes = () =>
        repeat(pace, async () => {
          const current = source ?? (await store.get(key, request));
          source = undefined;
          if (current === undefined)
            throw new CairnError('not-found', `expected ${key}, which was removed while it was read`);
          return await current.bytes();
        });
      return { ...object, bytes };
    },

    async *list(prefix, request: ListOptions = {}) {
      const pace = pacer(options, request.signal);
      let rest = request;
      for (;;) {
        try {
          for await (const entry of store.list(prefix, rest)) {
            const after = 'prefix' in entry ? entry.prefix : entry.key;
            rest = { ...rest, after, ...(rest.max === undefined ? {} : { max: rest.max - 1 }) };
            pace.progress();
            yield entry;
          }
          return;
        } catch (error) {
          await pace.pause(error);
        }
      }
    },
  };
}

async function repeat<T>(pace: Pacer, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      await pace.pause(error);
    }
  }
}

function pacer({ runtime, attempts = 5, budgetMs = 30_000 }: RetryOptions, signal: AbortSignal | undefined): Pacer {
  let tried = 0;
  let waited = 0;
  return {
    async pause(error) {
      if (!(error instanceof CairnError && error.code === 'unavailable')) throw error;
      tried++;
      const ms = Math.max(runtime.random() * Math.min(5000, 50 * 2 ** tried), error.retryAfterMs ?? 0);
      waited += ms;
      if (tried >= attempts || waited > budgetMs) throw error;
      await runtime.sleep(ms, signal);
      signal?.throwIfAborted();
    },
    progress() {
      tried = 0;
    },
  };
}
