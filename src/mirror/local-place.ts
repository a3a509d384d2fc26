import { createHash } from 'node:crypto';

/** How a bucket and project are called in the local state: 32 hexadecimal digits. */
export function localPlace(url: string, project: string): string {
  return createHash('sha256')
    .update(JSON.stringify([url, project]))
    .digest('hex')
    .slice(0, 32);
}
