import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputBytes, parse, transcript } from './parse.ts';
import { showTail } from './tail.ts';

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
for (const mib of [64, 256]) console.log(await showTail(mib));
console.log(`peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
