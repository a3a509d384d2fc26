import type { BucketStore, RequestOptions } from '../store/types.ts';
import { readCatalog } from './catalog.ts';
import { storedSessions } from './inventory.ts';

/** Sessions counted, where the catalog and what lies in the bucket differ. */
export interface Parity {
  readonly listed: number;
  /** In the bucket, not in the catalog. */
  readonly missing: number;
  /** In the catalog, not in the bucket. */
  readonly gone: number;
  /** What they depart from is not in the bucket. */
  readonly orphans: number;
  /** What of the catalog could not be read, in words. */
  readonly problems: readonly string[];
}

/** The catalog against a LIST of all sessions. @throws CairnError of the store */
export async function compareCatalog(store: BucketStore, project: string, options?: RequestOptions): Promise<Parity> {
  const { lines, problems } = await readCatalog(store, project, options);
  const nameOf = (harness: string, session: string) => JSON.stringify([harness, session]);
  const stored = new Set<string>();
  for await (const { harness, session } of storedSessions(store, project, options)) {
    stored.add(nameOf(harness, session));
  }
  const listed = new Set(lines.map(({ harness, session }) => nameOf(harness, session)));
  const count = <T>(of: Iterable<T>, test: (one: T) => boolean) => [...of].filter(test).length;
  return {
    listed: listed.size,
    missing: count(stored, (name) => !listed.has(name)),
    gone: count(listed, (name) => !stored.has(name)),
    orphans: count(lines, ({ harness, lineage = [] }) =>
      lineage.some(({ kind, session }) => kind === 'base' && !stored.has(nameOf(harness, session))),
    ),
    problems,
  };
}
