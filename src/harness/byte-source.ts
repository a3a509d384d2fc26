import { constants, fstatSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CairnError } from '../errors.ts';
import { sameFile, stampOf } from './stamp.ts';
import type { FileStamp } from './types.ts';

/** The plain bytes of one file, which another process may be writing. */
export interface ByteSource {
  readonly path: string;
  /** As it was when the file was opened. */
  readonly stamp: FileStamp;
  /** Plain bytes there are now. */
  length(): Promise<number>;
  /** Bytes from `from` on: fewer than `length` only at the end. `into` saves an allocation. */
  read(from: number, length: number, into?: Buffer): Promise<Buffer>;
  /** Whether the path still leads to the file that was opened. */
  unchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws CairnError `not-found`, `denied`, `unavailable` */
export async function openPlain(path: string): Promise<ByteSource> {
  const file = await openFile(path);
  const stamp = stampOf(fstatSync(file.fd, { bigint: true }));
  const length = async () => fstatSync(file.fd).size;
  return {
    path,
    stamp,
    length,
    async read(from, wanted, into) {
      const size = Math.max(0, Math.min(wanted, (await length()) - from));
      const target = (into ?? Buffer.allocUnsafeSlow(size)).subarray(0, size);
      if (size <= smallRead && readSync(file.fd, target, 0, size, from) === size) return target;
      return readFully(file, target, from);
    },
    async unchanged() {
      try {
        return sameFile(stampOf(statSync(path, { bigint: true })), stamp);
      } catch (cause) {
        absent(cause);
        return false;
      }
    },
    close: () => file.close(),
  };
}

/** So much is read at once by the thread that asks: a change of threads costs as much. */
const smallRead = 128 * 1024;

/** Fills `target` from `position` on; the part of it that is filled, shorter only at the end of the file. */
export async function readFully(file: FileHandle, target: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < target.length) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return target.subarray(0, filled);
}

/** Never blocks on a pipe and never follows a link that took a transcript's place. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @throws CairnError `not-found`, `denied`, `corrupt` (no file), `unavailable` */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, readFlags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    throw accessError(path, cause);
  }
  throw new CairnError('corrupt', `Expected a file, got something else: ${path}`);
}

/** What a failed open or stat means to the user. */
export function accessError(path: string, cause: unknown): CairnError {
  switch ((cause as NodeJS.ErrnoException)?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CairnError('not-found', `The file is gone: ${path}`, { cause });
    case 'EACCES':
    case 'EPERM':
      return new CairnError('denied', `The file may not be read: ${path}`, {
        hint: 'run as the user that owns it, or give that user read permission',
        cause,
      });
    case 'ELOOP':
      return new CairnError('corrupt', `Expected a file, got a symbolic link: ${path}`, { cause });
    default:
      return new CairnError('unavailable', `The file cannot be read: ${path}`, { cause });
  }
}

/** For a stat or listing of what need not exist: `undefined` when it does not. */
export function absent(cause: unknown): undefined {
  const code = (cause as NodeJS.ErrnoException)?.code;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
  return undefined;
}
