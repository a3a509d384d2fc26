import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { visible } from './text.ts';

export const doctorCommand = defineCommand({
  usage: 'doctor',
  describe: 'Check the store, the agents and this host, and say what to do',
  examples: [
    ['cairn doctor', 'everything'],
    ['cairn doctor --bucket s3://other-bucket', 'whether a store will do, before it is used'],
  ],
  epilogue:
    'Exit code 0: all is well, or works with a warning; 78: the store ignores conditions, so coordination is refused and mirroring wants --single-writer; 77: credentials; 75: not reachable; 1: anything else.',
  options: (yargs) =>
    yargs.option('probe', {
      type: 'boolean',
      default: true,
      describe: 'Try the store with objects of its own; --no-probe: read only',
    }),
  async run(args, { output, flags }) {
    const { diagnose } = await import('./diagnosis.ts');
    const marks = {
      ok: output.style('green', 'ok  '),
      warn: output.style('yellow', 'warn'),
      failed: output.style('red', 'FAIL'),
    };
    let worst: { exit: number; failed: number } = { exit: 0, failed: 0 };
    for await (const check of diagnose(flags, { probe: args.probe })) {
      const { exit = 1, ...shown } = check;
      if (check.state === 'failed') worst = { exit: worst.exit || exit, failed: worst.failed + 1 };
      if (output.json) await output.object(shown);
      else {
        await output.line(`${marks[check.state]}  ${check.name.padEnd(12)} ${visible(check.found)}`);
        if (check.hint !== undefined)
          await output.line(`${' '.repeat(19)}${output.style('dim', `-> ${visible(check.hint)}`)}`);
      }
    }
    if (worst.failed === 0) return undefined;
    const code =
      worst.exit === 78 ? 'unfit' : worst.exit === 77 ? 'denied' : worst.exit === 75 ? 'unavailable' : 'incomplete';
    throw new CairnError(code, `expected every check to pass, ${worst.failed} failed`, { hint: 'see what each says' });
  },
});
