import { Readable } from 'node:stream';
import { CairnError } from '../errors.ts';
import { s3Error } from './s3-errors.ts';
import type { Payload } from './types.ts';

const idleMs = 60_000;

/**
 * The body of an answer, whole or an error. Only waiting for the store counts as idle: a slow reader
 * may pause as long as it likes.
 */
export async function* receive(
  body: Readable,
  expected: number,
  doing: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const abort = () => body.destroy();
  signal?.addEventListener('abort', abort);
  const iterator: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  let received = 0;
  try {
    for (;;) {
      const timer = setTimeout(() => body.destroy(new Error(`no bytes for ${idleMs} ms`)), idleMs);
      const next = await iterator.next().finally(() => clearTimeout(timer));
      signal?.throwIfAborted();
      if (next.done) break;
      received += next.value.byteLength;
      yield next.value;
    }
    if (received !== expected) throw new Error(`expected ${expected} bytes, got ${received}`);
  } catch (error) {
    signal?.throwIfAborted();
    throw s3Error(error, doing);
  } finally {
    signal?.removeEventListener('abort', abort);
    body.destroy();
  }
}

/** The body of a request; `fail` is told when the payload breaks off or has another size than it says. */
export function bodyOf(payload: Payload, fail: (error: unknown) => void): Uint8Array | Readable {
  if (payload instanceof Uint8Array) return payload;
  return Readable.from(measured(payload), { objectMode: false }).on('error', fail);
}

async function* measured(payload: Exclude<Payload, Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of payload.open()) {
    size += chunk.byteLength;
    if (size > payload.size) break;
    yield chunk;
  }
  if (size !== payload.size) throw new CairnError('internal', `expected ${payload.size} bytes, got ${size} or more`);
}
