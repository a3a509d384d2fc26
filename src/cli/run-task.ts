import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Project } from '../coordination/project.ts';
import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { checkName, openShared } from './coordinate.ts';
import { parseDuration } from './values.ts';

/** Between TERM and KILL. */
const graceMs = 10_000;

export const runCommand = defineCommand({
  usage: 'run <task> [command..]',
  describe: 'Claim a task, run a command for it, and complete the task if the command succeeds',
  examples: [['cairn run nightly -- make test', 'open again if it fails, or if this host dies']],
  epilogue:
    'The command gets CAIRN_TASK, CAIRN_EPOCH and CAIRN_PROCESS, and is stopped (TERM, after 10 s KILL) when the claim is lost. Its exit code is passed on; 3: the claim was refused or lost, other codes of `cairn task claim` before it starts, 125: Cairn failed, 126 and 127: the command cannot be executed, was not found, 128+n: signal n ended it.',
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'Name of the task' })
      .positional('command', { type: 'string', array: true, describe: 'Behind --' })
      .option('ttl', {
        type: 'string',
        describe: 'Others may take over after so long without a heartbeat; default 90s',
      }),
  async run(args, context) {
    const { output, signal } = context;
    // What stands behind -- is no argument to yargs, but for the command's own name.
    const [command, ...rest] = [...(args.command ?? []), ...args._.slice(1).map(String)];
    if (command === undefined) throw new CairnError('usage', 'expected a command behind --, got none');
    const ttlMs = args.ttl === undefined ? undefined : parseDuration('ttl', args.ttl);
    const project = await openShared(context, { mode: 'beside', ttlMs });
    const task = checkName('a task', args.task);
    try {
      const { epoch } = await project.tasks.claim(task);
      const { process: holder } = await project.agents.register();
      const env = { ...process.env, CAIRN_TASK: task, CAIRN_EPOCH: String(epoch), CAIRN_PROCESS: holder };
      const ended = await runChild(command, rest, { env, lost: project.lost, signal }).catch(async (error) => {
        await project.tasks.fail(task, { epoch, retry: true, reason: 'the command could not be started' });
        throw error;
      });
      if (project.lost.aborted) throw lost(task, epoch);
      await settle(project, task, epoch, ended);
      if (signal.aborted) output.note(`${task} is open again`);
      return ended;
    } finally {
      await project.close();
    }
  },
});

/** Complete, or fail with a retry, by the command's exit code. */
async function settle(project: Project, task: string, epoch: number, exit: number): Promise<void> {
  try {
    if (exit === 0) await project.tasks.complete(task, { epoch });
    else await project.tasks.fail(task, { epoch, retry: true, reason: `the command ended with ${exit}` });
  } catch (error) {
    // The command itself may have completed, offered or released it.
    if (!(error instanceof CairnError)) throw error;
    const isOver = error.code === 'terminal' || error.code === 'lost';
    if (isOver && (await project.tasks.show(task)).epoch === epoch) return;
    if (error.code === 'lost') throw error;
    throw new CairnError('run-failed', `expected to say how ${task} ended, got: ${error.message}`, {
      hint: 'the command has run; its task is still held until its time to live is over',
      cause: error,
    });
  }
}

function lost(task: string, epoch: number): CairnError {
  return new CairnError(
    'lost',
    `expected to hold ${task} in epoch ${epoch} until its command ends, but the claim was lost`,
    {
      hint: 'the command was stopped; what it did outside of the bucket may have to be undone',
      details: { epoch },
    },
  );
}

interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly lost: AbortSignal;
  readonly signal: AbortSignal;
}

/** Exit code of a command that runs in a process group of its own, without a shell. */
function runChild(
  command: string,
  args: readonly string[],
  { env, lost: gone, signal }: ChildOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'inherit', detached: true });
    let kill: NodeJS.Timeout | undefined;
    const stop = () => {
      signalGroup(child, 'SIGTERM');
      kill ??= setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    };
    for (const reason of [gone, signal]) {
      if (reason.aborted) stop();
      reason.addEventListener('abort', stop, { once: true });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      const code =
        error.code === 'ENOENT' ? 'command-not-found' : error.code === 'EACCES' ? 'cannot-execute' : 'run-failed';
      reject(
        new CairnError(code, `expected to run ${JSON.stringify(command)}, got ${error.code ?? error.message}`, {
          cause: error,
        }),
      );
    });
    child.once('exit', (code, by) => {
      clearTimeout(kill);
      resolve(code ?? 128 + constants.signals[by ?? 'SIGKILL']);
    });
  });
}

/** The command and everything it started. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    child.kill(signal); // the group is gone, or this system has none
  }
}
