import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/**
 * `user.name` as git's own files have it: the repository's, the user's, the system's. Includes are not
 * followed. A file that cannot be read is as good as none: the name is for people.
 */
export async function gitUser(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  repository: string | undefined,
): Promise<string | undefined> {
  const xdg = env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : join(home, '.config');
  const files = [
    ...(repository === undefined ? [] : [join(repository, '.git', 'config')]),
    ...(env.GIT_CONFIG_GLOBAL ? [env.GIT_CONFIG_GLOBAL] : [join(home, '.gitconfig'), join(xdg, 'git', 'config')]),
    '/etc/gitconfig',
  ];
  for (const file of files) {
    const name = userName(await readFile(file, 'utf8').catch(() => ''));
    if (name !== undefined) return name;
  }
  return undefined;
}

function userName(config: string): string | undefined {
  let section = '';
  let name: string | undefined;
  for (const line of config.split('\n')) {
    section = /^\s*\[\s*([^\]"\s]+)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? (/^\s*\[/.test(line) ? '' : section);
    const value = section === 'user' ? /^\s*name\s*=\s*(.*?)\s*$/i.exec(line)?.[1] : undefined;
    if (value) name = value.replace(/^"(.*)"$/, '$1');
  }
  return name === '' ? undefined : name;
}
