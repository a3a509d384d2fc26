import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Rgw, startRgw } from '../bench/rgw.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** directory, rgw (a Ceph RGW of its own, behind a faulty proxy) */
    place: { type: 'string', default: 'directory' },
    kills: { type: 'string', default: '1000000' },
    /** Mean life of a mirror, milliseconds. */
    'kill-every': { type: 'string', default: '2000' },
  },
});
const home = await mkdtemp(join(tmpdir(), 'cairn-soak-'));
let rgw: Rgw | undefined;
if (values.place === 'rgw') {
  rgw = await startRgw();
  Object.assign(process.env, rgw.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
}
const seed = Number(values.seed);
const result = await soak({
  main: join(import.meta.dirname, '../../../dist/src/cli/main.js'),
  home,
  bucket: rgw
    ? `s3://${rgw.bucket}/soak-${seed}?endpoint=${encodeURIComponent(rgw.endpoint)}`
    : pathToFileURL(join(home, 'bucket')).href,
  env: rgw?.env ?? {},
  seed,
  milliseconds: Number(values.minutes) * 60_000,
  kills: Number(values.kills),
  killEveryMs: Number(values['kill-every']),
  progress: ({ kills, faults, records, seconds }) => {
    if (kills % 20 === 0) console.error(`${seconds} s: ${kills} kills, ${faults} faults, ${records} records`);
  },
});
await rgw?.stop();
console.log(JSON.stringify({ seed, place: values.place, ...result }));
if (result.wrong.length === 0) await rm(home, { recursive: true });
else console.error(`what was there is left in ${home}`);
process.exit(result.wrong.length === 0 ? 0 : 1);
