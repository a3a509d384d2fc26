/** JSONL on stdin, redacted JSONL on stdout, as `cairn redact filter` does it, without the start of the command line. */
import { setTimeout as delay } from 'node:timers/promises';
import { readOpen } from '../../../src/cli/input-file.ts';
import { redactLines } from '../../../src/redact/filter.ts';

const pause = () => delay(25, undefined, { ref: false });
for await (const { block } of redactLines(readOpen(0), { key: Buffer.alloc(32, 7) }, pause))
  await new Promise((done) => process.stdout.write(block, done));
