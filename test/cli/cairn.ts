import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { run as runChild } from '../child.ts';
import { temporaryFolder } from '../mirror/rig.ts';

const root = join(import.meta.dirname, '..', '..');

export interface Result {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program, compiled as it is shipped, into a folder of this run's own. */
export async function compileProgram(): Promise<string> {
  // Inside of the package, where its modules and its manifest are found.
  const folder = join(root, 'build', `cli-${process.pid}`);
  await mkdir(folder, { recursive: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [
    tsc,
    '-p',
    join(root, 'tsconfig.json'),
    '--outDir',
    join(folder, 'dist'),
  ]);
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  return folder;
}

/** A user with a home of their own, who runs the program as a child process. */
export class User {
  readonly home: string;
  readonly #main: string;
  env: NodeJS.ProcessEnv;

  private constructor(program: string, home: string) {
    this.home = home;
    this.#main = join(program, 'dist', 'src', 'cli', 'main.js');
    this.env = { PATH: process.env.PATH, HOME: home };
  }

  static async create(program: string): Promise<User> {
    return new User(program, await temporaryFolder());
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
    const { exit, stdout, stderr } = await runChild([process.execPath, this.#main, ...args], { cwd, env: this.env });
    return { exit, stdout: stdout.toString('utf8'), stderr };
  }

  get main(): string {
    return this.#main;
  }
}

export function objects(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
