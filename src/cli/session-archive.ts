import type { Context } from './command.ts';
import { defineCommand } from './command.ts';
import { openShared } from './coordinate.ts';

export const archiveCommand = defineCommand({
  usage: 'archive <id>',
  describe: 'Hide a session from lists',
  examples: [['cairn session archive 49d9aac8', '`cairn session list --archived` shows it all the same']],
  epilogue: 'Nothing of it is removed, and it is mirrored and found as before.',
  options: (yargs) =>
    yargs.positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' }),
  run: (args, context) => setArchived(args.id, true, context),
});

export const unarchiveCommand = defineCommand({
  usage: 'unarchive <id>',
  describe: 'Show an archived session in lists again',
  examples: [['cairn session unarchive 49d9aac8', 'what `archive` did is undone']],
  options: (yargs) =>
    yargs.positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' }),
  run: (args, context) => setArchived(args.id, false, context),
});

async function setArchived(id: string, archived: boolean, context: Context): Promise<undefined> {
  const { sessionInBucket } = await import('./session-host.ts');
  const { output, signal } = context;
  const { harness, session } = (await sessionInBucket(await context.app(), id, signal)).listing.address;
  const project = await openShared(context);
  await project.marks.change({ harness, session }, (marks) => ({ ...marks, archived }));
  if (output.json) await output.object({ harness, session, archived });
  else await output.line(`${harness}/${session} is ${archived ? 'archived' : 'in lists again'}`);
}
