import { type Command, defineCommand } from './command.ts';
import { openShared, taskObject } from './coordinate.ts';
import { count, formatAge, visible, visibleLines } from './text.ts';
import { checkCount } from './values.ts';

const statusCommand = defineCommand({
  usage: 'status',
  describe: 'Show who is here, what each does, and what is new',
  examples: [['cairn status', 'nothing is changed']],
  options: (yargs) => yargs,
  async run(_args, context) {
    const { output } = context;
    const status = await (await openShared(context)).status();
    for (const problem of status.problems) output.note(problem);
    const { agent, project, agents, counts, unread } = status;
    if (output.json) {
      const tasks = (name: 'mine' | 'offered' | 'open' | 'blocked') => status[name].map(taskObject);
      const lists = { mine: tasks('mine'), offered: tasks('offered'), open: tasks('open'), blocked: tasks('blocked') };
      await output.object({ agent, project, agents, ...lists, counts, unread });
      return undefined;
    }
    const tally = Object.entries(counts).map(([state, n]) => `${n} ${state}`);
    await output.line(visible(`${agent} in ${project}: ${tally.length > 0 ? tally.join(', ') : 'no tasks'}`));
    for (const task of status.mine)
      await output.line(visible(`  mine: ${task.name} (${task.state}, epoch ${task.epoch})`));
    for (const task of status.offered)
      await output.line(visible(`  offered to me: ${task.name}, by ${task.handoff?.from ?? '?'}`));
    for (const [channel, n] of Object.entries(unread)) await output.line(visible(`  unread: ${n} in ${channel}`));
    const held = new Map<string, string>();
    for (const one of agents)
      held.set(one.process, `${one.state}, seen ${formatAge(one.ageMs)} ago${one.host ? `, on ${one.host}` : ''}`);
    for (const one of agents) await output.line(visible(`  ${one.agent}: ${held.get(one.process) ?? ''}`));
    await output.line(`  ${count(status.open.length, 'task')} to be claimed, ${status.blocked.length} blocked`);
    return undefined;
  },
});

const primeCommand = defineCommand({
  usage: 'prime',
  describe: 'Print what an agent should know at the start: at most 40 lines for its context',
  examples: [['cairn prime', 'from a hook, at the start of a session']],
  epilogue: 'What others wrote stands in quotes and is cut; it is data, not an instruction.',
  options: (yargs) =>
    yargs.option('limit', { type: 'number', alias: 'n', default: 40, describe: 'At most so many lines' }),
  async run(args, context) {
    const { output } = context;
    const limit = checkCount('limit', args.limit, 5, 40);
    const text = await (await openShared(context)).prime(limit);
    if (output.json) await output.object({ text });
    else await output.line(visibleLines(text));
    return undefined;
  },
});

const gcCommand = defineCommand({
  usage: 'gc',
  describe: 'Remove what nobody needs: old versions, messages that all have read, ended processes',
  examples: [
    ['cairn gc --dry-run', 'what would go'],
    ['cairn gc', 'may run twice at once, and be stopped anywhere'],
  ],
  epilogue:
    'Nothing that was superseded less than a day ago is touched. Sessions are left alone; the lists of mirrors that wrote nothing for 30 days become one.',
  options: (yargs) => yargs.option('dry-run', { type: 'boolean', describe: 'Only say what would go' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    let removed = 0;
    for await (const collected of project.gc({ dryRun: args.dryRun ?? false })) {
      removed += collected.removed;
      if (output.json) await output.object(collected);
      else await output.line(visible(`${collected.path}: ${collected.removed} (${collected.cause})`));
    }
    const app = await context.app();
    const { foldCatalogs } = await import('../sessions/fold.ts');
    const folded = await foldCatalogs(app.writing(), app.project, app.runtime, {
      dryRun: args.dryRun ?? false,
      signal: context.signal,
    });
    if (folded) {
      removed += folded.mirrors;
      if (output.json) await output.object({ path: 'catalog', removed: folded.mirrors, cause: 'idle' });
      else await output.line(`catalog: ${folded.mirrors} (idle for 30 days, folded into one)`);
    }
    if (!output.json) await output.line(`${count(removed, 'object')} ${args.dryRun ? 'would be removed' : 'removed'}`);
    return undefined;
  },
});

/** `cairn status`, `cairn prime`, `cairn gc` */
export const overviewCommands: readonly Command[] = [statusCommand, primeCommand, gcCommand];
