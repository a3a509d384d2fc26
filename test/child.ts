import { spawn } from 'node:child_process';

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** After so many milliseconds the child and all that it started are killed. */
  readonly timeoutMs?: number;
  /** Called with its process id as soon as it runs. */
  readonly started?: (pid: number) => void;
}

export interface ChildResult {
  /** Exit code, or the signal that ended it. */
  readonly exit: number | string;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a command in a process group of its own, without standard input, and collects what it writes. */
export function run(command: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const [program = '', ...args] = command;
  const { cwd, env, timeoutMs = 180_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) options.started?.(child.pid);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    const limit = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), timeoutMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      resolve({
        exit: code ?? signal ?? 'lost',
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}
