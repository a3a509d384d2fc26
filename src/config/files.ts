import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, TomlError, type TomlTable } from 'smol-toml';
import { CairnError } from '../errors.ts';
import { fileSource, type SettingSource } from './settings.ts';

/** A project's own configuration, looked for in the current folder and above. */
export const projectFile = '.cairn.toml';

/**
 * The nearest `.cairn.toml`, or another file of a project, from `folder` upwards. It decides where transcripts
 * go, or what is taken out of them, so one that belongs to another user (a shared `/tmp`, say) is refused.
 * @param uid of this process; `undefined` where the platform has none
 * @throws CairnError `config`, `denied`
 */
export async function findProjectFile(
  folder: string,
  uid: number | undefined,
  name = projectFile,
): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    const found = await stat(path).catch(absent(path));
    if (found?.isFile()) {
      if (uid !== undefined && uid !== 0 && found.uid !== uid && found.uid !== 0) {
        throw new CairnError('config', `expected ${path} to be yours, but it belongs to user ${found.uid}`, {
          hint: 'it says what becomes of your sessions: take it over (chown) if you trust it, or work outside of that folder',
        });
      }
      return path;
    }
    if (dirname(at) === at) return undefined;
  }
}

/**
 * Settings of a TOML file; nothing when it is missing.
 * @throws CairnError `config` with line and column, `denied`
 */
export async function readSettings(path: string): Promise<SettingSource | undefined> {
  const table = await readToml(path, 'bucket = "s3://my-bucket"');
  return table && fileSource(path, table);
}

/**
 * The table of a TOML file; nothing when it is missing.
 * @param example of a line that would be right
 * @throws CairnError `config` with line and column, `denied`
 */
export async function readToml(path: string, example: string): Promise<TomlTable | undefined> {
  const text = await readFile(path, 'utf8').catch(absent(path));
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [reason = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new CairnError(
      'config',
      `expected TOML in ${path}, got at line ${cause.line}, column ${cause.column}: ${reason}`,
      {
        cause,
        hint: `correct that line, e.g. ${example}`,
      },
    );
  }
}

function absent(path: string): (cause: NodeJS.ErrnoException) => undefined {
  return (cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw new CairnError('denied', `expected to read ${path}, got ${cause.code ?? cause.message}`, {
      cause,
      hint: 'give this user access to that file',
    });
  };
}
