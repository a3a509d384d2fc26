import type { Assessment } from '../coordination/claim.ts';
import { type TaskState, taskStates } from '../coordination/task.ts';
import { defineCommand } from './command.ts';
import {
  checkName,
  firstOf,
  iso,
  limitOption,
  openShared,
  quoted,
  resumable,
  taskLine,
  taskObject,
  waiting,
  waitOptions,
} from './coordinate.ts';
import { count, formatAge, visible } from './text.ts';

export const listCommand = defineCommand({
  usage: 'list',
  describe: 'List tasks, the most urgent first',
  examples: [
    ['cairn task list', 'all that have not ended'],
    ['cairn task list --state open --label backend', 'those that can be taken up'],
  ],
  epilogue: 'Here --agent, given before, decides who one is; --holder shows what an agent has.',
  options: (yargs) =>
    limitOption(yargs)
      .option('state', { choices: taskStates, array: true, describe: 'Only in these states' })
      .option('label', { type: 'string', array: true, describe: 'Only with all of these' })
      .option('holder', { type: 'string', describe: 'Only what this agent has, or is offered' })
      .option('all', { type: 'boolean', describe: 'Also those that have ended' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const open = taskStates.filter((state) => !['done', 'failed', 'cancelled'].includes(state));
    const states = (args.state as TaskState[] | undefined) ?? (args.all ? undefined : open);
    const listed = await project.tasks.list({ states, labels: args.label, agent: args.holder });
    const now = (await context.app()).runtime.now();
    for (const one of listed) if ('problem' in one) output.note(`${one.path}: ${one.problem}`);
    const tasks = firstOf(
      listed.flatMap((one) => ('task' in one ? [one] : [])),
      args.limit,
      output,
    );
    if (output.json)
      for (const { task, createdAt } of tasks) await output.object({ ...taskObject(task), createdAt: iso(createdAt) });
    else if (tasks.length > 0) {
      await output.table(tasks, [
        { title: 'TASK', cell: ({ task }) => task.name },
        { title: 'P', cell: ({ task }) => String(task.prio) },
        { title: 'STATE', cell: ({ task }) => task.state },
        { title: 'AGENT', cell: ({ task }) => task.to ?? task.agent ?? '' },
        { title: 'SINCE', cell: ({ task }) => formatAge(now - task.changed), align: 'right' },
        { title: 'TITLE', cell: ({ task }) => task.title, flexible: true },
        { title: 'NEEDS', cell: ({ task }) => task.deps.join(' '), optional: true },
      ]);
    } else output.note('no task matches');
    return undefined;
  },
});

export const showCommand = defineCommand({
  usage: 'show <task>',
  describe: 'Show a task: who has it, what is to be done, what was left by whom',
  examples: [['cairn task show fix-login', 'its state, its text, its hand-off']],
  options: (yargs) => yargs.positional('task', { type: 'string', demandOption: true, describe: 'Its name' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const task = await project.tasks.show(checkName('a task', args.task));
    const spec = task.spec === undefined ? undefined : await project.tasks.text(task.spec);
    const result = task.result === undefined ? undefined : await project.tasks.text(task.result);
    if (output.json) {
      await output.object({ ...taskObject(task), spec, result });
      return undefined;
    }
    await output.line(taskLine(task));
    await output.line(visible(`title: ${task.title}`));
    await output.line(`changed: ${iso(task.changed)}; priority ${task.prio}; claimed ${count(task.attempts, 'time')}`);
    const lists = { needs: task.deps, labels: task.labels, artifacts: task.artifacts };
    for (const [name, values] of Object.entries(lists))
      if (values.length > 0) await output.line(visible(`${name}: ${values.join(', ')}`));
    const { handoff } = task;
    const git =
      handoff?.git &&
      [`branch ${handoff.git.branch ?? '?'} at ${handoff.git.commit ?? '?'}`, ...handoff.git.changed].join('\n');
    const texts = {
      spec,
      // What was left with a hand-off stands there.
      note: task.note === handoff?.note ? undefined : task.note,
      next: task.next,
      reason: task.reason,
      result,
      [`left by ${handoff?.from}`]: handoff?.note,
      git,
    };
    for (const [name, text] of Object.entries(texts)) if (text) await output.line(`${visible(name)}:\n${quoted(text)}`);
    return undefined;
  },
});

export const logCommand = defineCommand({
  usage: 'log <task>',
  describe: 'Show every change of a task: who, when, what; the newest first',
  examples: [['cairn task log fix-login', 'from the last change back to the first']],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('limit', { type: 'number', alias: 'n', default: 100, describe: 'At most so many' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const events = await project.tasks.log(checkName('a task', args.task), args.limit);
    if (output.json) for (const { at, ...event } of events) await output.object({ ...event, at: iso(at) });
    else {
      await output.table(events, [
        { title: 'VERSION', cell: (event) => String(event.version), align: 'right', optional: true },
        { title: 'AT', cell: (event) => iso(event.at) },
        { title: 'DID', cell: (event) => event.op ?? '' },
        { title: 'STATE', cell: (event) => event.state },
        { title: 'EPOCH', cell: (event) => String(event.epoch), align: 'right' },
        { title: 'BY', cell: (event) => event.by.agent },
        { title: 'NOTE', cell: (event) => event.reason ?? event.note ?? '', flexible: true },
      ]);
    }
    return undefined;
  },
});

export const whyCommand = defineCommand({
  usage: 'why <task>',
  describe: 'Say whether a task can be claimed here, and if not, why not and who holds it',
  examples: [['cairn task why fix-login', 'nothing is changed']],
  options: (yargs) => yargs.positional('task', { type: 'string', demandOption: true, describe: 'Its name' }),
  async run(args, context) {
    const { output } = context;
    const project = await openShared(context);
    const { task, ...found } = await project.tasks.why(checkName('a task', args.task));
    if (output.json) await output.object({ name: task.name, state: task.state, epoch: task.epoch, ...found });
    else await output.line(`${taskLine(task)}: ${visible(sentence(found))}`);
    return undefined;
  },
});

const free: Readonly<Record<Extract<Assessment, { verdict: 'free' }>['why'], string>> = {
  open: 'nobody has it',
  offered: 'it is offered to you',
  'offer-expired': 'the offer is over',
  'holder-dead': 'its holder is dead',
  hung: 'its holder lives, but has changed nothing for too long',
};

/** What an assessment means for whoever asked. */
function sentence(found: Assessment): string {
  switch (found.verdict) {
    case 'free':
      return `it can be claimed, ${free[found.why]}`;
    case 'mine':
      return 'it is yours';
    case 'expired':
      return `it can be claimed, its holder has not been seen for its time to live (process ${found.holder})`;
    case 'held':
      return `not to be claimed, its holder was seen ${formatAge(found.ageMs)} ago (process ${found.holder})`;
    case 'offered':
      return `not to be claimed, only ${found.to} can accept it`;
    case 'terminal':
      return 'not to be claimed, it has ended';
    case 'blocked':
      return `not to be claimed, it needs ${found.by.join(', ')}`;
  }
}

export const waitCommand = (group: 'task ' | '') =>
  defineCommand({
    usage: 'wait <task..>',
    describe: 'Wait until tasks are done',
    examples: [
      [`cairn ${group}wait build test`, 'until both are done'],
      [`cairn ${group}wait build --timeout 0s`, 'look once'],
    ],
    epilogue:
      'Exit code 6 at once where one is blocked, failed or cancelled; 124 when the time is over, with the command that goes on waiting.',
    options: (yargs) =>
      waitOptions(yargs).positional('task', { type: 'string', array: true, demandOption: true, describe: 'Names' }),
    async run(args, context) {
      const { output } = context;
      const names = args.task.map((name) => checkName('a task', name));
      const project = await openShared(context);
      const resume = `cairn ${group}wait ${names.join(' ')} --timeout ${args.timeout}`;
      const tasks = await resumable(project.tasks.wait(names, waiting(args, context.signal)), resume);
      for (const task of tasks) await (output.json ? output.object(taskObject(task)) : output.line(taskLine(task)));
      return undefined;
    },
  });
