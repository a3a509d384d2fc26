/**
 * JSONL on stdin, redacted JSONL on stdout, for the evaluator of the development set:
 *
 *   npx tsc -p tsconfig.json --outDir "$DIR" --rootDir . --declaration false && cp package.json "$DIR"
 *   node eval.mjs --no-bench --list-misses -- node "$DIR/test/redact/filter.js"
 *
 * (with `test/redact/filter.ts` among the files of the project given to tsc).
 */
import { readSync, writeSync } from 'node:fs';
import { createRedactor } from '../../src/redact/redactor.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 7) });
const size = 8 << 20;
let rest: Buffer = Buffer.alloc(0);

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

for (;;) {
  const chunk = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const count = readSync(0, chunk, length, size - length, null);
    if (count === 0) break;
    length += count;
  }
  const read = Buffer.concat([rest, chunk.subarray(0, length)]);
  const end = length < size ? read.length : read.lastIndexOf(0x0a) + 1;
  if (end > 0) write(redactor.redact(read.subarray(0, end)).block);
  rest = read.subarray(end);
  if (length < size) break;
}
