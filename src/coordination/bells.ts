import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { floorPath, slotPrefix } from '../store/keys.ts';

/** Wakes those who wait on the same host. A hint: whoever is not woken polls. */
export interface Bells {
  /** Something was written under this path. */
  ring(path: string): Promise<void>;
  /** Calls `onRing` when something may have been written under one of the paths; the answer ends it. */
  watch(paths: readonly string[], onRing: () => void): () => void;
}

/** Nobody is woken. */
export const silentBells: Bells = { ring: async () => {}, watch: () => () => {} };

/** The folders of a directory bucket are watched themselves. */
export function directoryBells(bucketUrl: string, project: string): Bells {
  const root = fileURLToPath(bucketUrl);
  return {
    ring: async () => {},
    watch(paths, onRing) {
      const folders = paths.map((path) => join(root, slotPrefix(project, path)));
      return stopAll(folders.map((folder) => watchFolder(folder, onRing)));
    },
  };
}

/** A folder of this host, with one file for each path that was written to. */
export function folderBells(folder: string, project: string): Bells {
  const nameOf = (path: string) => `${basename(floorPath(`${project}/${path}`))}.bell`;
  return {
    async ring(path) {
      const file = join(folder, nameOf(path));
      // Nobody waits where there is no folder.
      await writeFile(file, '', { mode: 0o600 }).catch(() => {});
    },
    watch(paths, onRing) {
      const names = new Set(paths.map(nameOf));
      return stopAll([watchFolder(folder, (name) => (name === null || names.has(name)) && onRing())]);
    },
  };
}

function watchFolder(folder: string, onChange: (name: string | null) => void): FSWatcher | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const watcher = watch(folder, { persistent: false }, (_event, name) => onChange(name));
    // The folder was removed, or watches ran out: polling goes on.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function stopAll(watchers: readonly (FSWatcher | undefined)[]): () => void {
  return () => {
    for (const watcher of watchers) watcher?.close();
  };
}
