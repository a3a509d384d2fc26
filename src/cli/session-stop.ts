import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { checkTrust, writeOptions } from './mirror-options.ts';
import { checkCount } from './values.ts';

export const stopCommand = defineCommand({
  usage: 'stop <id>',
  describe: 'Ship the rest of a session, check all of it, and mark it as ended',
  examples: [['cairn session stop 49d9aac8', 'the session of this host whose id begins so']],
  options: (yargs) =>
    writeOptions(yargs).positional('id', {
      type: 'string',
      demandOption: true,
      describe: 'Id, unique beginning, or harness/id',
    }),
  async run(args, { output, app: open, signal }) {
    const { prepareMirror } = await import('../app.ts');
    const { mirrorOnce } = await import('../mirror/mirror.ts');
    const { reportMirror } = await import('./mirror-report.ts');
    const compress = checkCount('compress', args.compress, 0, 9);
    const app = await open();
    checkTrust(app.store.url, args.redact, args.yesITrustThisBucket);
    const run = await prepareMirror(app, {
      signal,
      session: args.id,
      end: true,
      redact: args.redact,
      singleWriter: args.singleWriter,
      ...(compress !== undefined && { compress }),
    });
    const totals = await reportMirror(mirrorOnce(run), output, app);
    if (totals.failed > 0) {
      throw new CairnError('incomplete', `expected ${args.id} to be shipped whole, ${totals.failed} failed`, {
        hint: 'see above; the same command tries again',
      });
    }
    if (totals.remaining > 0) output.note('stopped before the end; run the same command again');
    else if (!output.json) await output.line(`${args.id} is shipped, checked and marked as ended`);
    return undefined;
  },
});
