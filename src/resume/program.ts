import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Path of a program as a shell would find it; nothing where it is not installed. */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
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

/** A command as a POSIX shell takes it. */
export function shellLine(cwd: string, env: Readonly<Record<string, string>>, command: readonly string[]): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)} `);
  return `cd ${quoted(cwd)} && ${settings.join('')}${command.map(quoted).join(' ')}`;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
