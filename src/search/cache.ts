import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import { findPack } from '../mirror/parts.ts';
import type { Runtime } from '../runtime.ts';
import type { PartAddress } from '../store/keys.ts';
import type { Pack } from '../store/part-names.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** Reads bytes of objects that never change. */
export interface ObjectReader {
  /** Bytes `start` to `end` (excluded; default the end). @throws CairnError `not-found` */
  read(key: string, start?: number, end?: number): Promise<Uint8Array>;
  /** A range costs less than the whole: not where objects are encrypted. */
  readonly ranges: boolean;
  /** The pack that a part is in which was packed since. */
  packOf(part: PartAddress): Promise<Pack | undefined>;
  /** Requests that went to the store so far: what a cache had is not among them. */
  requests(): number;
}

/** What a cache keeps on the disk, at most. */
const mostBytes = 512 << 20;

/** Straight from the store. */
export function storeReader(
  store: BucketStore,
  { ranges = true, ...options }: RequestOptions & { readonly ranges?: boolean } = {},
): ObjectReader {
  let requests = 0;
  return {
    ranges,
    requests: () => requests,
    async read(key, start = 0, end) {
      const range =
        start === 0 && end === undefined ? {} : { range: { start, ...(end !== undefined && { end: end - 1 }) } };
      requests++;
      const object = await store.get(key, { ...options, ...range });
      if (!object)
        throw new CairnError('not-found', `expected ${key}, found none`, { hint: 'run the same command again' });
      return object.bytes();
    },
    packOf(part) {
      requests++;
      return findPack(store, part, options);
    },
  };
}

/**
 * The same with copies of what was read in a local folder, mode 0600. The folder may be removed at any time; what was
 * fetched longest ago goes when it grows too large. A copy that cannot be kept costs time only.
 */
export function cachedReader(inner: ObjectReader, folder: string, runtime: Pick<Runtime, 'id'>): ObjectReader {
  let made: Promise<unknown> | undefined;
  return {
    ranges: inner.ranges,
    packOf: (part) => inner.packOf(part),
    requests: () => inner.requests(),
    async read(key, start = 0, end) {
      const name = createHash('sha256')
        .update(`${key}\n${start}\n${end ?? ''}`)
        .digest('hex')
        .slice(0, 40);
      const path = join(folder, name);
      const copy = await readFile(path).catch(() => undefined);
      if (copy && (end === undefined || copy.length === end - start)) return copy;
      const bytes = await inner.read(key, start, end);
      made ??= mkdir(folder, { recursive: true, mode: 0o700 }).then(() => trim(folder));
      await made.then(() => keep(path, bytes, `${path}.${runtime.id()}`)).catch(() => {});
      return bytes;
    },
  };
}

async function keep(path: string, bytes: Uint8Array, temporary: string): Promise<void> {
  await writeFile(temporary, bytes, { mode: 0o600 });
  await rename(temporary, path);
}

async function trim(folder: string): Promise<void> {
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return { path: join(folder, name), size, mtimeMs };
    }),
  );
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= mostBytes) return;
    await unlink(path);
    total -= size;
  }
}
