import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { confirm } from './confirm.ts';
import { openShared } from './coordinate.ts';
import { count, formatBytes, visible } from './text.ts';

export const deleteCommand = defineCommand({
  usage: 'delete <id>',
  describe: 'Remove a session from the bucket, for good',
  examples: [
    ['cairn session delete 49d9aac8', 'after a question'],
    ['cairn session delete 49d9aac8 --yes', 'without one'],
  ],
  epilogue:
    "All its objects are removed but the mark that keeps every mirror from shipping it again. The agent's own files on any host stay as they are. Refused (exit 6) while another session rests on it or was forked from it.",
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .option('force', { type: 'boolean', describe: 'Also where forks name it as their origin' })
      .option('yes', { type: 'boolean', alias: 'y', describe: 'Do not ask' }),
  async run(args, context) {
    const { output, signal, app: open } = context;
    const { openState } = await import('../app.ts');
    const { sessionInBucket } = await import('./session-host.ts');
    const { readWholeCatalog } = await import('../sessions/catalog.ts');
    const { deleteSession } = await import('../sessions/deletion.ts');
    const { version } = await import('../version.ts');
    const app = await open();
    const { address, size, objects } = (await sessionInBucket(app, args.id, signal)).listing;
    const { harness, session } = address;
    const { lines } = await readWholeCatalog(app.store, app.project, { signal });
    // A fork needs nothing of its origin, and says where it comes from.
    const isOrigin = (kind: string) => kind === 'fork' && !args.force;
    const resting = lines.filter(
      (line) =>
        line.harness === harness &&
        line.lineage?.some(({ kind, session: other }) => other === session && (kind === 'base' || isOrigin(kind))),
    );
    if (resting.length > 0) {
      const names = resting.slice(0, 5).map((line) => line.session);
      throw new CairnError(
        'blocked',
        `expected no session that rests on ${session} or was forked from it, but ${names.join(', ')} does`,
        {
          hint: 'delete that first; a fork needs nothing of its origin: --force leaves it without one',
          details: { blockedBy: names },
        },
      );
    }
    const title = lines.find((line) => line.harness === harness && line.session === session)?.title;
    const what = `${harness}/${session}${title === undefined ? '' : ` (${title})`}`;
    if (!args.yes)
      await confirm(`Delete ${visible(what)}: ${count(objects, 'object')}, ${formatBytes(size)}? [y/N] `, context, {
        hint: 'what is deleted cannot be had back',
        declined: 'nothing was deleted',
      });
    const project = await openShared(context);
    await project.marks.change({ harness, session }, (marks) => ({ ...marks, deleted: true }));
    const { mirror } = await openState(app);
    const writer = { mirror, host: app.host.machine, version: version() };
    const removed = await deleteSession({ store: app.writing(), runtime: app.runtime, writer }, address);
    if (output.json) await output.object({ harness, session, deleted: true, ...removed });
    else
      await output.line(
        `${visible(what)} is deleted: ${count(removed.objects, 'object')}, ${formatBytes(removed.bytes)}`,
      );
    return undefined;
  },
});
