import { parseArgs } from 'node:util';
import { quantile } from '../coordination/place.ts';
import { machine } from '../machine.ts';
import { startRgw } from '../rgw.ts';
import { measureIdle } from './idle.ts';
import { type Latency, type LatencyFigures, measureLatency } from './latency.ts';

const { values: options } = parseArgs({
  options: {
    /** Pauses between two parts of a session; may be given more than once. */
    interval: { type: 'string', multiple: true, default: ['200ms', '5s'] },
    sessions: { type: 'string', default: '20' },
    appends: { type: 'string', default: '2000' },
    'per-second': { type: 'string', default: '30' },
    /** Measure an idle mirror of so many sessions instead. */
    idle: { type: 'string' },
    minutes: { type: 'string', default: '10' },
  },
});

const command = ['npm run bench:live', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
const text = options.idle === undefined ? await latency() : await idle(Number(options.idle));
console.log(`\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${await machine()}.\n\n${text.join('\n')}`);
process.exit();

async function latency(): Promise<string[]> {
  const rgw = await startRgw();
  Object.assign(process.env, rgw.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  try {
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
  } finally {
    await rgw.stop();
  }
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
  const figures = await measureIdle(sessions, Number(options.minutes));
  return [
    '| sessions | minutes | CPU | RSS | peak RSS | read a minute | written a minute | requests to the bucket |',
    '|---|---|---|---|---|---|---|---|',
    `| ${figures.sessions} | ${figures.minutes} | ${(100 * figures.cores).toFixed(2)} % of a core | ${mib(figures.rss)} | ${mib(figures.peakRss)} | ${(figures.readPerMinute / 1000).toFixed(1)} kB | ${(figures.writtenPerMinute / 1000).toFixed(1)} kB | ${figures.requests} |`,
  ];
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
