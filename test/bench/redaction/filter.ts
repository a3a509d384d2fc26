/** JSONL on stdin, redacted JSONL on stdout, as `cairn redact filter` does it, without the start of the command line. */
import { createReadStream, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { redactLines } from '../../../src/redact/filter.ts';

const source = createReadStream('', { fd: 0, highWaterMark: 1 << 20 });
const pause = () => delay(25, undefined, { ref: false });
for await (const { block } of redactLines(source, { key: Buffer.alloc(32, 7) }, pause)) {
  for (let at = 0; at < block.length; ) at += writeSync(1, block, at);
}
