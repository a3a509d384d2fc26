import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Obstacle } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';

/** Path of a program as a shell would find it; nothing where it is not installed. */
async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  for (const folder of (path ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/** That an agent is not installed, if it is not. */
export async function obstacleOfProgram(harness: Harness, path: string | undefined): Promise<Obstacle[]> {
  const { title, restoring, importing } = harness;
  const { program } = restoring ?? importing ?? {};
  if (program === undefined || (await findProgram(program, path)) !== undefined) return [];
  return [{ message: `${program} is not installed here`, hint: `install ${title}` }];
}

/** A command as a POSIX shell takes it. */
export function shellLine(cwd: string, env: Readonly<Record<string, string>>, command: readonly string[]): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)} `);
  return `cd ${quoted(cwd)} && ${settings.join('')}${command.map(quoted).join(' ')}`;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
