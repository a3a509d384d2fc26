import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Handoff } from './task.ts';

const run = promisify(execFile);
const mostFiles = 200;

/**
 * Branch, commit and changed files (also untracked ones) of the checkout in `folder`, as git tells them;
 * `undefined` where there is none, or no git.
 */
export async function gitState(folder: string, env: NodeJS.ProcessEnv): Promise<Handoff['git']> {
  // Optional locks: looking must not disturb a git that works there.
  const git = async (...args: string[]) =>
    (await run('git', ['--no-optional-locks', ...args], { cwd: folder, env, maxBuffer: 32 << 20 })).stdout;
  try {
    const status = await git('status', '--porcelain=v1', '-z', '--untracked-files=all');
    const branch = (await git('rev-parse', '--abbrev-ref', 'HEAD').catch(() => '')).trim();
    const commit = (await git('rev-parse', 'HEAD').catch(() => '')).trim();
    const changed: string[] = [];
    const fields = status.split('\0');
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] ?? '';
      if (field === '') continue;
      changed.push(field.slice(3));
      // A rename has its old name in a field of its own.
      if (/^[RC]|^.[RC]/.test(field)) i++;
    }
    return { ...(branch && { branch }), ...(commit && { commit }), changed: changed.slice(0, mostFiles) };
  } catch {
    return undefined;
  }
}
