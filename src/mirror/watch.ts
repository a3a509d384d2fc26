import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FSWatcher } from 'chokidar';

/**
 * chokidar as far as it is needed. It would read a folder and stat all that is in it, at the start and again at every
 * change: of thousands of sessions in one folder that is more than all else the mirror does, and it tells nothing that
 * the poll does not know. No stream of entries, as of a watcher that is closed: an empty one would say that the watched
 * folders in this one are gone. If a later chokidar reads folders in another way, this becomes dearer and nothing else.
 */
class BareWatcher extends FSWatcher {
  override _readdirp(): undefined {
    return undefined;
  }
}

/**
 * Hears of changes in folders, on a best effort: what it misses is found by the next poll. One watch a folder and
 * none a file, as a host has tens of thousands of those.
 */
export class FolderWatch {
  readonly #folders = new Set<string>();
  readonly #watcher = new BareWatcher({ depth: 0, ignoreInitial: true, atomic: false });
  readonly #failed: (cause: unknown) => void;
  #full = false;

  /** @param failed the system gives no more watches: told once */
  constructor(touched: (path: string) => void, failed: (cause: unknown) => void) {
    this.#failed = failed;
    this.#watcher.on('raw', (event, name: string | null, details) => {
      const { watchedPath: folder } = details as { readonly watchedPath: string };
      const path = name === null ? folder : join(folder, name);
      if (event === 'rename' && this.#leave([path])) this.add(path); // what is there now is another folder
      touched(path);
    });
    this.#watcher.on('error', (cause) => this.#refused(cause));
  }

  /** Watches these folders and no others. */
  update(folders: ReadonlySet<string>): void {
    this.#leave([...this.#folders].filter((folder) => !folders.has(folder)));
    for (const folder of folders) this.add(folder);
  }

  #leave(folders: readonly string[]): boolean {
    const left = folders.filter((folder) => this.#folders.delete(folder));
    if (left.length > 0) this.#watcher.unwatch(left);
    return left.length > 0;
  }

  /** Watches `folder` too, if it is one. */
  add(folder: string): void {
    if (this.#full || this.#folders.has(folder)) return;
    try {
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
    } catch {
      return; // not for us to look into
    }
    this.#folders.add(folder);
    this.#watcher.add(folder);
  }

  /** Count of folders. */
  get size(): number {
    return this.#folders.size;
  }

  async close(): Promise<void> {
    this.#folders.clear();
    await this.#watcher.close();
  }

  /** inotify watches or file descriptors are used up: polling alone from here on. */
  #refused(cause: unknown): void {
    const { code } = cause as NodeJS.ErrnoException;
    if (this.#full || code === 'ENOENT' || code === 'EACCES' || code === 'EPERM') return;
    this.#full = true;
    this.#failed(cause);
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
