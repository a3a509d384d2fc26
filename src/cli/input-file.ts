import { createReadStream, ReadStream, read } from 'node:fs';
import { promisify } from 'node:util';
import { CairnError, type ErrorCode } from '../errors.ts';

const kinds: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not-found',
  EACCES: 'denied',
  EPERM: 'denied',
  EISDIR: 'denied',
};

/** The bytes of a file, or of standard input where it is called `-`. @throws CairnError `not-found`, `denied`, `unavailable` */
export async function* readInput(
  file: string,
  stdin: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* file === '-' ? stdin : createReadStream(file, { highWaterMark: 1 << 20, signal });
  } catch (cause) {
    const { code = '', name } = cause as NodeJS.ErrnoException;
    if (name === 'AbortError') throw cause;
    const kind = kinds[code] ?? 'unavailable';
    throw new CairnError(kind, `expected to read ${file === '-' ? 'standard input' : file}, got ${code || cause}`, {
      cause,
      hint:
        kind === 'unavailable'
          ? 'run the same command again'
          : 'give the path of a file that this user may read, or - for standard input',
    });
  }
}

/** The bytes of standard input, each chunk until the next is asked for. @throws as `readInput` */
export function readPassing(stdin: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  return readInput('-', stdin instanceof ReadStream ? readOpen(0) : stdin, signal);
}

/** The bytes of an open file from where it stands, all chunks in the same memory: a stream has fresh memory for each. */
export async function* readOpen(fd: number): AsyncGenerator<Uint8Array> {
  const room = Buffer.allocUnsafeSlow(1 << 20);
  for (;;) {
    const { bytesRead } = await promisify(read)(fd, room, 0, room.length, null);
    if (bytesRead === 0) return;
    yield room.subarray(0, bytesRead);
  }
}
