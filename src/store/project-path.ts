import { isBodyPath } from './keys.ts';
import { isEncodedName } from './names.ts';
import { keysPath } from './sealed-keys.ts';

/** What may stand at a path below a project. */
export type PathKind = 'format' | 'key' | 'meta' | 'part' | 'pack' | 'blob' | 'slot' | 'body' | 'segment';

const name = '[a-z0-9_=~-]+';
const stream = `(?!blobs/)${name}`;
const folders = 'agents|presence|tasks|messages|cursors|memory|artifacts|leases|marks|floors';
const patterns: readonly (readonly [PathKind, RegExp])[] = [
  ['format', /^meta\/format\.json$/],
  ['key', new RegExp(`^${keysPath}/\\d{10}\\.json$`)],
  ['meta', new RegExp(`^sessions/${name}/${name}/meta\\.json$`)],
  ['part', new RegExp(`^sessions/${name}/${name}/${stream}/e[a-z0-9]{6,}/part-[a-z0-9]{8,}\\.(?:jsonl\\.gz|age)$`)],
  [
    'pack',
    new RegExp(
      `^sessions/${name}/${name}/${stream}/e[a-z0-9]{6,}/pack-[a-z0-9]{8,}-[a-z0-9]{8,}\\.(?:jsonl\\.gz|age)$`,
    ),
  ],
  ['blob', new RegExp(`^sessions/${name}/${name}/blobs/[0-9a-f]{64}$`)],
  ['slot', new RegExp(`^(?:${folders})/(?:${name}/)+\\d{10}\\.json$`)],
  ['segment', /^index\/[a-z0-9-]+\.seg$/],
];

/**
 * What the object at a path below a project is; nothing for a path that no project has, and for what belongs to one
 * bucket alone: its catalogs, what is known of its store. A path that came from outside is looked at here first.
 */
export function kindOfPath(path: string): PathKind | undefined {
  if (path.length > 1024) return undefined;
  if (isBodyPath(path)) return 'body';
  const kind = patterns.find(([, pattern]) => pattern.test(path))?.[0];
  return path.split('/').slice(1, -1).every(isEncodedName) ? kind : undefined;
}
