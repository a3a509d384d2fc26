import type { RetentionRule } from '../config/upkeep.ts';
import type { Runtime } from '../runtime.ts';
import { dependenciesOf, sessionId } from '../sessions/lineage.ts';
import { touchedAt } from '../sessions/list.ts';
import { removeShares } from '../sessions/shares.ts';
import { metaKey, type SessionAddress, sessionPrefix } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { updateCatalog } from './catalog.ts';
import type { CatalogLine } from './meta.ts';
import type { ProjectState } from './state-folder.ts';

/** What was shipped within this time is at work, whatever else it says. */
const ACTIVE_MS = 86_400_000;
const DAY_MS = 86_400_000;

/** Which sessions are to go. */
export interface PruneWish {
  /** Nothing happened in them since, milliseconds since 1970. */
  readonly before: number;
  /** Of each agent the newest so many stay. */
  readonly keepLast: number;
  readonly harness?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface PrunePlan {
  readonly remove: readonly CatalogLine[];
  /** Old enough, and kept all the same. */
  readonly keep: readonly { readonly line: CatalogLine; readonly reason: 'active' | 'last' | 'needed' }[];
}

/** Chooses among all sessions of a project: never one at work, never one that another's lineage needs. */
export function planPrune(lines: readonly CatalogLine[], wish: PruneWish): PrunePlan {
  const newest = new Set<string>();
  const counts = new Map<string, number>();
  for (const line of [...lines].sort((a, b) => touchedAt(b) - touchedAt(a))) {
    const n = (counts.get(line.harness) ?? 0) + 1;
    counts.set(line.harness, n);
    if (n <= wish.keepLast) newest.add(sessionId(line));
  }
  const old = lines.filter(
    (line) => touchedAt(line) < wish.before && (wish.harness === undefined || wish.harness.includes(line.harness)),
  );
  const keep: { line: CatalogLine; reason: 'active' | 'last' | 'needed' }[] = [];
  const candidates = old.filter((line) => {
    const active = wish.now - (Date.parse(line.updatedAt) || 0) < ACTIVE_MS;
    if (active) keep.push({ line, reason: 'active' });
    else if (newest.has(sessionId(line))) keep.push({ line, reason: 'last' });
    else return true;
    return false;
  });
  const { dependents } = dependenciesOf(lines);
  const going = new Set(candidates.map(sessionId));
  const remove = candidates.filter((line) => {
    // What hangs from it goes in the same run, or it stays.
    if ([...dependents(sessionId(line))].every((id) => going.has(id))) return true;
    keep.push({ line, reason: 'needed' });
    return false;
  });
  return { remove, keep };
}

/** The same for every agent by its own rule; `*` is for those that have none. */
export function planByRules(
  lines: readonly CatalogLine[],
  rules: Readonly<Record<string, RetentionRule>>,
  now: number,
  harnesses?: readonly string[],
): PrunePlan {
  const plans = [...new Set(lines.map(({ harness }) => harness))].flatMap((harness) => {
    const rule = rules[harness] ?? rules['*'];
    if (!rule || harnesses?.includes(harness) === false) return [];
    const { olderDays, keepLast } = rule;
    return planPrune(lines, { before: now - olderDays * DAY_MS, keepLast, harness: [harness], now });
  });
  return { remove: plans.flatMap(({ remove }) => remove), keep: plans.flatMap(({ keep }) => keep) };
}

/** A session whose objects are gone. */
export interface Pruned {
  readonly line: CatalogLine;
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Removes these sessions with their blobs. Those that need others go first, and a session's meta goes last: a run that
 * was cut short is finished by the next one. The local record stays, so an untouched source is not mirrored again.
 */
export async function* pruneSessions(
  store: BucketStore,
  project: string,
  state: ProjectState,
  runtime: Runtime,
  lines: readonly CatalogLine[],
  options?: RequestOptions,
): AsyncGenerator<Pruned> {
  const { dependsOn } = dependenciesOf(lines);
  const needy = [...lines].sort((a, b) => dependsOn(sessionId(b)).size - dependsOn(sessionId(a)).size);
  for (const line of needy) {
    if (options?.signal?.aborted) return;
    const address = { project, harness: line.harness, session: line.session };
    const removed = await removeSession(store, address, options);
    const gone: CatalogLine = { ...line, state: 'pruned', updatedAt: new Date(runtime.now()).toISOString() };
    await updateCatalog(store, project, state, runtime, [gone], true);
    yield { line, ...removed };
  }
}

async function removeSession(
  store: BucketStore,
  address: SessionAddress,
  options?: RequestOptions,
): Promise<{ objects: number; bytes: number }> {
  const meta = metaKey(address);
  const removed = new Map<string, number>();
  // Again after that: somebody may have packed what was still there.
  for (let more = true; more; ) {
    const keys: string[] = [];
    for await (const entry of store.list(sessionPrefix(address), options)) {
      if (!('key' in entry)) continue;
      removed.set(entry.key, entry.size);
      if (entry.key !== meta) keys.push(entry.key);
    }
    // From the end: what is left of a stream is whole up to where it ends. Packs stand before parts.
    for (const key of keys.reverse()) await store.remove(key, options);
    more = keys.length > 0;
  }
  await removeShares(store, address, options);
  await store.remove(meta, options);
  return { objects: removed.size, bytes: [...removed.values()].reduce((sum, size) => sum + size, 0) };
}
