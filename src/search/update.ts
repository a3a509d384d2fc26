import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { Runtime } from '../runtime.ts';
import { readCatalog } from '../sessions/catalog.ts';
import { listSession } from '../sessions/listing.ts';
import { sessionPrefix } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { type ObjectReader, storeReader } from './cache.ts';
import { type Run, type SearchSession, sessionId } from './document.ts';
import { mergeSegments } from './merge.ts';
import {
  type Coverage,
  listSegments,
  openIndex,
  type SearchIndex,
  type SegmentEntry,
  storeSegment,
} from './search-index.ts';
import { SegmentBuilder } from './segment-builder.ts';
import { type Batch, newDocuments } from './session-documents.ts';

/** A segment is written when so many entries wait: twelve bytes of memory for each, and its words. */
const segmentEntries = 2 << 20;
/** What is merged is held in memory: larger segments stay as they are. */
const largestMerge = 64 << 20;
/** A segment is merged with smaller ones that together have a fraction of its size: so few are left. */
const growth = 4;
const sessionsAhead = 8;
/** Larger sessions are read when their turn comes, piece by piece. */
const aheadBytes = 4 << 20;

export interface UpdateOptions extends RequestOptions {
  harness(name: string): Pick<Harness, 'projector'> | undefined;
  readonly reader: ObjectReader;
  readonly runtime: Pick<Runtime, 'id'>;
  /** As if there were no index. */
  readonly rebuild?: boolean;
}

/** What happened to one session, and at the end what the index has become. */
export type IndexEvent =
  | {
      readonly event: 'session';
      readonly harness: string;
      readonly session: string;
      readonly documents: number;
      readonly bytes: number;
      /** Bytes of all sessions that are to be indexed. */
      readonly total: number;
    }
  | { readonly event: 'failed'; readonly harness: string; readonly session: string; readonly problem: CairnError }
  | {
      readonly event: 'index';
      readonly segments: number;
      readonly size: number;
      readonly sessions: number;
      readonly removed: number;
    };

/**
 * Brings the index up to what the bucket holds: sessions that changed since, without those that are gone. Several
 * hosts may do so at once: what both have indexed counts once.
 * @throws CairnError of the store; a session that is broken is told and left out
 */
export async function* updateIndex(
  store: BucketStore,
  project: string,
  options: UpdateOptions,
): AsyncGenerator<IndexEvent> {
  const { reader, rebuild = false, signal } = options;
  const request = signal && { signal };
  const { lines } = await readCatalog(store, project, request);
  let old = rebuild ? undefined : await openIndex(store, project, reader, request);
  const replaced = rebuild ? await listSegments(store, project, request) : [];
  const due = lines.filter((line) => old?.sessions.get(sessionId(line))?.updatedAt !== line.updatedAt);
  const total = due.reduce((sum, line) => sum + line.bytes, 0);
  let builder = new SegmentBuilder();
  const flush = async () => {
    if (builder.sessions === 0) return;
    await storeSegment(store, project, options.runtime.id(), await builder.build());
    builder = new SegmentBuilder();
  };
  for await (const { line, batches, problem } of readAhead(store, project, due, old, options)) {
    let documents = 0;
    let failure = problem;
    let last: Batch | undefined;
    const add = async ({ runs, documents }: Batch, updatedAt: string) => {
      builder.add({ ...sessionOf(line), updatedAt }, runs, documents);
      if (builder.size >= segmentEntries) await flush();
    };
    try {
      for await (const batch of batches) {
        // Only with its last documents a session is up to date: whoever is stopped before goes on with the next run.
        if (last) await add(last, '');
        last = batch;
        documents += batch.documents.length;
      }
    } catch (error) {
      failure = brokenSession(error);
    }
    if (last) await add(last, failure ? '' : line.updatedAt);
    const { harness, session } = line;
    if (failure) yield { event: 'failed', harness, session, problem: failure };
    else yield { event: 'session', harness, session, documents, bytes: line.bytes, total };
  }
  await flush();
  for (const { key } of [...replaced, ...(old?.outdated ?? [])]) await store.remove(key);
  old = undefined; // it is opened again: with both, memory would be held for two
  yield await settle(store, project, lines, options);
}

/**
 * Takes sessions out of the index: their segments are written anew without them, and what an older program has indexed
 * goes. They are indexed again with the next update.
 * @returns how many segments were written anew
 * @throws CairnError `held` where others change the index all the while, and of the store
 */
export async function removeFromIndex(
  store: BucketStore,
  project: string,
  sessions: ReadonlySet<string>,
  { reader, runtime, signal }: Pick<UpdateOptions, 'reader' | 'runtime' | 'signal'>,
): Promise<number> {
  let [written, lost] = [0, 0];
  for (;;) {
    const index = await openIndex(store, project, reader, signal && { signal });
    for (const { key } of index.outdated) await store.remove(key);
    const stale = holding(index, sessions);
    const chosen = heldTogether(stale);
    if (stale.length === 0) return written;
    if (await merge(store, project, index, chosen, sessions, runtime)) {
      written += chosen.length;
      if (chosen.length === stale.length) return written;
    } else if (++lost === 3) {
      throw new CairnError('held', 'expected to change the search index alone, but others changed it, too', {
        hint: 'run `cairn index --rebuild`',
      });
    }
  }
}

/** Merges small segments as long as there are any, and takes out sessions that are no longer in the bucket. */
async function settle(
  store: BucketStore,
  project: string,
  lines: readonly CatalogLine[],
  { reader: { ranges }, runtime, signal }: UpdateOptions,
): Promise<IndexEvent> {
  const request = signal && { signal };
  // What is merged is read once: it is not worth a copy.
  const reader = storeReader(store, { ranges, ...request });
  const removed = new Set<string>();
  for (;;) {
    const index = await openIndex(store, project, reader, request);
    const gone = await goneSessions(store, project, index, lines);
    const chosen = chooseMerge(index, gone);
    for (const id of gone) removed.add(id);
    if (chosen.length > 0 && (await merge(store, project, index, chosen, gone, runtime))) continue;
    const size = index.entries.reduce((sum, entry) => sum + entry.size, 0);
    return {
      event: 'index',
      segments: index.entries.length,
      size,
      sessions: index.sessions.size,
      removed: removed.size,
    };
  }
}

/** False where somebody else has merged them meanwhile. */
async function merge(
  store: BucketStore,
  project: string,
  index: SearchIndex,
  chosen: readonly SegmentEntry[],
  gone: ReadonlySet<string>,
  runtime: Pick<Runtime, 'id'>,
): Promise<boolean> {
  const parts = chosen
    .map((entry) => index.segments[index.entries.indexOf(entry)])
    .filter((part) => part !== undefined);
  const live = new Set([...index.live.values()].flat().map(({ run }) => run));
  try {
    const keep = { session: (id: string) => !gone.has(id), run: (run: Run) => live.has(run) };
    await storeSegment(store, project, runtime.id(), await mergeSegments(parts, keep));
    for (const { key } of chosen) await store.remove(key);
    return true;
  } catch (error) {
    if (error instanceof CairnError && error.code === 'not-found') return false;
    throw error;
  }
}

/** Segments to be made one: those with sessions that are gone, then the smallest, as long as they are worth it. */
function chooseMerge(index: SearchIndex, gone: ReadonlySet<string>): SegmentEntry[] {
  const stale = holding(index, gone);
  if (stale.length > 0) return heldTogether(stale);
  const group: SegmentEntry[] = [];
  let size = 0;
  for (const entry of [...index.entries].reverse()) {
    if (size + entry.size > largestMerge || (group.length > 0 && entry.size > growth * size)) break;
    group.push(entry);
    size += entry.size;
  }
  return group.length > 1 ? group : [];
}

/** Segments that have any of these sessions. */
function holding({ entries, segments }: SearchIndex, sessions: ReadonlySet<string>): SegmentEntry[] {
  return entries.filter((_, i) => segments[i]?.head.sessions.some((session) => sessions.has(sessionId(session))));
}

/** The first of them, and as many more as memory is meant to hold. */
function heldTogether(entries: readonly SegmentEntry[]): SegmentEntry[] {
  let size = 0;
  return entries.filter((entry, i) => {
    size += entry.size;
    return i === 0 || size <= largestMerge;
  });
}

async function goneSessions(
  store: BucketStore,
  project: string,
  index: SearchIndex,
  lines: readonly CatalogLine[],
): Promise<ReadonlySet<string>> {
  const listed = new Set(lines.map(sessionId));
  const gone = new Set<string>();
  for (const [id, { harness, session }] of index.sessions) {
    // A catalog is a hint: only the session's folder says that there is nothing left of it.
    if (!listed.has(id) && !(await exists(store, sessionPrefix({ project, harness, session })))) gone.add(id);
  }
  return gone;
}

async function exists(store: BucketStore, prefix: string): Promise<boolean> {
  for await (const _ of store.list(prefix, { max: 1 })) return true;
  return false;
}

interface Reading {
  readonly line: CatalogLine;
  readonly batches: AsyncIterable<Batch> | Iterable<Batch>;
  readonly problem?: CairnError;
}

/** Sessions in order; small ones are fetched while those before them are indexed. */
async function* readAhead(
  store: BucketStore,
  project: string,
  lines: readonly CatalogLine[],
  old: SearchIndex | undefined,
  { harness, signal }: UpdateOptions,
): AsyncGenerator<Reading> {
  const request = signal && { signal };
  const open = async function* (line: CatalogLine): AsyncGenerator<Batch> {
    const listing = await listSession(store, { project, harness: line.harness, session: line.session }, request);
    const covered = old?.coverage.get(sessionId(line)) ?? new Map<string, Coverage>();
    let any = false;
    for await (const batch of newDocuments(store, listing, harness(line.harness), covered, request)) {
      any = true;
      yield batch;
    }
    if (!any) yield { runs: [], documents: [] };
  };
  const fetch = async (line: CatalogLine): Promise<Reading> => {
    if (line.bytes > aheadBytes) return { line, batches: open(line) };
    try {
      const batches: Batch[] = [];
      for await (const batch of open(line)) batches.push(batch);
      return { line, batches };
    } catch (error) {
      return { line, batches: [], problem: brokenSession(error) };
    }
  };
  const fetching: Promise<Reading>[] = [];
  for (let next = 0; next < lines.length || fetching.length > 0; ) {
    for (; fetching.length < sessionsAhead && next < lines.length; next++) {
      const line = lines[next];
      if (!line) continue;
      const reading = fetch(line);
      reading.catch(() => {}); // told when its turn comes
      fetching.push(reading);
    }
    const reading = await fetching.shift();
    if (reading) yield reading;
  }
}

/** What stands in the way of one session only. */
function brokenSession(error: unknown): CairnError {
  if (error instanceof CairnError && (error.code === 'corrupt' || error.code === 'not-found')) return error;
  throw error;
}

function sessionOf({ harness, session, updatedAt, host, title, repository, cwd }: CatalogLine): SearchSession {
  return {
    harness,
    session,
    updatedAt,
    host,
    ...(title !== undefined && { title }),
    ...(repository !== undefined && { repository }),
    ...(cwd !== undefined && { cwd }),
  };
}
