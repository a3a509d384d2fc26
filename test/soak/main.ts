import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Rgw, startRgw } from '../bench/rgw.ts';
import { type SoakFigures, type SoakResult, soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** directory, rgw (a Ceph RGW of its own, behind a faulty proxy) */
    place: { type: 'string', default: 'directory' },
    kills: { type: 'string', default: '1000000' },
    /** Mean time that a mirror is at work before it is killed, milliseconds. */
    'kill-every': { type: 'string', default: '500' },
    /** Mirrors side by side, each with agents, state and a place in the bucket of its own. */
    lanes: { type: 'string', default: '1' },
  },
});
const home = await mkdtemp(join(tmpdir(), 'cairn-soak-'));
let rgw: Rgw | undefined;
if (values.place === 'rgw') {
  rgw = await startRgw();
  Object.assign(process.env, rgw.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
}
const seed = Number(values.seed);
const lanes = Number(values.lanes);
const figures: SoakFigures[] = [];
const results = await Promise.all(
  Array.from({ length: lanes }, async (_, lane): Promise<SoakResult> => {
    const own = join(home, String(lane));
    await mkdir(own);
    return soak({
      main: join(import.meta.dirname, '../../../dist/src/cli/main.js'),
      home: own,
      bucket: rgw
        ? `s3://${rgw.bucket}/soak-${seed}-${lane}?endpoint=${encodeURIComponent(rgw.endpoint)}`
        : pathToFileURL(join(own, 'bucket')).href,
      env: rgw?.env ?? {},
      seed: lane === 0 ? seed : seed * 1000 + lane,
      milliseconds: Number(values.minutes) * 60_000,
      kills: Math.ceil(Number(values.kills) / lanes),
      killEveryMs: Number(values['kill-every']),
      progress: (now) => {
        figures[lane] = now;
        const { kills, faults, records } = sum(figures);
        if (kills % 50 === 0) console.error(`${now.seconds} s: ${kills} kills, ${faults} faults, ${records} records`);
      },
    });
  }),
);
await rgw?.stop();
const wrong = results.flatMap((result) => result.wrong);
const streams = results.reduce((all, result) => all + result.streams, 0);
console.log(JSON.stringify({ seed, lanes, place: values.place, ...sum(results), streams, wrong }));
if (wrong.length === 0) await rm(home, { recursive: true });
else console.error(`what was there is left in ${home}`);
process.exit(wrong.length === 0 ? 0 : 1);

function sum(all: readonly SoakFigures[]): SoakFigures {
  const total = { kills: 0, stops: 0, faults: 0, records: 0, seconds: 0 };
  for (const { kills, stops, faults, records, seconds } of all.filter(Boolean)) {
    total.kills += kills;
    total.stops += stops;
    total.faults += faults;
    total.records += records;
    total.seconds = Math.max(total.seconds, seconds);
  }
  return total;
}
