import { defineCommand } from './command.ts';

export const demoCommand = defineCommand({
  usage: 'demo',
  describe: 'Mirror the ten newest sessions of this host into a local folder, and show how to read them back',
  examples: [['cairn demo', 'nothing leaves this host']],
  options: (yargs) => yargs,
  async run(_args, { output, flags, signal }) {
    const { runDemo } = await import('./demo-run.ts');
    return await runDemo(output.asText(), flags.project, signal);
  },
});
