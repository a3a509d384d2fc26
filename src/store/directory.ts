import { type FileHandle, link, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { errnoOf, fileError, isAbsent, linkError } from './file-errors.ts';
import { openObject } from './file-object.ts';
import { Folders, syncFolder } from './folders.ts';
import { chunksOf } from './payload.ts';
import { refuseShared } from './shared-folder.ts';
import type { BucketStore, CreateAnswer, ListEntry, Payload, StoredObject } from './types.ts';
import { walk } from './walk.ts';

const scratch = '.tmp';
/** A temporary file untouched for so long is a dead writer's. */
const abandonedMs = 3_600_000;
/** Asks for the store's clock once for so many listed entries. */
const pageEntries = 1000;

/**
 * A bucket in a local directory, for any number of processes: an object is written aside, synced, and
 * gets its name by link(2), which fails where the name exists. So a reader sees nothing or the whole,
 * there is no lock to go stale, and what `create` has answered survives a loss of power. The store's
 * clock is the file system's. The directory is made when the first object is.
 */
export function directoryStore(root: string, runtime: Runtime): BucketStore {
  const folders = new Folders(root);
  let swept = false;
  let isLocal = false;

  /** A fresh file in the scratch folder, durable unless it is empty; its `date` is the store's clock. */
  async function writeAside(
    payload: Payload | undefined,
    signal?: AbortSignal,
  ): Promise<{ path: string; date: number }> {
    const path = join(root, scratch, runtime.id());
    const file = await folders.within(dirname(path), () => open(path, 'wx'));
    try {
      if (payload !== undefined) await fill(file, payload, signal);
      return { path, date: Math.trunc((await file.stat()).mtimeMs) };
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
  }

  async function sweep(now: number): Promise<void> {
    for (const name of await readdir(join(root, scratch))) {
      const path = join(root, scratch, name);
      try {
        if (now - (await stat(path)).mtimeMs > abandonedMs) await unlink(path);
      } catch {
        // Another process was faster, or it is another user's: either way not ours to remove.
      }
    }
  }

  /** Writes aside, then gives it the name by `move`. */
  async function put<T>(
    key: string,
    payload: Payload,
    signal: AbortSignal | undefined,
    move: (from: string, to: string) => Promise<T>,
  ): Promise<{ result: T; date: number }> {
    const target = pathOf(root, key);
    signal?.throwIfAborted();
    const { path, date } = await writeAside(payload, signal);
    try {
      if (!swept) {
        swept = true;
        await sweep(date);
      }
      const result = await folders.within(dirname(target), async () => {
        if (await isInside(root, key)) return await move(path, target);
        throw new CairnError('unfit', `expected folders on the way to ${key}, got a link`);
      });
      await syncFolder(dirname(target)).catch((error: unknown) => {
        if (!isAbsent(error)) throw error; // made, and removed with its folder since
      });
      return { result, date };
    } finally {
      await unlink(path).catch(() => {}); // moved, or swept: the name is gone either way
    }
  }

  /** The file system's clock; the host's where nothing can be written, so that reading still works. */
  async function clock(): Promise<number> {
    try {
      const { path, date } = await writeAside(undefined);
      await unlink(path);
      return date;
    } catch {
      return runtime.now();
    }
  }

  return {
    url: pathToFileURL(root).href,

    async create(key, payload, options): Promise<CreateAnswer> {
      try {
        if (!isLocal) await refuseShared(root);
        isLocal = true;
        // Whoever comes too late shall not pay for writing it first.
        if (await isThere(root, key)) return { outcome: 'exists', date: undefined };
        const { result, date } = await put(key, payload, options?.signal, linkOnce);
        return { outcome: result, date };
      } catch (error) {
        const cause = fileError(error, `create ${key}`);
        if (cause instanceof CairnError && cause.code === 'unavailable')
          return { outcome: 'unknown', date: undefined, cause };
        throw cause;
      }
    },

    async overwrite(key, payload, options) {
      try {
        await put(key, payload, options?.signal, rename);
      } catch (error) {
        throw fileError(error, `write ${key}`);
      }
    },

    async get(key, options): Promise<StoredObject | undefined> {
      const path = pathOf(root, key);
      options?.signal?.throwIfAborted();
      try {
        return (await isInside(root, key)) ? await openObject(path, key, clock, options) : undefined;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw fileError(error, `read ${key}`);
      }
    },

    async *list(prefix, options = {}): AsyncGenerator<ListEntry> {
      const { after = '', delimiter, max = Number.POSITIVE_INFINITY, signal } = options;
      pathOf(root, `${prefix}-`);
      try {
        if (max < 1 || !(await isInside(root, `${prefix}-`))) return;
        let count = 0;
        let date = 0;
        for await (const entry of walk(root, { prefix, after, fold: delimiter !== undefined, hidden: scratch })) {
          signal?.throwIfAborted();
          if (count % pageEntries === 0) date = await clock();
          yield 'prefix' in entry ? entry : { ...entry, date };
          if (++count === max) return;
        }
      } catch (error) {
        if (!isAbsent(error)) throw fileError(error, `list ${prefix}`);
      }
    },

    async remove(key, options) {
      const path = pathOf(root, key);
      options?.signal?.throwIfAborted();
      try {
        if (!(await isInside(root, key))) return;
        await unlink(path);
        await folders.prune(dirname(path));
      } catch (error) {
        if (!isAbsent(error)) throw fileError(error, `remove ${key}`);
      }
    },

    async close() {},
  };
}

/** The file of a key. A key that would leave the directory, or meet the scratch folder, is refused. */
function pathOf(root: string, key: string): string {
  const names = key.split('/');
  const isOdd = (name: string) =>
    name === '' || name === '.' || name === '..' || name.includes('\0') || name.includes(sep);
  if (names.some(isOdd) || names[0] === scratch) {
    throw new CairnError('unfit', `expected a key of plain names, got ${JSON.stringify(key)}`);
  }
  return join(root, ...names);
}

/** Whether something has this name; false also where that cannot be told. */
async function isThere(root: string, key: string): Promise<boolean> {
  try {
    if (!(await isInside(root, key))) return false;
    await stat(pathOf(root, key));
    return true;
  } catch {
    return false; // creating it will tell
  }
}

/** Whether the folder of `key` is reached without a link; throws `ENOENT` where it is missing. */
async function isInside(root: string, key: string): Promise<boolean> {
  return (await realpath(dirname(join(root, key)))) === dirname(join(await realpath(root), key));
}

async function linkOnce(from: string, to: string): Promise<'created' | 'exists'> {
  try {
    await link(from, to);
    return 'created';
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'exists';
    throw errnoOf(error) === 'ENOENT' ? error : linkError(error, `link ${to}`);
  }
}

async function fill(file: FileHandle, payload: Payload, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of chunksOf(payload)) {
    signal?.throwIfAborted();
    await file.appendFile(chunk);
  }
  await file.sync();
}
