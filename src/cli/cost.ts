import { CairnError } from '../errors.ts';
import type { MirrorPace } from '../mirror/cost.ts';
import { defineCommand } from './command.ts';
import { formatBytes } from './text.ts';
import { checkCount } from './values.ts';

/** Of a mirror that was not told otherwise. */
const defaultIntervalMs = 5000;

export const costCommand = defineCommand({
  usage: 'cost',
  describe: 'Show what the mirror of this host asked of the bucket, and what that costs at list prices',
  examples: [['cairn cost --days 7', 'by day, and what a month of such days would cost on common stores']],
  epilogue:
    'Class A are requests that write or list, class B those that read. Bytes are priced as if stored for one month. What is free at first is not taken off. At most: what the same hours could cost under the settings of the live mirror, if every session wrote all the time. A folder as a bucket costs nothing; the prices say what the same work would cost elsewhere.',
  options: (yargs) => yargs.option('days', { type: 'number', default: 30, describe: 'So many days back' }),
  async run(args, { output, app: open }) {
    const { openState } = await import('../app.ts');
    const { noUsage, readUsage } = await import('../mirror/usage.ts');
    const { projectCost, sumUsage } = await import('../mirror/cost.ts');
    const { ServiceFolder } = await import('../mirror/service-folder.ts');
    const { pricesAsOf } = await import('../mirror/prices.ts');
    const count = checkCount('days', args.days, 1, 400) ?? 30;
    const app = await open();
    const { serviceFolder } = await openState(app);
    const used = await readUsage(serviceFolder);
    const pace: MirrorPace = (await new ServiceFolder(serviceFolder, app.runtime).readStatus()) ?? {
      intervalMs: defaultIntervalMs,
    };
    const first = new Date(app.runtime.now() - (count - 1) * 86_400_000).toISOString().slice(0, 10);
    const days = Object.entries(used).filter(([day]) => day >= first);
    const [oldest] = days;
    if (!oldest) {
      throw new CairnError('nothing-to-do', `expected a mirror to have run in the last ${count} days, found none`, {
        hint: 'run `cairn session mirror`, then look again',
      });
    }
    // Days without any use count as well: a month has them too.
    const span = Math.round((app.runtime.now() - Date.parse(oldest[0])) / 86_400_000 + 0.5);
    const idle = Array.from({ length: Math.max(0, span - days.length) }, noUsage);
    const projections = projectCost([...days.map(([, usage]) => usage), ...idle], pace);
    if (output.json) {
      for (const [day, usage] of days) await output.object({ day, ...sumUsage(usage) });
      for (const projection of projections) await output.object({ ...projection, days: Math.max(span, 1), pricesAsOf });
      return undefined;
    }
    await output.table(
      days.map(([day, usage]) => ({ day, ...sumUsage(usage) })),
      [
        { title: 'DAY', cell: ({ day }) => day },
        { title: 'CLASS A', cell: ({ classA }) => String(classA), align: 'right' },
        { title: 'CLASS B', cell: ({ classB }) => String(classB), align: 'right' },
        { title: 'UP', cell: ({ bytesUp }) => formatBytes(bytesUp), align: 'right' },
        { title: 'DOWN', cell: ({ bytesDown }) => formatBytes(bytesDown), align: 'right' },
        { title: 'SESSION HOURS', cell: ({ sessionHours }) => sessionHours.toFixed(1), align: 'right' },
      ],
    );
    await output.line();
    await output.table(projections, [
      { title: `PRICES OF ${pricesAsOf}`, cell: ({ store }) => store },
      { title: 'REQUESTS A MONTH', cell: ({ requestsUsd }) => usd(requestsUsd), align: 'right' },
      { title: 'BYTES A MONTH', cell: ({ bytesUsd }) => usd(bytesUsd), align: 'right' },
      {
        title: 'A SESSION HOUR',
        cell: ({ sessionHourUsd }) => (sessionHourUsd === undefined ? '' : usd(sessionHourUsd)),
        align: 'right',
      },
      { title: 'AT MOST', cell: ({ sessionHourMostUsd }) => usd(sessionHourMostUsd), align: 'right' },
      { title: 'A MONTH, AT MOST', cell: ({ monthMostUsd }) => usd(monthMostUsd), align: 'right' },
    ]);
    const budget = pace.requestsPerHour === undefined ? '' : `, at most ${pace.requestsPerHour} requests an hour`;
    output.note(`at most: every session ships something every ${pace.intervalMs / 1000} s${budget}`);
    return undefined;
  },
});

function usd(amount: number): string {
  return `$${amount.toFixed(amount < 0.1 ? 5 : 2)}`;
}
