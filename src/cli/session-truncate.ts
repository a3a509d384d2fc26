import type { App } from '../app.ts';
import type { SessionListing } from '../sessions/listing.ts';
import type { TruncationPlan } from '../sessions/truncation.ts';
import { defineCommand } from './command.ts';
import { count, visible } from './text.ts';
import { checkCount } from './values.ts';

export const truncateCommand = defineCommand({
  usage: 'truncate <id>',
  describe: 'Cut a session short in the bucket; what was there stays as an older epoch',
  examples: [
    ['cairn session truncate 49d9aac8 --keep 40', 'only the first forty events'],
    ['cairn session diff 49d9aac8@e0 49d9aac8', 'what was cut'],
  ],
  epilogue:
    'The first events of the transcript stay, in a new epoch that every reader takes; a record stays whole, so it may be some events more. Sub-agents that were started later are cut as well. The old epoch stays and is read as ID@e0. A mirror that is still writing goes on behind the cut with what is new; the files of the agent are not touched. Exit 10 when there is nothing behind the cut.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .option('keep', { type: 'number', demandOption: true, describe: 'So many events stay' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would be cut; change nothing' })
      .option('single-writer', {
        type: 'boolean',
        default: false,
        describe: 'For a store that ignores conditions: promise that nobody else writes',
      }),
  async run(args, { output, app: open, signal }) {
    const { resolveSession } = await import('../sessions/resolve.ts');
    const { listSession } = await import('../sessions/listing.ts');
    const { finishTruncation, planTruncation, truncate } = await import('../sessions/truncation.ts');
    const keep = checkCount('keep', args.keep, 0) ?? 0;
    const app = await open();
    const { address } = await resolveSession(app.store, app.project, args.id, { signal });
    const harness = app.harnesses.find(({ name }) => name === address.harness);
    const truncating = args.dryRun ? undefined : await openTruncation(app, args.singleWriter);
    const finished = truncating !== undefined && (await finishTruncation(truncating, address));
    const listing = await listSession(app.store, address, { signal });
    const plan = await planTruncation(app.store, listing, harness, keep, { signal });
    if (truncating && plan.streams.length > 0) await truncate(truncating, listing, plan.streams);
    const changed = finished || plan.streams.length > 0;
    if (truncating && changed) await describeAnew(app, listing, truncating.store);
    const { harness: name, session } = address;
    if (output.json) await output.object({ harness: name, session, ...plan, ...(args.dryRun && { dryRun: true }) });
    else await output.line(visible(`${name}/${session}: ${describe(plan)}`));
    return changed ? undefined : 10;
  },
});

function describe({ events, streams }: TruncationPlan): string {
  if (streams.length === 0) return `nothing to cut, it has ${count(events.keep, 'event')}`;
  const cuts = streams.map(({ stream, cut }) => `${stream} ${count(cut, 'record')}`);
  return `${count(events.keep, 'event')} stay, ${events.cut} are cut: ${cuts.join(', ')}`;
}

async function openTruncation(app: App, singleWriter: boolean) {
  const { openState } = await import('../app.ts');
  const { sourceKey } = await import('../mirror/source-key.ts');
  const { openKey } = await import('../secrets.ts');
  const { version } = await import('../version.ts');
  return {
    store: app.writing({ singleWriter }),
    runtime: app.runtime,
    key: sourceKey(await openKey(app)),
    writer: { mirror: (await openState(app)).mirror, host: app.host.machine, version: version() },
  };
}

/** The summary says what is left; a mirror that goes on writes its own. */
async function describeAnew(app: App, { address }: SessionListing, store: ReturnType<App['writing']>): Promise<void> {
  const { openState } = await import('../app.ts');
  const { updateCatalog } = await import('../mirror/catalog.ts');
  const { catalogLine } = await import('../mirror/meta.ts');
  const { rebuildMeta } = await import('../sessions/rebuild.ts');
  const { metaKey } = await import('../store/keys.ts');
  const harness = (name: string) => app.harnesses.find((known) => known.name === name);
  const meta = await rebuildMeta(store, address, { harness });
  if (!meta) return;
  await store.overwrite(metaKey(address), Buffer.from(`${JSON.stringify(meta)}\n`));
  await updateCatalog(store, app.project, await openState(app), app.runtime, [catalogLine(meta)], true);
}
