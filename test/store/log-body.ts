import { createHash } from 'node:crypto';
import type { Payload } from '../../src/store/types.ts';

const filler = Buffer.alloc(2000, 'x');
const chunks = 20;

/** An object in many small writes, so that a writer is often killed among them; its end proves it whole. */
export function logBody(w: string): Payload {
  const head = Buffer.from(`${JSON.stringify({ w })}\n`);
  const hash = createHash('sha256').update(head);
  for (let i = 0; i < chunks; i++) hash.update(filler);
  const end = Buffer.from(hash.digest('hex'));
  return {
    size: head.byteLength + chunks * filler.byteLength + end.byteLength,
    async *open() {
      yield head;
      for (let i = 0; i < chunks; i++) yield filler;
      yield end;
    },
  };
}

/** @throws Error where the object is not whole */
export function readLogBody(bytes: Uint8Array): { w: string } {
  const content = Buffer.from(bytes.subarray(0, -64));
  const end = Buffer.from(bytes.subarray(-64)).toString();
  if (createHash('sha256').update(content).digest('hex') !== end)
    throw new Error(`half an object: ${bytes.byteLength} bytes`);
  return JSON.parse(content.subarray(0, content.indexOf('\n')).toString());
}
