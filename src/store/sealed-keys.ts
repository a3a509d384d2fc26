import { parseSlotKey, projectPrefix } from './keys.ts';

/** Register of an encrypted project: its public key, and the private ones wrapped for its members. */
export const keysPath = 'meta/keys';

/** Folders of slots whose content is names, states and numbers only. */
const plainFolders = ['agents', 'presence', 'cursors', 'floors', 'meta'];

/**
 * How the object at `key` is kept in an encrypted project: as it is, with its header plain, with its head plain, or
 * encrypted whole. What is not named here is encrypted whole.
 */
export function sealingOf(project: string, key: string): 'plain' | 'part' | 'pack' | 'slot' | 'whole' {
  const all = projectPrefix(project);
  if (!key.startsWith(all)) return 'plain';
  const path = key.slice(all.length);
  if (plainFolders.includes(path.split('/')[0] ?? '')) return 'plain';
  const [, kind] = /^sessions\/.*\/e[a-z0-9]+\/(part|pack)-[^/]+\.jsonl\.gz$/.exec(path) ?? [];
  if (kind === 'part' || kind === 'pack') return kind;
  return parseSlotKey(project, key) === undefined ? 'whole' : 'slot';
}

/** Where a sealed part lies: the same name, but for its end. */
export function sealedPartKey(key: string): string {
  return key.replace(/\.jsonl\.gz$/, '.age');
}

/** The inverse of `sealedPartKey`; any other key stays. */
export function unsealedPartKey(key: string): string {
  return key.replace(/(\/e[a-z0-9]+\/[^/]+)\.age$/, '$1.jsonl.gz');
}
