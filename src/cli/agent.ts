import { type Command, defineCommand } from './command.ts';
import { firstOf, idemOption, iso, limitOption, openShared } from './coordinate.ts';
import { formatAge } from './text.ts';
import { parseDuration } from './values.ts';

const registerCommand = defineCommand({
  usage: 'register',
  describe: 'Make this host known under its name, as one process',
  examples: [
    ['cairn agent register', 'under the name that holds here: see `cairn config`'],
    ['eval "$(cairn agent register --agent reviewer --export)"', 'for every later command of this shell'],
  ],
  epilogue:
    'Other commands do this by themselves. A name is one live process at a time: exit code 5 where another one has it.',
  options: (yargs) =>
    idemOption(yargs)
      .option('ttl', {
        type: 'string',
        describe: 'Others may take over after so long without a command; default 20min',
      })
      .option('export', { type: 'boolean', describe: 'Print it as lines for a shell' }),
  async run(args, context) {
    const ttlMs = args.ttl === undefined ? undefined : parseDuration('ttl', args.ttl);
    const project = await openShared(context, { ttlMs, idem: args.idem });
    const { agent, process } = await project.agents.register();
    const { output } = context;
    if (args.export) await output.line(`export CAIRN_AGENT=${shellQuote(agent)}`);
    else if (output.json) await output.object({ agent, process });
    else await output.line(`${agent} is here, as process ${process}`);
    return undefined;
  },
});

const beatCommand = defineCommand({
  usage: 'beat',
  describe: 'Say that this agent is alive: one request renews all it holds',
  examples: [['cairn agent beat', 'every command does it once a minute anyway']],
  epilogue: 'Exit code 5: it was declared dead, and what it held is free for others.',
  options: (yargs) => yargs,
  async run(_args, context) {
    const project = await openShared(context);
    await project.agents.beat();
    const { agent, process } = await project.agents.register();
    if (context.output.json) await context.output.object({ agent, process });
    return undefined;
  },
});

const closeCommand = defineCommand({
  usage: 'close',
  describe: 'End this agent: everything it holds is free at once',
  examples: [
    ['cairn agent close', 'at the end of a session'],
    ['cairn agent close --process p1200s-… --force', "end another one's process, though it may live"],
  ],
  options: (yargs) =>
    yargs
      .option('process', { type: 'string', describe: 'Another process, which has to have expired' })
      .option('force', { type: 'boolean', describe: 'Also if it has not' }),
  async run(args, context) {
    const project = await openShared(context);
    if (args.process !== undefined) await project.agents.end(args.process, { force: args.force ?? false });
    else await project.agents.close();
    if (context.output.json) await context.output.object({ closed: args.process ?? project.agent });
    return undefined;
  },
});

const listCommand = defineCommand({
  usage: 'list',
  describe: 'List who is here, by the clock of the store',
  examples: [['cairn agent list', 'everyone who has not ended']],
  options: (yargs) => limitOption(yargs).option('dead', { type: 'boolean', describe: 'Also who has ended' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const agents = firstOf(await project.agents.list({ dead: args.dead ?? false }), args.limit, output);
    if (output.json) {
      const now = (await context.app()).runtime.now();
      for (const { ageMs, ...agent } of agents) await output.object({ ...agent, ageMs, beatAt: iso(now - ageMs) });
    } else if (agents.length > 0) {
      await output.table(agents, [
        { title: 'AGENT', cell: (agent) => agent.agent },
        { title: 'STATE', cell: (agent) => agent.state },
        { title: 'SEEN', cell: (agent) => formatAge(agent.ageMs), align: 'right' },
        { title: 'HOST', cell: (agent) => agent.host ?? '', optional: true },
        { title: 'CWD', cell: (agent) => agent.cwd ?? '', flexible: true },
        { title: 'PROCESS', cell: (agent) => agent.process },
      ]);
    } else output.note('nobody is here');
    return undefined;
  },
});

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `cairn agent …` */
export const agentCommands: readonly Command[] = [registerCommand, beatCommand, closeCommand, listCommand];
