import { CairnError } from '../errors.ts';
import { type Command, defineCommand } from './command.ts';
import { Progress } from './progress.ts';
import { count } from './text.ts';

const rebuildCommand = defineCommand({
  usage: 'rebuild',
  describe: 'Make the lists of sessions again, where they were lost or damaged',
  examples: [
    ['cairn catalog rebuild', 'from what is known of each session: one request a session'],
    ['cairn catalog rebuild --from parts', 'from everything that was mirrored, and every meta.json as well'],
  ],
  epilogue:
    'Any host may run this at any time, beside mirrors that work. A session that cannot be read is named and left out.',
  options: (yargs) =>
    yargs.option('from', {
      choices: ['meta', 'parts'] as const,
      default: 'meta' as const,
      describe: 'What to make them from; where a meta.json is missing or damaged, the parts are read',
    }),
  async run(args, { output, app: open, signal }) {
    const { rebuildCatalog } = await import('../sessions/rebuild.ts');
    const app = await open();
    const harness = (name: string) => app.harnesses.find((known) => known.name === name);
    const progress = new Progress(output);
    let sessions = 0;
    let failed = 0;
    for await (const { problem } of rebuildCatalog(app.writing(), app.project, { harness, signal, from: args.from })) {
      if (problem) {
        failed++;
        progress.clear();
        output.note(problem.message);
      } else sessions++;
      progress.note(count(sessions, 'session'));
    }
    progress.clear();
    if (output.json) await output.object({ sessions, failed, requests: app.requests() });
    else await output.line(`${count(sessions, 'session')} listed again; ${count(app.requests(), 'request')}`);
    if (failed > 0) {
      throw new CairnError('incomplete', `expected to list every session, ${failed} cannot be read`, {
        hint: '`cairn session verify --all` says what is wrong with them',
      });
    }
    return undefined;
  },
});

/** `cairn catalog …` */
export const catalogCommands: readonly Command[] = [rebuildCommand];
