import { parseArgs } from 'node:util';
import { quantile } from '../coordination/place.ts';
import { machine } from '../machine.ts';
import { type Rgw, startRgw } from '../rgw.ts';
import { type BesideFigures, measureBeside } from './beside.ts';
import { measureIdle } from './idle.ts';
import { type Latency, type LatencyFigures, measureLatency } from './latency.ts';
import { measureFile, measureSessions, type ScaleFigures } from './scale.ts';

const { values: options } = parseArgs({
  options: {
    /** Pauses between two parts of a session; may be given more than once. */
    interval: { type: 'string', multiple: true, default: ['200ms', '5s'] },
    sessions: { type: 'string', default: '20' },
    appends: { type: 'string', default: '2000' },
    'per-second': { type: 'string', default: '30' },
    /** Measure an idle mirror of so many sessions instead. */
    idle: { type: 'string' },
    minutes: { type: 'string' },
    /** Mirror so many sessions of 100 records each instead, and one file of so many GiB. */
    scale: { type: 'string' },
    gib: { type: 'string', default: '8' },
    /** Let rclone and the AWS CLI keep up with the same live work as well; of so many sessions. */
    beside: { type: 'string' },
  },
});

const command = ['npm run bench:live', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
const text = await measured();
console.log(`\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${await machine()}.\n\n${text.join('\n')}`);
process.exit();

async function measured(): Promise<string[]> {
  if (options.idle !== undefined) return idle(Number(options.idle));
  const rgw = await startRgw();
  Object.assign(process.env, rgw.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  try {
    if (options.scale !== undefined) return await scale(rgw, Number(options.scale), Number(options.gib));
    if (options.beside !== undefined) return await beside(rgw, Number(options.beside));
    return await latency(rgw);
  } finally {
    await rgw.stop();
  }
}

async function latency(rgw: Rgw): Promise<string[]> {
  const rows: string[] = [];
  for (const interval of options.interval) {
    const { sessions, appends, 'per-second': perSecond } = options;
    rows.push(row(await measureLatency(rgw, interval, Number(sessions), Number(appends), Number(perSecond))));
  }
  return [
    '| interval | appends | p50, ms | p99, ms | longest, ms | in the mirror, p50 / p99 | in the server | in the follower | CPU of the mirror | peak RSS | requests |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

async function scale(rgw: Rgw, sessions: number, gib: number): Promise<string[]> {
  const figures: ScaleFigures[] = sessions > 0 ? await measureSessions(rgw, sessions) : [];
  if (gib > 0) figures.push(await measureFile(rgw, gib));
  return [
    '| what | s | MB/s | peak RSS | requests |',
    '|---|---|---|---|---|',
    ...figures.map(
      ({ what, bytes, seconds, peakRss, requests }) =>
        `| ${what} | ${seconds.toFixed(1)} | ${bytes === 0 ? '' : (bytes / 1e6 / seconds).toFixed(0)} | ${mib(peakRss)} | ${requests} |`,
    ),
  ];
}

async function beside(rgw: Rgw, sessions: number): Promise<string[]> {
  const minutes = Number(options.minutes ?? 6);
  const work = { sessions, startBytes: 2 << 20, turnSeconds: 60, minutes, compression: 60 / minutes };
  const figures = await measureBeside(rgw, work);
  return [
    `An hour in ${minutes} minutes: ${sessions} sessions of 2 MiB and more, a turn of each about every ${work.turnSeconds} s.`,
    '',
    '| tool | written | uploaded | uploaded / written | requests | turns readable after, p50 / p99, s | CPU |',
    '|---|---|---|---|---|---|---|',
    ...figures.map(besideRow),
  ];
}

function besideRow({ tool, written, uploaded, requests, latency: all, cores }: BesideFigures): string {
  const s = (p: number) => (quantile(all, p) / 1000).toFixed(2);
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return `| ${tool} | ${mb(written)} | ${mb(uploaded)} | ${(uploaded / written).toFixed(2)} | ${requests} | ${s(0.5)} / ${s(0.99)} | ${(100 * cores).toFixed(0)} % of a core |`;
}

function row({ interval, latency: all, cores, peakRss, requests, seconds }: LatencyFigures): string {
  const of = (part: keyof Latency, p: number) =>
    quantile(
      all.map((one) => one[part]),
      p,
    ).toFixed(0);
  const ms = (p: number) => of('whole', p);
  const both = (part: keyof Latency) => `${of(part, 0.5)} / ${of(part, 0.99)}`;
  return `| ${interval} | ${all.length} in ${seconds.toFixed(0)} s | ${ms(0.5)} | ${ms(0.99)} | ${ms(1)} | ${both('mirror')} | ${both('server')} | ${both('follower')} | ${(100 * cores).toFixed(0)} % of a core | ${mib(peakRss)} | ${requests} |`;
}

async function idle(sessions: number): Promise<string[]> {
  const figures = await measureIdle(sessions, Number(options.minutes ?? 10));
  return [
    '| sessions | minutes | CPU | RSS | peak RSS | read a minute | written a minute | requests to the bucket |',
    '|---|---|---|---|---|---|---|---|',
    `| ${figures.sessions} | ${figures.minutes} | ${(100 * figures.cores).toFixed(2)} % of a core | ${mib(figures.rss)} | ${mib(figures.peakRss)} | ${(figures.readPerMinute / 1000).toFixed(1)} kB | ${(figures.writtenPerMinute / 1000).toFixed(1)} kB | ${figures.requests} |`,
  ];
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
