import { readFile, stat } from 'node:fs/promises';
import { CairnError } from '../errors.ts';

/** Where the user's identity comes from: text in `CAIRN_IDENTITY`, a file that it names, or the user's own file. */
export interface IdentitySource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `identity` in the user's configuration folder. */
  readonly file: string;
  /** Files have a mode that means something. */
  readonly modes: boolean;
}

const pattern = /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/;

/**
 * The user's age identities, as `age-keygen` writes them; nothing where no file is.
 * @throws CairnError `denied` for a file that others may read, `config` for one without an identity
 */
export async function loadIdentities({ env, file, modes }: IdentitySource): Promise<readonly string[] | undefined> {
  const named = env.CAIRN_IDENTITY || undefined;
  if (named !== undefined && pattern.test(named.trim())) return [named.trim()];
  const path = named ?? file;
  const text = await read(path, modes);
  if (text === undefined) {
    if (named === undefined) return undefined;
    throw new CairnError('denied', `expected an identity in ${path}, as CAIRN_IDENTITY says, got no file`, {
      hint: 'correct CAIRN_IDENTITY, or unset it',
    });
  }
  const identities = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0 || !identities.every((line) => pattern.test(line))) {
    throw new CairnError('config', `expected lines of AGE-SECRET-KEY-1… in ${path}, got something else`, {
      hint: 'make one: `cairn member key` or `age-keygen`',
    });
  }
  return identities;
}

async function read(path: string, modes: boolean): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if (modes && (mode & 0o077) !== 0) {
      throw new CairnError('denied', `expected ${path} to be yours alone, got mode ${(mode & 0o777).toString(8)}`, {
        hint: `chmod 600 ${path}`,
      });
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CairnError('denied', `expected to read the identity in ${path}, got ${code}`, { cause });
  }
}
