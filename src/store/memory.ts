import type { Runtime } from '../runtime.ts';
import { compareKeys } from './keys.ts';
import { chunksOf, collect } from './payload.ts';
import type { BucketStore, CreateAnswer, ListEntry, Payload, StoredObject } from './types.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly modified: number;
}

/** A bucket in memory, for tests and dry runs; its clock is the runtime's. */
export function memoryStore(runtime: Runtime): BucketStore {
  const objects = new Map<string, Stored>();

  return {
    url: 'memory:',

    async create(key, payload, options): Promise<CreateAnswer> {
      const bytes = await read(payload, options?.signal);
      if (objects.has(key)) return { outcome: 'exists', date: runtime.now() };
      objects.set(key, { bytes, modified: runtime.now() });
      return { outcome: 'created', date: runtime.now() };
    },

    async overwrite(key, payload, options) {
      objects.set(key, { bytes: await read(payload, options?.signal), modified: runtime.now() });
    },

    async get(key, options) {
      options?.signal?.throwIfAborted();
      const stored = objects.get(key);
      if (stored === undefined) return undefined;
      const { start, end } = options?.range ?? { start: 0 };
      const bytes = stored.bytes.slice(start, end === undefined ? undefined : end + 1);
      return objectOf(stored, bytes, runtime.now());
    },

    async *list(prefix, options = {}) {
      const { after = '', delimiter, max = Number.POSITIVE_INFINITY, signal } = options;
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys);
      let last = after;
      let count = 0;
      for (const key of keys) {
        signal?.throwIfAborted();
        if (count === max) return;
        const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
        const name = cut === -1 ? key : key.slice(0, cut + 1);
        const stored = objects.get(key);
        if (stored === undefined || compareKeys(name, last) <= 0) continue;
        last = name;
        count++;
        const entry: ListEntry =
          cut === -1
            ? { key, size: stored.bytes.byteLength, modified: stored.modified, date: runtime.now() }
            : { prefix: name };
        yield entry;
      }
    },

    async remove(key, options) {
      options?.signal?.throwIfAborted();
      objects.delete(key);
    },

    async close() {},
  };
}

async function read(payload: Payload, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const bytes = await collect(chunksOf(payload));
  signal?.throwIfAborted();
  return bytes.slice();
}

function objectOf(stored: Stored, bytes: Uint8Array, date: number): StoredObject {
  return {
    size: stored.bytes.byteLength,
    date,
    modified: stored.modified,
    body: chunksOf(bytes),
    bytes: async () => bytes,
    close() {},
  };
}
