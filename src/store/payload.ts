import { CairnError } from '../errors.ts';
import type { Payload } from './types.ts';

/** Size of a payload in bytes. */
export function sizeOf(payload: Payload): number {
  return payload instanceof Uint8Array ? payload.byteLength : payload.size;
}

/**
 * The bytes of a payload; what can be opened is opened anew.
 * @throws CairnError `internal` where it breaks off or has another size than it says: no store's fault
 */
export async function* chunksOf(payload: Payload): AsyncGenerator<Uint8Array> {
  if (payload instanceof Uint8Array) {
    yield payload;
    return;
  }
  let size = 0;
  try {
    for await (const chunk of payload.open()) {
      size += chunk.byteLength;
      if (size > payload.size) break;
      yield chunk;
    }
  } catch (cause) {
    throw new CairnError('internal', `expected ${payload.size} bytes to write, got an error after ${size}`, { cause });
  }
  if (size !== payload.size) {
    throw new CairnError(
      'internal',
      `expected ${payload.size} bytes to write, got ${size}${size > payload.size ? ' or more' : ''}`,
    );
  }
}

/** All chunks as one array. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
