import type { Payload } from './types.ts';

/** Size of a payload in bytes. */
export function sizeOf(payload: Payload): number {
  return payload instanceof Uint8Array ? payload.byteLength : payload.size;
}

/** The bytes of a payload; what can be opened is opened anew. */
export async function* chunksOf(payload: Payload): AsyncGenerator<Uint8Array> {
  if (payload instanceof Uint8Array) yield payload;
  else yield* payload.open();
}

/** All chunks as one array. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
