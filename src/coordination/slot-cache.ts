import { join } from 'node:path';
import { readJson, replaceState } from '../mirror/durable-file.ts';
import { localPlace } from '../mirror/local-place.ts';
import type { Runtime } from '../runtime.ts';
import type { CachedSlots, SlotCache } from '../store/slots.ts';

/** More than this is not kept: it would have to be read by every command. */
const largest = 32 << 20;

interface CacheFile {
  readonly v: 1;
  readonly slots: Readonly<Record<string, unknown>>;
}

/**
 * The newest slots of registers as this host has read them, a file for each folder, mode 0600. It may be removed at any
 * time, and what cannot be kept costs requests only.
 */
export function slotCache(
  stateFolder: string,
  { url, project, runtime }: { readonly url: string; readonly project: string; readonly runtime: Runtime },
): SlotCache {
  const fileOf = (folder: string) => join(stateFolder, 'slots', localPlace(url, project), `${folder}.json`);
  return {
    async read(folder) {
      const isCache = (value: unknown): value is CacheFile =>
        (value as CacheFile | null)?.v === 1 && typeof (value as CacheFile).slots === 'object';
      return new Map(Object.entries(readQuietly(fileOf(folder), isCache)?.slots ?? {})) as CachedSlots;
    },
    async write(folder, slots) {
      const text = JSON.stringify({ v: 1, slots: Object.fromEntries(slots) } satisfies CacheFile);
      if (text.length > largest) return;
      const path = fileOf(folder);
      await replaceState(path, text, `${path}.${runtime.id()}`).catch(() => {});
    },
  };
}

function readQuietly<T>(path: string, accepts: (value: unknown) => value is T): T | undefined {
  try {
    return readJson(path, accepts);
  } catch {
    return undefined; // it costs requests only
  }
}
