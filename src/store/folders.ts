import { mkdir, open, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './file-errors.ts';

/** Makes an entry of a folder durable: a new name is on the disk once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // a folder cannot be opened there; NTFS journals names
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error; // this file system has no sync for folders
  } finally {
    await folder.close();
  }
}

const attempts = 10;

/** The folders of a bucket: made when needed, each durable before anything is put into it. */
export class Folders {
  readonly #root: string;
  /** Folders whose names this process has made durable, up to the root. */
  readonly #durable = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Makes `path` and what is missing above it. Folders of others are synced once as well: whoever
   * made them may have died before. The root is private to the user where it is made here.
   */
  async #ensure(path: string): Promise<void> {
    if (this.#durable.has(path)) return;
    if (path === this.#root) {
      await makeRoot(path);
    } else {
      await this.#ensure(dirname(path));
      await mkdir(path).catch(orExists);
      await syncFolder(dirname(path));
    }
    this.#durable.add(path);
  }

  /** Runs `use` with `path` made; again where the folder was pruned by others in between. */
  async within<T>(path: string, use: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#ensure(path);
        return await use();
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT' || attempt === attempts) throw error;
        this.#durable.clear(); // nothing is taken for granted any more
      }
    }
  }

  /** Removes `path` and what is above it as far as it is empty, but never the root. */
  async prune(path: string): Promise<void> {
    for (let folder = path; folder.length > this.#root.length; folder = dirname(folder)) {
      try {
        await rmdir(folder);
        this.#durable.delete(folder);
      } catch {
        return; // not empty, or gone already
      }
    }
  }
}

/** What is missing on the way to the root. (Not `recursive`: below /proc that never ends in Node 20.20.) */
async function makeRoot(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return orExists(error);
    await makeRoot(dirname(path));
    await mkdir(path, { mode: 0o700 }).catch(orExists);
  }
  await syncFolder(dirname(path));
}

function orExists(error: unknown): void {
  if (errnoOf(error) !== 'EEXIST') throw error;
}
