import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inputBytes, parse, transcript } from './parse.ts';
import { countAll } from './statistics.ts';
import { showTail } from './tail.ts';

const { values: options } = parseArgs({
  options: {
    /** Size of the session of which the end is read. */
    mib: { type: 'string', default: '1024' },
    /** How many sessions are counted, and the size of each. */
    sessions: { type: 'string', default: '10000' },
    kib: { type: 'string', default: '64' },
  },
});

const recorded = join(
  import.meta.dirname,
  '../../../../test/samples/claude-code/main/projects/-home-dev-web-app/49d9aac8-4336-424d-8f44-ade0771584a6.jsonl',
);
const small = readFileSync(recorded);
const inputs = [
  ['synthetic, long outputs', transcript(inputBytes)],
  ['recorded, short records', Buffer.concat(Array.from({ length: Math.ceil(inputBytes / small.length) }, () => small))],
] as const;
for (const [name, bytes] of inputs) {
  const { rate, json, records, events } = parse(bytes, 3);
  console.log(
    `events of claude-code (${name}): ${rate.toFixed(0)} MB/s of processor time, JSON alone ${json.toFixed(0)} MB/s; ${records} records, ${events} events`,
  );
}
console.log(await showTail(Number(options.mib)));
console.log(await countAll(Number(options.sessions), Number(options.kib) * 1024));
