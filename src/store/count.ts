import { sizeOf } from './payload.ts';
import type { BucketStore, StoredObject } from './types.ts';

/** What went over the wire for one class of operations. Bytes are those of objects, without protocol. */
export interface Traffic {
  readonly requests: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Traffic by operation, as stores bill it: create and overwrite are PUTs. */
export type Counts = Readonly<Record<'create' | 'overwrite' | 'get' | 'list' | 'remove', Traffic>>;

/** A store that tells what it was asked for. */
export interface CountedStore extends BucketStore {
  /** Since the store was wrapped; a value of its own. */
  counts(): Counts;
}

const pageEntries = 1000;

/**
 * Counts requests, also failed ones, and bytes. A list counts one request for each 1000 entries, as
 * S3 pages them. Put it innermost, or repeated requests are not seen.
 */
export function withCount(store: BucketStore): CountedStore {
  const none = () => ({ requests: 0, bytesUp: 0, bytesDown: 0 });
  const counts = { create: none(), overwrite: none(), get: none(), list: none(), remove: none() };

  function counted(object: StoredObject): StoredObject {
    return {
      ...object,
      body: passing(object.body, (chunk) => {
        counts.get.bytesDown += chunk.byteLength;
      }),
      async bytes() {
        const bytes = await object.bytes();
        counts.get.bytesDown += bytes.byteLength;
        return bytes;
      },
    };
  }

  return {
    url: store.url,
    counts: () => structuredClone(counts),
    create(key, payload, options) {
      counts.create.requests++;
      counts.create.bytesUp += sizeOf(payload);
      return store.create(key, payload, options);
    },
    overwrite(key, payload, options) {
      counts.overwrite.requests++;
      counts.overwrite.bytesUp += sizeOf(payload);
      return store.overwrite(key, payload, options);
    },
    async get(key, options) {
      counts.get.requests++;
      const object = await store.get(key, options);
      return object === undefined ? undefined : counted(object);
    },
    async *list(prefix, options) {
      counts.list.requests++;
      let entries = 0;
      for await (const entry of store.list(prefix, options)) {
        if (entries > 0 && entries % pageEntries === 0) counts.list.requests++;
        entries++;
        yield entry;
      }
    },
    remove(key, options) {
      counts.remove.requests++;
      return store.remove(key, options);
    },
    ...(store.link && { link: store.link }),
    close: () => store.close(),
  };
}

async function* passing(body: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    see(chunk);
    yield chunk;
  }
}
