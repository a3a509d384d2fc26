import type { BigIntStats } from 'node:fs';
import type { FileRef, FileStamp } from './types.ts';

/** What a stat with `bigint: true` says of a file's identity and last change. */
export function stampOf(stat: BigIntStats): FileStamp {
  return {
    dev: String(stat.dev),
    ino: String(stat.ino),
    size: Number(stat.size),
    mtime: String(stat.mtimeNs),
    ctime: String(stat.ctimeNs),
  };
}

/** Whether a file with these two stamps was left alone between them. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return sameFile(a, b) && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}

/** Whether both name one file, whatever its path and content. */
export function sameFile(
  a: { readonly dev: string; readonly ino: string },
  b: { readonly dev: string; readonly ino: string },
): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** So many files are remembered at once; beyond that all are looked at anew. */
const filesKept = 200_000;

/** What was found in files, kept while their stamps stand: `look` is called again only for one that was touched. */
export function stillFiles<T>(look: (file: FileRef) => Promise<T>): (file: FileRef) => Promise<T> {
  const seen = new Map<string, { readonly stamp: FileStamp; readonly found: T }>();
  return async (file) => {
    const known = seen.get(file.path);
    if (known && sameStamp(known.stamp, file.stamp)) return known.found;
    const found = await look(file);
    if (seen.size >= filesKept) seen.clear();
    seen.set(file.path, { stamp: file.stamp, found });
    return found;
  };
}
