import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { CatalogLine } from '../mirror/meta.ts';
import type { Runtime } from '../runtime.ts';
import { catalogKey, catalogPrefix, parseCatalogKey } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { newestOf, readMirror } from './catalog.ts';

const gzip = promisify(gzipCallback);
/** A mirror that wrote nothing for so long has ended, or writes all of its catalog when it comes back. */
const IDLE_MS = 30 * 86_400_000;

export interface FoldedCatalogs {
  readonly mirrors: number;
  readonly sessions: number;
}

/**
 * Puts the catalogs that nobody has touched for 30 days into one, so that a list does not ask for those of every host
 * that ever was. The new one stands under a name of its own, and is there before the others go: two that do this at
 * once leave one more, and nothing is lost. Nothing to do: nothing is returned.
 * @throws CairnError of the store
 */
export async function foldCatalogs(
  store: BucketStore,
  project: string,
  runtime: Pick<Runtime, 'id'>,
  { dryRun = false, ...options }: RequestOptions & { readonly dryRun?: boolean } = {},
): Promise<FoldedCatalogs | undefined> {
  const touched = new Map<string, number>();
  for await (const entry of store.list(catalogPrefix(project), options)) {
    const catalog = 'key' in entry ? parseCatalogKey(project, entry.key) : undefined;
    if (!catalog || !('key' in entry)) continue;
    const idle = entry.date - entry.modified;
    touched.set(catalog.mirror, Math.min(idle, touched.get(catalog.mirror) ?? idle));
  }
  const old: string[] = [];
  const lines: CatalogLine[] = [];
  for (const [mirror, idle] of touched) {
    if (idle < IDLE_MS) continue;
    let sound = true;
    const read = await readMirror(store, project, mirror, () => (sound = false), options);
    if (!sound) continue; // it is left for a person
    old.push(mirror);
    for (const line of read) lines.push(line);
  }
  if (old.length < 2) return undefined;
  const newest = newestOf(lines);
  if (!dryRun) {
    const text = newest.map((line) => `${JSON.stringify(line)}\n`).join('');
    await store.overwrite(catalogKey(project, `folded-${runtime.id()}`, 'base'), await gzip(text), options);
    for (const mirror of old) {
      for (const file of ['recent', 'base'] as const) await store.remove(catalogKey(project, mirror, file), options);
    }
  }
  return { mirrors: old.length, sessions: newest.length };
}
