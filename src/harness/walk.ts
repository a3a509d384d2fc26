import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from './byte-source.ts';
import { stampOf } from './stamp.ts';
import type { FileRef } from './types.ts';

/** Entries of a folder in a fixed order, none when it does not exist. Links are neither files nor folders here. */
export async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? [];
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** All files below `folder`, whose names are shown below `prefix` (`''` or ending in `/`). */
export async function filesBelow(folder: string, prefix = ''): Promise<readonly FileRef[]> {
  const found: FileRef[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path, `${prefix}${entry.name}/`)));
    else if (entry.isFile()) found.push(...(await fileRef(path, `${prefix}${entry.name}`)));
  }
  return found;
}

/** The file as it stands, or nothing when it is gone. */
export async function fileRef(path: string, name?: string): Promise<readonly FileRef[]> {
  const stat = await lstat(path, { bigint: true }).catch(absent);
  if (!stat?.isFile()) return [];
  return [{ path, stamp: stampOf(stat), ...(name !== undefined && { name }) }];
}

/** Newest modification among files, milliseconds since 1970. */
export function modifiedOf(files: readonly FileRef[]): number {
  return files.reduce((newest, { stamp }) => Math.max(newest, Number(BigInt(stamp.mtime) / 1_000_000n)), 0);
}
