import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { BucketStore, GetOptions, Payload, RequestOptions, StoredObject } from './types.ts';

/**
 * `won`: the object is mine. `lost`: it is another's, and will stay so. `unknown`: not settled; the
 * write may still land, so no other slot may be tried, and the same `w` is safe to try again.
 */
export type CreateOnceResult<T> =
  | { readonly outcome: 'won'; readonly date: number | undefined }
  | { readonly outcome: 'lost'; readonly other: T; readonly date: number }
  | { readonly outcome: 'unknown'; readonly cause: unknown };

/** How `createOnce` reads and waits. */
export interface CreateOnceOptions<T> extends RequestOptions, Pick<GetOptions, 'range'> {
  readonly runtime: Runtime;
  /** What is stored, or the head of it: it must tell the `w` it was written with. */
  read(object: StoredObject): Promise<T>;
  /** Default 6. */
  readonly attempts?: number;
}

const longestPause = 30_000;

/**
 * Creates `key` at most once, whatever the network does. `w`, the random id of this logical write,
 * lies in the payload: an answer that does not settle it (exists, conflict, a lost reply) is settled by
 * reading the key and comparing `w`. Every attempt sends the same payload.
 * @throws what `create`, `get` and `read` throw, but for `unavailable`
 */
export async function createOnce<T extends { readonly w: string }>(
  store: BucketStore,
  key: string,
  payload: Payload,
  w: string,
  options: CreateOnceOptions<T>,
): Promise<CreateOnceResult<T>> {
  const { runtime, signal, attempts = 6 } = options;
  let cause: unknown;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const answer = await store.create(key, payload, request(signal));
    if (answer.outcome === 'created') return { outcome: 'won', date: answer.date };
    cause = answer.cause ?? cause;
    try {
      const stored = await readStored(store, key, options);
      if (stored?.value.w === w) return { outcome: 'won', date: stored.date };
      if (stored !== undefined) return { outcome: 'lost', other: stored.value, date: stored.date };
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'unavailable')) throw error;
      cause = error;
    }
    if (attempt === attempts) break;
    const jitter = runtime.random() * Math.min(2000, 50 * 2 ** attempt);
    await runtime.sleep(Math.max(jitter, Math.min(answer.retryAfterMs ?? 0, longestPause)), signal);
    signal?.throwIfAborted();
  }
  return { outcome: 'unknown', cause };
}

async function readStored<T>(store: BucketStore, key: string, options: CreateOnceOptions<T>) {
  const range = options.range === undefined ? {} : { range: options.range };
  const object = await store.get(key, { ...request(options.signal), ...range });
  if (object === undefined) return undefined;
  try {
    return { value: await options.read(object), date: object.date };
  } finally {
    object.close();
  }
}

function request(signal: AbortSignal | undefined): RequestOptions {
  return signal === undefined ? {} : { signal };
}
