import { CairnError, type ErrorCode } from '../errors.ts';

const kinds: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EACCES: ['denied', 'give this user access to it'],
  EPERM: ['denied', 'give this user access to it'],
  EROFS: ['denied', 'the file system is read-only: set CAIRN_STATE to a folder that can be written'],
  ENOSPC: ['disk-full', 'free some space and run the same command again'],
  EDQUOT: ['disk-full', 'free some of your quota and run the same command again'],
  EMFILE: ['unavailable', 'raise the limit of open files (ulimit -n)'],
};

/** What went wrong with a file of ours, for a person. */
export function fileError(what: string, path: string, cause: unknown): CairnError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const [kind, hint] = kinds[code] ?? ['internal' as const, 'look at this file and its folder'];
  return new CairnError(kind, `expected to use ${what} at ${path}, got ${code || String(cause)}`, { cause, hint });
}
