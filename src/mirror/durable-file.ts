import { readFileSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
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
 */
export async function replaceState(path: string, text: string, temporary: string): Promise<void> {
  const write = () => writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
  try {
    await write().catch(async (cause) => {
      if (cause.code !== 'ENOENT') throw cause;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await write();
    });
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    throw fileError('the local state', path, cause);
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
export async function readJson<T>(path: string, accepts: (value: unknown) => value is T): Promise<T | undefined> {
  try {
    return parse(await readFile(path, 'utf8'), accepts);
  } catch (cause) {
    return missing(path, cause);
  }
}

/** The same, blocking. */
export function readJsonNow<T>(path: string, accepts: (value: unknown) => value is T): T | undefined {
  try {
    return parse(readFileSync(path, 'utf8'), accepts);
  } catch (cause) {
    return missing(path, cause);
  }
}

function parse<T>(text: string, accepts: (value: unknown) => value is T): T | undefined {
  const value: unknown = JSON.parse(text);
  return accepts(value) ? value : undefined;
}

function missing(path: string, cause: unknown): undefined {
  if (cause instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? ''))
    return undefined;
  throw fileError('the local state', path, cause);
}
