import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CairnError } from '../errors.ts';
import type { PreparedResume } from '../resume/prepare.ts';
import type { Context } from './command.ts';
import { openShared } from './coordinate.ts';

/** A session that nobody else works on as long as it is held. */
export interface Lease {
  /** Aborted when another has taken it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

const free: Lease = { lost: new AbortController().signal, release: async () => {} };

/** Takes the session as a task is claimed. @throws CairnError `held`, naming who works on it */
export async function holdSession(
  context: Context,
  { context: { harness, state } }: { readonly context: Pick<PreparedResume['context'], 'harness' | 'state'> },
  session: string,
  force: boolean,
): Promise<Lease> {
  // A copy elsewhere is no claim to go on.
  if (!state) return free;
  const project = await openShared(context, { mode: 'beside' }).catch((error) => {
    if (!(error instanceof CairnError && error.code === 'unfit')) throw error;
    context.output.note(`nobody is told that you work on this session: ${error.message}`);
    return undefined;
  });
  if (!project) return free;
  try {
    const name = `${harness.name}/${session}`;
    await project.leases.take(name, { note: 'session resume', force });
    return {
      lost: project.lost,
      async release() {
        await project.leases.release(name);
        await project.close();
      },
    };
  } catch (error) {
    await project.close();
    throw error;
  }
}

/** Runs the agent on this terminal; its exit code. */
export function runAgent(
  prepared: Pick<PreparedResume, 'command' | 'workplace'> & Partial<Pick<PreparedResume, 'environment'>>,
  lost: AbortSignal,
  signal: AbortSignal,
): Promise<number> {
  const [program = '', ...rest] = prepared.command;
  const env = { ...process.env, ...prepared.environment };
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: prepared.workplace.cwd, env, stdio: 'inherit' });
    const stop = () => child.kill('SIGTERM');
    // Ctrl-C reaches the agent by the terminal; what else ends this program ends the agent too.
    for (const reason of [lost, signal]) reason.addEventListener('abort', stop, { once: true });
    child.once('error', (cause) => {
      reject(new CairnError('run-failed', `expected to run ${program}, got ${cause.message}`, { cause }));
    });
    child.once('exit', (code, by) => resolve(code ?? 128 + constants.signals[by ?? 'SIGKILL']));
  });
}
