import { Readable } from 'node:stream';
import { chunksOf } from './payload.ts';
import { s3Error } from './s3-errors.ts';
import type { Payload } from './types.ts';

const idleMs = 60_000;

/**
 * The body of an answer: whole (Node compares it with the Content-Length) or an error. Only waiting for the store counts as idle: a slow reader
 * may pause as long as it likes.
 */
export async function* receive(
  body: Readable,
  doing: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const abort = () => body.destroy();
  signal?.addEventListener('abort', abort);
  const iterator: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => body.destroy(new Error(`no bytes for ${idleMs} ms`)), idleMs);
      const next = await iterator.next().finally(() => clearTimeout(timer));
      signal?.throwIfAborted();
      if (next.done) break;
      yield next.value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Error(error, doing);
  } finally {
    signal?.removeEventListener('abort', abort);
    body.destroy();
  }
}

/** The body of a request; `fail` is told where the payload breaks off, which no answer would tell. */
export function bodyOf(payload: Payload, fail: (error: unknown) => void): Uint8Array | Readable {
  if (payload instanceof Uint8Array) return payload;
  return Readable.from(chunksOf(payload), { objectMode: false }).on('error', fail);
}
