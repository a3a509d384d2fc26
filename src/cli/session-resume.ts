import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { resumeIn } from './resume-in.ts';
import { defaultBudget, writeHandoff } from './session-handoff.ts';

export const resumeCommand = defineCommand({
  usage: 'resume <id>',
  describe: 'Put a session back on this host and go on with it in its agent',
  examples: [
    ['cairn session resume 49d9aac8', 'writes what is missing here, and says what to type'],
    ['cairn session resume 49d9aac8 --exec', 'and starts the agent on it'],
    ['cairn session resume 49d9aac8 --dry-run', 'only says what would be written; exit 1 if the agent would refuse it'],
    ['cairn session resume 49d9aac8/agent-a0c2be45', 'one of its sub-agents, as a session of its own'],
    ['cairn session resume saved.cairn', 'from a file that `export --format cairn` wrote'],
    ['cairn session resume 49d9aac8 --in codex', 'as a session of another agent; says what that leaves behind'],
    ['cairn session resume 49d9aac8 --exec --prompt "go on"', 'without a terminal'],
  ],
  epilogue:
    'The newest epoch is fetched with all that it rests on, its chain is proven, and no file that says something else is overwritten: a session that went on here in another way is refused (exit 1), and --fork puts the one of the bucket beside it. The mirror of this host then goes on with the same session. The working directory is the recorded one if it is here, else the checkout of the same repository you stand in, else one that you choose of those known here, else the current folder. openclaw and hermes take a session by their own import, which is run here. What stands behind -- is handed to the agent; with --exec its exit code is passed on. 3: somebody works on this session.',
  options: (yargs) =>
    yargs
      .positional('id', {
        type: 'string',
        demandOption: true,
        describe:
          'Id, unique beginning, or harness/id; behind it /agent-… for a sub-agent; or a file that `export --format cairn` wrote',
      })
      .option('cwd', { type: 'string', describe: 'Folder in which the agent is to work' })
      .option('map', { type: 'string', array: true, describe: 'FROM=TO: a path, wherever the transcript has it' })
      .option('to', {
        type: 'string',
        describe: "Write into this folder as if it were the agent's; the mirror is not told",
      })
      .option('epoch', { type: 'number', describe: 'Of the transcript, instead of the newest' })
      .option('fork', { type: 'boolean', describe: 'Under a new id, beside what is here' })
      .option('exec', { type: 'boolean', describe: 'Start the agent' })
      .option('in', {
        type: 'string',
        describe: 'Another agent, as a new session of its own; PROMPT: print a hand-over',
      })
      .option('prompt', { type: 'string', describe: 'Ask this at once, without a terminal' })
      .option('print', { type: 'boolean', describe: 'Print only the command, for a shell' })
      .option('dry-run', { type: 'boolean', describe: 'Write nothing, and say what would be written' })
      .option('force', { type: 'boolean', describe: 'Also when somebody else works on the session' }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const app = await open();
    const { isArchive } = await import('./export-objects.ts');
    const rest = args._.slice(2).map(String);
    const resume = async (from: App, id: string, saved: boolean) => {
      if (args.in === 'PROMPT') {
        const other = (['to', 'exec', 'map', 'fork'] as const).find((name) => args[name]);
        if (other !== undefined) {
          throw new CairnError('usage', `expected --in PROMPT without --${other}: it only prints`, {
            hint: '`cairn session handoff ID > FILE` keeps it',
          });
        }
        return writeHandoff(from, id, defaultBudget, output, signal);
      }
      if (args.in !== undefined) return resumeIn(from, args.in, { ...args, id, rest }, context);
      const { resumeInPlace } = await import('./resume-in-place.ts');
      return resumeInPlace(from, { ...args, id, rest, saved }, context);
    };
    if (!(await isArchive(args.id))) return resume(app, args.id, false);
    const { withSaved } = await import('./saved-session.ts');
    return withSaved(app, args.id, signal, (saved, id) => resume(saved, id, true));
  },
});
