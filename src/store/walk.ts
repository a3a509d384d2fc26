import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from './file-errors.ts';
import { compareKeys } from './keys.ts';

/** A file below the root of a directory bucket. */
export interface WalkedFile {
  readonly key: string;
  readonly size: number;
  readonly modified: number;
}

/** What to walk: `prefix` and `after` as in a list; with `fold`, folders below the prefix are not entered. */
export interface WalkOptions {
  readonly prefix: string;
  readonly after: string;
  readonly fold: boolean;
  /** A folder of the root that is not shown. */
  readonly hidden: string;
}

/**
 * The files below `root` in byte order of their keys, with one folder at a time in memory. Links are
 * neither followed nor shown; a folder without files is not there.
 */
export async function* walk(root: string, options: WalkOptions): AsyncGenerator<WalkedFile | { prefix: string }> {
  yield* walkFolder(root, options.prefix.slice(0, options.prefix.lastIndexOf('/') + 1), options);
}

async function* walkFolder(
  root: string,
  folder: string,
  options: WalkOptions,
): AsyncGenerator<WalkedFile | { prefix: string }> {
  const { prefix, after, fold, hidden } = options;
  for (const { key, isFolder } of await readEntries(root, folder)) {
    const isAfter = compareKeys(key, after) > 0;
    if (!isFolder) {
      const file = key.startsWith(prefix) && isAfter ? await statFile(root, key) : undefined;
      if (file !== undefined) yield file;
    } else if (key === `${hidden}/`) {
    } else if (fold && key.startsWith(prefix)) {
      if (isAfter && (await hasFiles(root, key, hidden))) yield { prefix: key };
    } else if ((key.startsWith(prefix) || prefix.startsWith(key)) && (isAfter || after.startsWith(key))) {
      yield* walkFolder(root, key, options);
    }
  }
}

async function hasFiles(root: string, folder: string, hidden: string): Promise<boolean> {
  for await (const _ of walk(root, { prefix: folder, after: '', fold: false, hidden })) return true;
  return false;
}

/** A folder sorts as its name and `/`, as all keys in it do. */
async function readEntries(root: string, folder: string): Promise<{ key: string; isFolder: boolean }[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({
      key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`,
      isFolder: entry.isDirectory(),
    }))
    .sort((a, b) => compareKeys(a.key, b.key));
}

async function statFile(root: string, key: string): Promise<WalkedFile | undefined> {
  try {
    const { size, mtimeMs } = await lstat(join(root, key));
    return { key, size, modified: Math.trunc(mtimeMs) };
  } catch (error) {
    if (isAbsent(error)) return undefined; // removed meanwhile
    throw error;
  }
}
