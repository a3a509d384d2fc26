import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { absent } from './byte-source.ts';
import { stampOf } from './stamp.ts';
import type { DiscoverOptions, FileRef } from './types.ts';

// Without promises: discovery looks at every file of every session, and a promise costs ten times the call.

/** Entries of a folder in a fixed order, none when it does not exist. Links are neither files nor folders here. */
export function entriesOf(folder: string): readonly Dirent[] {
  const entries = ifPresent(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * All files below `folder`, shown under `prefix` (`''` or ending in `/`). With `report`, what cannot
 * be read is reported and left out; without, the first such thing is thrown.
 */
export function filesBelow(folder: string, prefix = '', report?: DiscoverOptions['report']): readonly FileRef[] {
  const found: FileRef[] = [];
  try {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory()) for (const file of filesBelow(path, `${name}/`, report)) found.push(file);
      else if (entry.isFile()) found.push(...fileRef(path, name));
    }
  } catch (cause) {
    if (report === undefined) throw cause;
    report({ path: folder, cause });
  }
  return found;
}

/** The file as it stands, or nothing when it is gone. */
export function fileRef(path: string, name?: string): readonly FileRef[] {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat?.isFile()) return [];
  return [{ path, stamp: stampOf(stat), ...(name !== undefined && { name }) }];
}

/** Newest modification among files, milliseconds since 1970. */
export function modifiedOf(files: readonly FileRef[]): number {
  return files.reduce((newest, { stamp }) => Math.max(newest, Number(BigInt(stamp.mtime) / 1_000_000n)), 0);
}

function ifPresent<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (cause) {
    return absent(cause);
  }
}
