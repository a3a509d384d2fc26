import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { fill, sync } from './descriptor.ts';
import { errnoOf, fileError, isAbsent, linkError } from './file-errors.ts';
import { openObject } from './file-object.ts';
import { Folders, syncFolder } from './folders.ts';
import { refuseShared } from './shared-folder.ts';
import type { BucketStore, CreateAnswer, ListEntry, Payload, StoredObject } from './types.ts';
import { walk } from './walk.ts';

const scratch = '.tmp';
/** A temporary file untouched for so long is a dead writer's. */
const abandonedMs = 3_600_000;
/** So long an answer of the clock stands: it costs a file, and other stores answer in whole seconds. */
const clockMs = 50;
/** Asks for the store's clock once for so many listed entries. */
const pageEntries = 1000;

/**
 * A bucket in a local directory, for any number of processes: an object is written aside, synced, and
 * gets its name by link(2), which fails where the name exists. So a reader sees nothing or the whole,
 * there is no lock to go stale, and what `create` has answered survives a loss of power. The store's
 * clock is the file system's. The directory is made when the first object is.
 *
 * Only what waits for the disk or moves much data is left to other threads: a name on a local disk is looked up or
 * made in microseconds, and a change of threads costs ten times that.
 */
export function directoryStore(root: string, runtime: Runtime): BucketStore {
  const folders = new Folders(root);
  let swept = false;
  let isLocal = false;
  let told: { readonly date: number; readonly monotonic: number; readonly wall: number } | undefined;

  /**
   * The clock said `date` after `since`. What is older than what it said before is late news, unless the host's clock
   * was set back.
   */
  function hear(date: number, since: { readonly monotonic: number; readonly wall: number }): void {
    if (told === undefined || date >= told.date || runtime.now() < told.wall) told = { date, ...since };
  }

  /** A fresh file in the scratch folder, durable unless it is empty; its `date` is the store's clock. */
  async function writeAside(
    payload: Payload | undefined,
    signal?: AbortSignal,
  ): Promise<{ path: string; date: number }> {
    const path = join(root, scratch, runtime.id());
    const since = { monotonic: runtime.monotonic(), wall: runtime.now() };
    const file = await folders.within(dirname(path), async () => openSync(path, 'wx'));
    try {
      if (payload !== undefined) {
        await fill(file, payload, signal);
        await sync(file);
      }
      const date = Math.trunc(fstatSync(file).mtimeMs);
      hear(date, since);
      return { path, date };
    } catch (error) {
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(file);
    }
  }

  function sweep(now: number): void {
    for (const name of readdirSync(join(root, scratch))) {
      const path = join(root, scratch, name);
      try {
        if (now - statSync(path).mtimeMs > abandonedMs) unlinkSync(path);
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
    move: (from: string, to: string) => T,
  ): Promise<{ result: T; date: number }> {
    const target = pathOf(root, key);
    signal?.throwIfAborted();
    const { path, date } = await writeAside(payload, signal);
    try {
      if (!swept) {
        swept = true;
        sweep(date);
      }
      const result = await folders.within(dirname(target), async () => {
        if (isInside(root, key)) return move(path, target);
        throw new CairnError('unfit', `expected folders on the way to ${key}, got a link`);
      });
      await syncFolder(dirname(target)).catch((error: unknown) => {
        if (!isAbsent(error)) throw error; // made, and removed with its folder since
      });
      return { result, date };
    } finally {
      removeScratch(path);
    }
  }

  /**
   * The file system's clock; the host's where nothing can be written, so that reading still works.
   * @param stored when something that is there was stored, which is not later: unless its clock was ahead
   */
  async function clock(stored = 0): Promise<number> {
    const now = runtime.now();
    // A host that slept shows it in its wall clock.
    const isFresh = (from: number, to: number) => to - from >= 0 && to - from < clockMs;
    if (
      told &&
      isFresh(told.monotonic, runtime.monotonic()) &&
      isFresh(told.wall, now) &&
      (told.date >= stored || stored > now)
    )
      return told.date;
    try {
      const { path, date } = await writeAside(undefined);
      unlinkSync(path);
      return told?.date ?? date;
    } catch {
      return now;
    }
  }

  return {
    url: pathToFileURL(root).href,

    async create(key, payload, options): Promise<CreateAnswer> {
      try {
        if (!isLocal) await refuseShared(root);
        isLocal = true;
        // Whoever comes too late shall not pay for writing it first.
        if (isThere(root, key)) return { outcome: 'exists', date: undefined };
        const { result, date } = await put(key, payload, options?.signal, linkOnce);
        return { outcome: result, date: told?.date ?? date }; // others may have heard of a later one meanwhile
      } catch (error) {
        const cause = fileError(error, `create ${key}`);
        if (cause instanceof CairnError && cause.code === 'unavailable')
          return { outcome: 'unknown', date: undefined, cause };
        throw cause;
      }
    },

    async overwrite(key, payload, options) {
      try {
        await put(key, payload, options?.signal, renameSync);
      } catch (error) {
        throw fileError(error, `write ${key}`);
      }
    },

    async get(key, options): Promise<StoredObject | undefined> {
      const path = pathOf(root, key);
      options?.signal?.throwIfAborted();
      try {
        return isInside(root, key) ? await openObject(path, key, clock, options) : undefined;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw fileError(error, `read ${key}`);
      }
    },

    async *list(prefix, options = {}): AsyncGenerator<ListEntry> {
      const { after = '', delimiter, max = Number.POSITIVE_INFINITY, signal } = options;
      pathOf(root, `${prefix}-`);
      try {
        if (max < 1 || !isInside(root, `${prefix}-`)) return;
        let count = 0;
        let date = 0;
        for await (const entry of walk(root, { prefix, after, fold: delimiter !== undefined, hidden: scratch })) {
          signal?.throwIfAborted();
          const { modified } = 'prefix' in entry ? { modified: 0 } : entry;
          if (count % pageEntries === 0 || modified > date) date = await clock(modified);
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
        if (!isInside(root, key)) return;
        unlinkSync(path);
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

function removeScratch(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Moved, or swept: the name is gone either way.
  }
}

/** Whether something has this name; false also where that cannot be told. */
function isThere(root: string, key: string): boolean {
  try {
    return isInside(root, key) && statSync(pathOf(root, key), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // creating it will tell
  }
}

/** Whether the folder of `key` is reached without a link; throws `ENOENT` where it is missing. */
function isInside(root: string, key: string): boolean {
  return realpathSync.native(dirname(join(root, key))) === dirname(join(realpathSync.native(root), key));
}

function linkOnce(from: string, to: string): 'created' | 'exists' {
  try {
    linkSync(from, to);
    return 'created';
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'exists';
    throw errnoOf(error) === 'ENOENT' ? error : linkError(error, `link ${to}`);
  }
}
