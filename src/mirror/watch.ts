import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Hears of changes in folders, on a best effort: what it misses is found by the next poll. One watch a folder and
 * none a file, as a host has tens of thousands of those.
 */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #touched: (path: string) => void;
  readonly #failed: (folder: string, cause: unknown) => void;
  #full = false;

  /** @param failed the system gives no more watches: told once */
  constructor(touched: (path: string) => void, failed: (folder: string, cause: unknown) => void) {
    this.#touched = touched;
    this.#failed = failed;
  }

  /** Watches these folders and no others. */
  update(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) this.add(folder);
  }

  /** Watches `folder` too, if it is one. */
  add(folder: string): void {
    if (this.#full || this.#watchers.has(folder)) return;
    try {
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
      const watcher = watch(folder, (_, name) => this.#touched(name === null ? folder : join(folder, name)));
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'EACCES') return;
      this.#full = true; // inotify watches or file descriptors are used up: polling alone from here on
      this.#failed(folder, cause);
    }
  }

  /** Count of folders. */
  get size(): number {
    return this.#watchers.size;
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
}

/** The folders of these files, and those above them up to `top`. */
export function foldersAbove(files: Iterable<string>, tops: readonly string[]): Set<string> {
  const folders = new Set(tops);
  for (const file of files) {
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
      if (!tops.some((top) => folder.startsWith(top)) || dirname(folder) === folder) break;
    }
  }
  return folders;
}
