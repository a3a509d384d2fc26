import { closeSync, mkdirSync, openSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { sync } from './descriptor.ts';
import { errnoOf } from './file-errors.ts';

/** Makes an entry of a folder durable: a new name is on the disk once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // a folder cannot be opened there; NTFS journals names
  const folder = openSync(path, 'r');
  try {
    await sync(folder);
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error; // this file system has no sync for folders
  } finally {
    closeSync(folder);
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
    if (!this.#durable.has(this.#root)) await makeRoot(this.#root);
    const made: string[] = [];
    for (let folder = path; folder !== this.#root && !this.#durable.has(folder); folder = dirname(folder)) {
      made.unshift(folder);
    }
    for (const folder of made) makeFolder(folder);
    await Promise.all(made.map((folder) => syncFolder(dirname(folder)))); // the disk takes them together
    for (const folder of [this.#root, ...made]) this.#durable.add(folder);
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
        rmdirSync(folder);
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
    makeFolder(path, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await makeRoot(dirname(path));
    makeFolder(path, 0o700);
  }
  await syncFolder(dirname(path));
}

function makeFolder(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
