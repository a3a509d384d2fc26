import { fsync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { chunksOf } from './payload.ts';
import type { Payload } from './types.ts';

const writeBeside = promisify(write);

/** So much goes into the cache of the system at once: a change of threads costs more. */
const smallWrite = 128 * 1024;

/** Waits until what was written to an open file or folder is on the disk. */
export const sync: (descriptor: number) => Promise<void> = promisify(fsync);

/** Writes a payload to an open file. */
export async function fill(descriptor: number, payload: Payload, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of chunksOf(payload)) {
    signal?.throwIfAborted();
    for (let at = 0; at < chunk.length; ) {
      const rest = chunk.subarray(at);
      at +=
        rest.length <= smallWrite ? writeSync(descriptor, rest) : (await writeBeside(descriptor, rest)).bytesWritten;
    }
  }
}
