import { statfs } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { CairnError } from '../errors.ts';
import { isAbsent } from './file-errors.ts';

/** `f_type` of statfs(2) on Linux: file systems of which two hosts may see different names for a while. */
const networkTypes: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  1397113167: 'AFS',
  1937076805: 'Coda',
};

/** Folders that a program copies to other hosts later, by the names that those programs give them. */
const synced =
  /^(Dropbox( \(.+\))?|OneDrive( - .+)?|Google ?Drive|My Drive|CloudStorage|Mobile Documents|iCloudDrive|Nextcloud|ownCloud|pCloudDrive|Box Sync)$/i;

/**
 * Refuses a folder that other hosts share: a link(2) that succeeds there says nothing about theirs.
 * @throws CairnError `unfit`
 */
export async function refuseShared(folder: string): Promise<void> {
  const kind = sharedBy(folder, await fileSystemType(folder));
  if (kind === undefined) return;
  throw new CairnError('unfit', `expected a folder on a local disk, got one on ${kind}: ${folder}`, {
    hint: 'use an S3 bucket between hosts; or, if only one host and process ever writes there, `--single-writer`',
  });
}

/** What shares a folder with other hosts, in words. `type` is the file system's `f_type`. */
export function sharedBy(folder: string, type: number): string | undefined {
  const network = networkTypes[type >>> 0];
  if (network !== undefined) return `the network (${network})`;
  const name = folder.split(sep).find((part) => synced.test(part));
  return name === undefined ? undefined : `a synced folder (${name})`;
}

/** Of the nearest folder that is there. */
async function fileSystemType(folder: string): Promise<number> {
  try {
    return (await statfs(folder)).type;
  } catch (error) {
    if (isAbsent(error) && dirname(folder) !== folder) return await fileSystemType(dirname(folder));
    return 0; // what cannot be asked is not refused: creating will tell
  }
}
