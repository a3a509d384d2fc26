import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CairnError } from '../errors.ts';
import { errnoOf, fileError } from './file-errors.ts';
import { collect } from './payload.ts';
import type { GetOptions, StoredObject } from './types.ts';

const chunkBytes = 256 * 1024;

/** The object in a regular file; anything else is no object, and opening it neither blocks nor leads elsewhere. */
export async function openObject(
  path: string,
  key: string,
  clock: (stored: number) => Promise<number>,
  { range, signal }: GetOptions = {},
): Promise<StoredObject | undefined> {
  const file = await openRegular(path);
  if (file === undefined) return undefined;
  const { size, mtimeMs } = await file.stat();
  const modified = Math.trunc(mtimeMs);
  const last = Math.min(range?.end ?? size - 1, size - 1);
  const body = read(file, key, range?.start ?? 0, last, signal);
  return {
    size,
    date: await clock(modified),
    modified,
    body,
    bytes: () => collect(body),
    close: () => void file.close(),
  };
}

async function openRegular(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ELOOP' || errnoOf(error) === 'ENXIO') return undefined; // a link; a socket
    throw error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

async function* read(
  file: FileHandle,
  key: string,
  start: number,
  last: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for (let position = start; position <= last; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, last - position + 1));
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
      if (bytesRead === 0)
        throw new CairnError('unavailable', `expected ${key} to byte ${last}, got ${position} bytes`);
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  } catch (error) {
    throw fileError(error, `read ${key}`);
  } finally {
    await file.close();
  }
}
