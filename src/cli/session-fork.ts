import { folderQuestion } from './ask-folder.ts';
import { defineCommand } from './command.ts';
import { describeResume } from './resume-report.ts';
import { checkCount } from './values.ts';

export const forkCommand = defineCommand({
  usage: 'fork <id>',
  describe: 'Begin a new session on this host with the history of another',
  examples: [
    ['cairn session fork 49d9aac8', 'all of it, under a new id'],
    ['cairn session fork 49d9aac8 --at 3', 'up to the end of its third turn'],
  ],
  epilogue:
    'The fork is whole in itself and says where it comes from: the session that it was made from may be removed. The mirror ships it like any other.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .option('at', { type: 'number', describe: 'End behind this turn, counted from 1; default the last' })
      .option('cwd', { type: 'string', describe: 'Folder in which the agent is to work' })
      .option('dry-run', { type: 'boolean', describe: 'Write nothing, and say what would be written' }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const { prepareResume } = await import('./session-host.ts');
    const { carryOut } = await import('../resume/restore.ts');
    const at = checkCount('at', args.at, 1);
    const prepared = await prepareResume(
      await open(),
      {
        id: args.id,
        fork: true,
        signal,
        ...(at !== undefined && { at }),
        ...(args.cwd !== undefined && { cwd: args.cwd }),
      },
      folderQuestion(context),
    );
    if ('standing' in prepared) {
      const { resumeByImport } = await import('./resume-import.ts');
      return resumeByImport(prepared, { dryRun: args.dryRun }, context);
    }
    for (const note of prepared.notes) output.note(note);
    if (!args.dryRun) await carryOut(prepared.context, prepared.plan);
    await describeResume(prepared, output);
    return undefined;
  },
});
