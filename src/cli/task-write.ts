import type { Argv } from 'yargs';
import type { Claim } from '../coordination/claim.ts';
import type { TaskView } from '../coordination/task.ts';
import { type Context, defineCommand, type Globals } from './command.ts';
import {
  checkName,
  idemOption,
  openShared,
  readText,
  resumable,
  taskLine,
  taskObject,
  waiting,
  waitOptions,
} from './coordinate.ts';
import { parseDuration } from './values.ts';

/** `task `, or nothing for the short form of a command. */
export type Prefix = 'task ' | '';

function taskArgument<T extends Globals>(yargs: Argv<T>) {
  return idemOption(yargs).positional('task', { type: 'string', demandOption: true, describe: 'Name of the task' });
}

/** Options of every step of a holder. */
function stepOptions<T extends Globals>(yargs: Argv<T>) {
  return taskArgument(yargs)
    .option('epoch', {
      type: 'number',
      describe: 'The claim this belongs to; default CAIRN_EPOCH, else whichever one holds',
    })
    .option('note', { type: 'string', describe: 'What is to be known; - reads standard input' })
    .option('next', { type: 'string', describe: 'What should be done next' })
    .option('artifact', { type: 'string', array: true, describe: 'Names of artifacts that belong to it' });
}

interface StepArgs {
  readonly task: string;
  readonly epoch?: number | undefined;
  readonly note?: string | undefined;
  readonly next?: string | undefined;
  readonly artifact?: string[] | undefined;
  readonly idem?: string | undefined;
}

async function stepOf(args: StepArgs, context: Context) {
  const given = process.env.CAIRN_EPOCH;
  return {
    epoch: args.epoch ?? (given && process.env.CAIRN_TASK === args.task ? Number(given) : undefined),
    note: args.note === undefined ? undefined : await readText(context, args.note),
    next: args.next,
    artifacts: args.artifact,
    idem: args.idem,
  };
}

async function tell({ output }: Context, task: TaskView): Promise<undefined> {
  if (output.json) await output.object(taskObject(task));
  else await output.line(taskLine(task));
  return undefined;
}

async function tellClaim({ output }: Context, { task, epoch, already }: Claim): Promise<undefined> {
  if (output.json) await output.object({ ...taskObject(task), already });
  else await output.line(`${taskLine(task)}${already ? ' (it was before)' : ''}; complete it with --epoch ${epoch}`);
  return undefined;
}

const claimEpilogue =
  'Claiming again what one holds is no error. Exit code 3: held by another, 4: ended already, 6: a dependency is not done, 75: outcome unknown, run it again.';

export const addCommand = defineCommand({
  usage: 'add <task> [title]',
  describe: 'Add a task',
  examples: [
    ['cairn task add fix-login "The login page shows a stack trace"', 'anybody can claim it'],
    ['cairn task add release --needs fix-login --needs docs --prio 0', 'not before both are done'],
  ],
  options: (yargs) =>
    taskArgument(yargs)
      .positional('title', { type: 'string', describe: 'One line; default the name' })
      .option('spec', { type: 'string', describe: 'What is to be done; - reads standard input' })
      .option('prio', { type: 'number', default: 2, describe: '0 the most urgent, 4 the least' })
      .option('needs', { type: 'string', array: true, describe: 'A task that has to be done before' })
      .option('label', { type: 'string', array: true, describe: 'For `task list` and `task next`' })
      .option('max-hold', {
        type: 'string',
        describe: 'Others may take it when its holder changes nothing for so long',
      }),
  async run(args, context) {
    const project = await openShared(context);
    const spec = {
      title: args.title,
      spec: args.spec === undefined ? undefined : await readText(context, args.spec),
      prio: args.prio,
      deps: args.needs?.map((name) => checkName('a task', name)),
      labels: args.label,
      maxHoldMs: args.maxHold === undefined ? undefined : parseDuration('max-hold', args.maxHold),
    };
    return tell(context, await project.tasks.add(checkName('a task', args.task), spec, { idem: args.idem }));
  },
});

export const claimCommand = (group: Prefix) =>
  defineCommand({
    usage: 'claim <task>',
    describe: 'Take a task: of all that try, one succeeds',
    examples: [[`cairn ${group}claim fix-login`, 'its epoch is the fencing token']],
    epilogue: claimEpilogue,
    options: (yargs) =>
      taskArgument(yargs).option('max-hold', {
        type: 'string',
        describe: 'Others may take it when nothing changes for so long',
      }),
    async run(args, context) {
      const maxHoldMs = args.maxHold === undefined ? undefined : parseDuration('max-hold', args.maxHold);
      const project = await openShared(context);
      return tellClaim(
        context,
        await project.tasks.claim(checkName('a task', args.task), { maxHoldMs, idem: args.idem }),
      );
    },
  });

export const nextCommand = defineCommand({
  usage: 'next',
  describe: 'Claim the most urgent task that can be claimed; what one holds already comes first',
  examples: [
    ['cairn task next', 'exit code 10 where there is none'],
    ['cairn task next --wait --label backend', 'waits for one'],
  ],
  epilogue: claimEpilogue,
  options: (yargs) =>
    waitOptions(idemOption(yargs))
      .option('label', { type: 'string', array: true, describe: 'Only with all of these' })
      .option('wait', { type: 'boolean', describe: 'Wait for one' }),
  async run(args, context) {
    const project = await openShared(context);
    const wait = args.wait ? waiting(args, context.signal) : {};
    const resume = ['cairn task next --wait', ...(args.label ?? []).map((label) => `--label ${label}`)].join(' ');
    return tellClaim(
      context,
      await resumable(project.tasks.next({ labels: args.label }, { ...wait, idem: args.idem }), resume),
    );
  },
});

export const progressCommand = defineCommand({
  usage: 'progress <task>',
  describe: 'Say how far it is',
  examples: [['cairn task progress fix-login --note "cause found, writing the test"', 'it counts as moving again']],
  options: (yargs) => stepOptions(yargs),
  async run(args, context) {
    const project = await openShared(context);
    return tell(context, await project.tasks.progress(checkName('a task', args.task), await stepOf(args, context)));
  },
});

export const completeCommand = (group: Prefix) =>
  defineCommand({
    usage: 'complete <task>',
    describe: 'Mark a task as done, for ever',
    examples: [
      [`cairn ${group}complete fix-login --epoch 3 --result "merged as 4f2c"`, 'refused if another has it now'],
    ],
    epilogue: 'Exit code 3: the claim was lost, what was done is not counted; 4: it has ended already.',
    options: (yargs) =>
      stepOptions(yargs).option('result', { type: 'string', describe: 'What came out; - reads standard input' }),
    async run(args, context) {
      const result = args.result === undefined ? undefined : await readText(context, args.result);
      const project = await openShared(context);
      return tell(
        context,
        await project.tasks.complete(checkName('a task', args.task), { ...(await stepOf(args, context)), result }),
      );
    },
  });

export const failCommand = defineCommand({
  usage: 'fail <task>',
  describe: 'Mark a task as failed, or with --retry give it to others',
  examples: [['cairn task fail fix-login --reason "no access" --retry', 'open again']],
  options: (yargs) =>
    stepOptions(yargs)
      .option('reason', { type: 'string', describe: 'Why' })
      .option('retry', { type: 'boolean', describe: 'Open again' }),
  async run(args, context) {
    const project = await openShared(context);
    const { reason, retry } = args;
    return tell(
      context,
      await project.tasks.fail(checkName('a task', args.task), { ...(await stepOf(args, context)), reason, retry }),
    );
  },
});

export const releaseCommand = defineCommand({
  usage: 'release <task>',
  describe: 'Give a task back; its epoch stays',
  examples: [['cairn task release fix-login --note "did not start"', 'open again']],
  options: (yargs) => stepOptions(yargs),
  async run(args, context) {
    const project = await openShared(context);
    return tell(context, await project.tasks.release(checkName('a task', args.task), await stepOf(args, context)));
  },
});

function pauseCommand(name: 'block' | 'review', describe: string, example: string) {
  return defineCommand({
    usage: `${name} <task>`,
    describe,
    examples: [[`cairn task ${name} fix-login --reason "${example}"`, 'one holds it still']],
    options: (yargs) => stepOptions(yargs).option('reason', { type: 'string', describe: 'For what' }),
    async run(args, context) {
      const project = await openShared(context);
      const step = { ...(await stepOf(args, context)), reason: args.reason };
      return tell(context, await project.tasks[name](checkName('a task', args.task), step));
    },
  });
}

export const blockCommand = pauseCommand('block', 'Say that it cannot go on', 'needs a key');
export const reviewCommand = pauseCommand('review', 'Say that it waits for somebody to look at it', 'see branch fix');

export const handoffCommand = (group: Prefix) =>
  defineCommand({
    usage: 'handoff <task>',
    describe: 'Give a task to another agent, with what it needs to know, in one write',
    examples: [
      [
        `cairn ${group}handoff fix-login --to reviewer --note "tests are green" --next "merge it"`,
        'branch, commit and changed files come from git',
      ],
    ],
    options: (yargs) =>
      stepOptions(yargs)
        .option('to', { type: 'string', demandOption: true, describe: 'The agent' })
        .option('offer', { type: 'string', default: '15min', describe: 'Only that agent can take it for so long' })
        .option('git', { type: 'boolean', default: true, describe: 'Look at the checkout here; --no-git: do not' }),
    async run(args, context) {
      const { gitState } = await import('../coordination/git.ts');
      const git = args.git ? await gitState(process.cwd(), process.env) : undefined;
      const project = await openShared(context);
      const to = checkName('an agent', args.to);
      const offerMs = parseDuration('offer', args.offer);
      return tell(
        context,
        await project.tasks.handoff(checkName('a task', args.task), {
          ...(await stepOf(args, context)),
          to,
          git,
          offerMs,
        }),
      );
    },
  });

export const acceptCommand = defineCommand({
  usage: 'accept <task>',
  describe: 'Take a task that is offered',
  examples: [['cairn task accept fix-login', '`cairn task show` says what was left for you']],
  epilogue: claimEpilogue,
  options: (yargs) => taskArgument(yargs),
  async run(args, context) {
    const project = await openShared(context);
    return tellClaim(context, await project.tasks.accept(checkName('a task', args.task), { idem: args.idem }));
  },
});

export const declineCommand = defineCommand({
  usage: 'decline <task>',
  describe: 'Refuse a task that is offered: it is open for all',
  examples: [['cairn task decline fix-login --reason "no time"', 'the reason stays in the log']],
  options: (yargs) => taskArgument(yargs).option('reason', { type: 'string', describe: 'Why' }),
  async run(args, context) {
    const project = await openShared(context);
    return tell(
      context,
      await project.tasks.decline(checkName('a task', args.task), { reason: args.reason, idem: args.idem }),
    );
  },
});

export const cancelCommand = defineCommand({
  usage: 'cancel <task>',
  describe: 'End a task that nobody needs',
  examples: [['cairn task cancel fix-login --reason "page was removed"', 'not if another holds it: steal it first']],
  options: (yargs) => taskArgument(yargs).option('reason', { type: 'string', describe: 'Why' }),
  async run(args, context) {
    const project = await openShared(context);
    return tell(
      context,
      await project.tasks.cancel(checkName('a task', args.task), { reason: args.reason, idem: args.idem }),
    );
  },
});

export const stealCommand = defineCommand({
  usage: 'steal <task>',
  describe: 'Take a task from a holder whose time is over: its process is declared dead, then the task taken',
  examples: [
    ['cairn task steal fix-login --reason "host is gone"', 'refused while its holder lives'],
    ['cairn task steal fix-login --reason "wrong one" --force', "also then; a person's decision"],
  ],
  epilogue: claimEpilogue,
  options: (yargs) =>
    taskArgument(yargs)
      .option('reason', { type: 'string', demandOption: true, describe: 'Why; stays in the log' })
      .option('force', { type: 'boolean', describe: 'Also from a holder that lives: all it holds is free then' }),
  async run(args, context) {
    const project = await openShared(context);
    const { reason, force, idem } = args;
    return tellClaim(context, await project.tasks.steal(checkName('a task', args.task), { reason, force, idem }));
  },
});
