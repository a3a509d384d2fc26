import { createReadStream } from 'node:fs';
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
