import { CairnError } from '../errors.ts';

/** The database changed under a read: what was read is nothing, and the read begins again. */
export class Moved extends Error {}

/** What a failed open means to the user. */
export function fileError(path: string, cause: unknown): CairnError {
  switch ((cause as NodeJS.ErrnoException)?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CairnError('not-found', `The database is gone: ${path}`, { cause });
    case 'EACCES':
    case 'EPERM':
      return new CairnError('denied', `The database may not be read: ${path}`, {
        hint: 'Run as the user that owns it, or give that user read permission.',
        cause,
      });
    case 'ELOOP':
      return new CairnError('corrupt', `Expected a database, got a symbolic link: ${path}`, { cause });
    default:
      return new CairnError('unavailable', `The database cannot be read: ${path}`, { cause });
  }
}

/** The end of all attempts. */
export function busyError(path: string, cause: unknown): CairnError {
  return new CairnError('unavailable', `The database was busy at every attempt to read it: ${path}`, {
    hint: 'Nothing is lost; the next run reads it again. After a crash of the agent, start it once.',
    cause,
  });
}
