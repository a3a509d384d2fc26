import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run as runChild } from '../child.ts';
import { temporaryFolder } from '../mirror/rig.ts';

/** The program as it is shipped; `test/build.ts` compiled it. */
export const main = join(import.meta.dirname, '../../dist/src/cli/main.js');

export interface Result {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user with a home of their own, who runs the program as a child process. */
export class User {
  readonly home: string;
  env: NodeJS.ProcessEnv;

  private constructor(home: string) {
    this.home = home;
    this.env = { PATH: process.env.PATH, HOME: home };
  }

  static async create(): Promise<User> {
    return new User(await temporaryFolder());
  }

  /** In a folder that outlives the test. */
  static async createAt(home: string): Promise<User> {
    return new User(home);
  }

  get bucket(): string {
    return join(this.home, '.local/share/cairn/bucket');
  }

  async run(...args: readonly string[]): Promise<Result> {
    return this.runIn('.', ...args);
  }

  async runIn(folder: string, ...args: readonly string[]): Promise<Result> {
    const cwd = join(this.home, folder);
    await mkdir(cwd, { recursive: true });
    const { exit, stdout, stderr } = await runChild([process.execPath, main, ...args], { cwd, env: this.env });
    return { exit, stdout: stdout.toString('utf8'), stderr };
  }
}

export function objects(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** An error of the user: one line, a hint, no stack. */
export function expectFailure(result: Result, exit: number, message: RegExp): void {
  expect(result.stderr).toMatch(message);
  const lines = result.stderr.trimEnd().split('\n');
  const at = lines.findIndex((line) => message.test(line));
  expect(lines[at]).toMatch(/^cairn: /);
  expect(lines.slice(at + 1).every((line) => line.startsWith('hint: '))).toBe(true);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.exit).toBe(exit);
}
