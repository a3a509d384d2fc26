import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { CompactEvent } from '../mirror/compact.ts';
import type { StoredSession } from '../sessions/inventory.ts';
import { defineCommand } from './command.ts';
import { count, formatBytes, visible } from './text.ts';

export const compactCommand = defineCommand({
  usage: 'compact [id]',
  describe: 'Pack the many small parts of sessions that are over into few objects',
  examples: [
    ['cairn session compact 49d9aac8 --dry-run', 'what would be packed, and what removed'],
    ['cairn session compact --all', 'every session in the bucket'],
  ],
  epilogue:
    'Only what nobody has written to for 48 hours is packed. What was packed is removed by a run that is 24 hours later, so run it now and then. Nothing that a reader sees changes, at no moment. Takes no identity in an encrypted project.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'Id, unique beginning, or harness/id' })
      .option('all', { type: 'boolean', describe: 'Every session in the bucket' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would be done; change nothing' })
      .conflicts('all', 'id'),
  async run(args, { output, app: open, signal }) {
    const { compactSession } = await import('../mirror/compact.ts');
    const { Progress } = await import('./progress.ts');
    if (args.id === undefined && !args.all) {
      throw new CairnError('usage', 'expected the id of a session, or --all, got neither');
    }
    const app = await open();
    const store = args.dryRun ? app.store : app.writing();
    const progress = new Progress(output);
    const total = { sessions: 0, packs: 0, packed: 0, removed: 0, problems: 0 };
    for await (const { address, entries } of await chosen(app, args.id, signal)) {
      const { harness, session } = address;
      progress.note(`${count(++total.sessions, 'session')}, ${count(total.packed, 'part')} packed`);
      for await (const event of compactSession(store, address, { signal, dryRun: args.dryRun ?? false, entries })) {
        if (event.event === 'problem') total.problems++;
        if (event.event === 'packed' || event.event === 'would-pack') {
          total.packs++;
          total.packed += event.parts;
        }
        if (event.event === 'removed' || event.event === 'would-remove') total.removed += event.parts;
        progress.clear();
        if (output.json) await output.object({ harness, session, ...event });
        else await output.line(visible(`${harness}/${session} ${inWords(event)}`));
      }
      if (signal.aborted) break;
    }
    progress.clear();
    const { sessions, packs, packed, removed, problems } = total;
    const requests = app.requests();
    if (output.json) await output.object({ event: 'done', sessions, packs, packed, removed, problems, requests });
    else {
      const would = args.dryRun ? 'would be ' : '';
      output.note(
        `${count(sessions, 'session')}: ${count(packed, 'part')} ${would}packed${args.dryRun ? '' : ` into ${count(packs, 'object')}`}, ${removed} ${would}removed; ${count(requests, 'request')}`,
      );
    }
    if (problems > 0) {
      throw new CairnError('differs', `expected parts and packs that are whole, found ${count(problems, 'problem')}`, {
        hint: 'they were left as they are: `cairn session verify` tells what is readable',
      });
    }
    return undefined;
  },
});

async function chosen(app: App, id: string | undefined, signal: AbortSignal): Promise<AsyncIterable<StoredSession>> {
  const { listedSessions } = await import('../sessions/inventory.ts');
  if (id === undefined) return listedSessions(app.store, app.project, { signal });
  const { resolveSession } = await import('../sessions/resolve.ts');
  const { entriesOf } = await import('../sessions/listing.ts');
  return (async function* one() {
    const { address } = await resolveSession(app.store, app.project, id, { signal });
    yield { address, entries: await entriesOf(app.store, address, { signal }) };
  })();
}

function inWords(event: CompactEvent): string {
  const { stream, epoch, first, last } = event;
  const place = `${stream}, epoch ${epoch}, parts ${first} to ${last}:`;
  switch (event.event) {
    case 'problem':
      return `${place} ${event.message}`;
    case 'packed':
      return `${place} packed, ${formatBytes(event.bytes)} in an object of ${formatBytes(event.stored ?? 0)}`;
    case 'removed':
      return `${place} ${event.parts} removed, a pack has them`;
    case 'would-pack':
      return `${place} would be packed, ${formatBytes(event.bytes)}`;
    case 'would-remove':
      return `${place} ${event.parts} would be removed, a pack has them`;
    case 'withdrawn':
      return `${place} pack removed again: its content was replaced or removed meanwhile`;
  }
}
