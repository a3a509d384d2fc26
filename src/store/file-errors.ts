import { CairnError } from '../errors.ts';

/** The `code` of an error of the operating system, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined; // Node's own are ERR_…
}

/** No file has this name, or can have it. */
export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '');
}

/** What an error of the file system means for the user of a directory bucket; `doing` is like `read KEY`. */
export function fileError(error: unknown, doing: string): unknown {
  const code = errnoOf(error);
  if (code === undefined || error instanceof CairnError) return error;
  const message = `expected to ${doing}, got ${error instanceof Error ? error.message : code}`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new CairnError('disk-full', message, { cause: error, hint: 'make room on that disk, then run again' });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CairnError('denied', message, { cause: error, hint: 'check the owner and mode of that folder' });
    case 'ENAMETOOLONG':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
      return new CairnError('unfit', message, {
        cause: error,
        hint: 'the file system cannot hold this key: its name is too long, or a file stands where a folder must',
      });
    default:
      return new CairnError('unavailable', message, { cause: error, hint: 'run again; if it stays, check the disk' });
  }
}

/** What a refused link(2) means: without it there is no create-once. */
export function linkError(error: unknown, doing: string): unknown {
  const code = errnoOf(error);
  if (code === undefined || !['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'].includes(code)) {
    return fileError(error, doing);
  }
  return new CairnError('unfit', `expected a file system with hard links, got ${code} from link(2)`, {
    cause: error,
    hint: 'use a folder on a local disk (ext4, xfs, btrfs, APFS, NTFS) or an S3 bucket',
  });
}
