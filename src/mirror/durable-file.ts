import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './file-error.ts';

/** Replaces `path` by `text`: readers and a crash see the old file or the new one, never half of either. Mode 0600. */
export function replaceFile(path: string, text: string | Uint8Array, temporary: string): Promise<void> {
  return place(path, text, temporary, () => rename(temporary, path));
}

/**
 * The same for local state, which may be lost: a crash of the process leaves the old file or the new one, a
 * power cut perhaps neither. Two writes to the disk less for every part, and a lost state is taken again
 * from the bucket.
 *
 * It blocks, as do the other small files of the state: a call costs some ten microseconds so, and with a promise
 * and a change of threads ten times that.
 */
export async function replaceState(path: string, text: string, temporary: string): Promise<void> {
  try {
    withFolder(path, () => writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 }));
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw fileError('the local state', path, cause);
  }
}

/** Runs `write`, and again with the folder of `path` made where that is missing. */
export function withFolder(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    write();
  }
}

/** Creates `path` unless it is there: of several processes one wins, and all read what the winner wrote. */
export function createFile(path: string, text: string | Uint8Array, temporary: string): Promise<void> {
  return place(path, text, temporary, async () => {
    await link(temporary, path).catch((cause) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
    await unlink(temporary);
  });
}

async function place(
  path: string,
  text: string | Uint8Array,
  temporary: string,
  move: () => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await move();
    const directory = await open(folder, 'r');
    // Windows cannot sync a folder, and does not need to.
    await directory.sync().catch(() => {});
    await directory.close();
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    throw fileError('the local state', path, cause);
  }
}

/** JSON of a state file; `undefined` when it is missing or damaged: state may be lost, that costs only time. */
export function readJson<T>(path: string, accepts: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return accepts(value) ? value : undefined;
  } catch (cause) {
    return missing(path, cause);
  }
}

function missing(path: string, cause: unknown): undefined {
  if (cause instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? ''))
    return undefined;
  throw fileError('the local state', path, cause);
}
