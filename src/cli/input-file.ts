import { createReadStream } from 'node:fs';
import { CairnError } from '../errors.ts';

/** The bytes of a file, or of standard input where it is called `-`. @throws CairnError `not-found`, `denied` */
export async function* readInput(
  file: string,
  stdin: NodeJS.ReadStream,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (file === '-') {
    yield* stdin as AsyncIterable<Uint8Array>;
    return;
  }
  try {
    yield* createReadStream(file, { highWaterMark: 1 << 20, signal });
  } catch (cause) {
    const { code, name } = cause as NodeJS.ErrnoException;
    if (name === 'AbortError') throw cause;
    throw new CairnError(code === 'ENOENT' ? 'not-found' : 'denied', `expected to read ${file}, got ${code ?? cause}`, {
      cause,
      hint: 'give the path of a file that this user may read, or - for standard input',
    });
  }
}
