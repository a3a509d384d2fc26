import PQueue from 'p-queue';
import type { BucketStore, RequestOptions } from './types.ts';

/**
 * At most `concurrency` calls at a time; the others wait in order of arrival, and an aborted one leaves
 * the queue. Bodies that are being read do not count, or a reader of several would wait for itself.
 */
export function withLimit(store: BucketStore, concurrency: number): BucketStore {
  const queue = new PQueue({ concurrency });
  const enqueue = <T>(options: RequestOptions | undefined, call: () => Promise<T>): Promise<T> =>
    queue.add(call, options?.signal === undefined ? {} : { signal: options.signal });
  return {
    url: store.url,
    create: (key, payload, options) => enqueue(options, () => store.create(key, payload, options)),
    overwrite: (key, payload, options) => enqueue(options, () => store.overwrite(key, payload, options)),
    get: (key, options) => enqueue(options, () => store.get(key, options)),
    remove: (key, options) => enqueue(options, () => store.remove(key, options)),
    ...(store.link && { link: store.link }),
    close: () => store.close(),
    async *list(prefix, options) {
      const entries = store.list(prefix, options)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await enqueue(options, () => entries.next());
          if (next.done) return;
          yield next.value;
        }
      } finally {
        await entries.return?.();
      }
    },
  };
}
