/** JSONL on stdin, redacted JSONL on stdout, in blocks of the size that the mirror uses. */
import { readSync, writeSync } from 'node:fs';
import { createRedactor } from '../../../src/redact/redactor.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 7) });
let buffer = Buffer.allocUnsafe(8 << 20);
let length = 0;

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

for (;;) {
  if (length === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
  const count = readSync(0, buffer, length, buffer.length - length, null);
  length += count;
  const end = count === 0 ? length : buffer.lastIndexOf(0x0a, length - 1) + 1;
  if (end > 0 && (count === 0 || length === buffer.length)) {
    write(redactor.redact(buffer.subarray(0, end)).block);
    buffer.copyWithin(0, end, length);
    length -= end;
  }
  if (count === 0) break;
}
