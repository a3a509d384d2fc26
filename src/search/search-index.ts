import { CairnError } from '../errors.ts';
import { indexPrefix, parseSegmentKey, segmentKey } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { ObjectReader } from './cache.ts';
import { keepNewest, type Run, type SearchSession } from './document.ts';
import { Segment } from './segment.ts';

/** Below this size a segment is fetched whole: a range of it would cost as much. */
const wholeBytes = 1 << 20;

/** A segment as the bucket lists it. */
export interface SegmentEntry {
  readonly id: string;
  readonly key: string;
  readonly size: number;
  readonly tail: number;
}

/** What of a stream the index covers: events 0 to `events` of the epoch `head`. */
export interface Coverage {
  readonly head: number;
  readonly events: number;
}

/** A run whose documents count: the first of them that no other run has. */
export interface LiveRun {
  readonly run: Run;
  readonly since: number;
}

/** The index of a project as it stood when it was opened. */
export interface SearchIndex {
  /** Entries of `segments`, in the same order. */
  readonly entries: readonly SegmentEntry[];
  readonly segments: readonly Segment[];
  /** Segments of an older format: what they cover has to be indexed again. */
  readonly outdated: readonly SegmentEntry[];
  /** Runs of each segment that are neither superseded nor covered by others. */
  readonly live: ReadonlyMap<Segment, readonly LiveRun[]>;
  /** By `sessionId`: as it was last indexed. */
  readonly sessions: ReadonlyMap<string, SearchSession>;
  /** By `sessionId`, then by stream. */
  readonly coverage: ReadonlyMap<string, ReadonlyMap<string, Coverage>>;
}

/** The segments that are there: one LIST. */
export async function listSegments(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): Promise<SegmentEntry[]> {
  const entries: SegmentEntry[] = [];
  for await (const entry of store.list(indexPrefix(project), options)) {
    const segment = 'key' in entry ? parseSegmentKey(project, entry.key) : undefined;
    if (segment && 'key' in entry) entries.push({ ...segment, key: entry.key, size: entry.size });
  }
  // The largest first: what was merged covers what it was merged from.
  return entries.sort((a, b) => b.size - a.size || (a.id < b.id ? -1 : 1));
}

/**
 * Opens the index: one LIST, and one GET a segment. A segment that was merged away in between is looked for again.
 * @throws CairnError `corrupt`, `newer-format`, and of the store
 */
export async function openIndex(
  store: BucketStore,
  project: string,
  reader: ObjectReader,
  options?: RequestOptions,
): Promise<SearchIndex> {
  for (let attempt = 1; ; attempt++) {
    const entries = await listSegments(store, project, options);
    try {
      const opened = await Promise.all(entries.map((entry) => openSegment(reader, entry)));
      const segments = opened.filter((segment) => segment !== undefined);
      return {
        entries: entries.filter((_, i) => opened[i]),
        segments,
        outdated: entries.filter((_, i) => !opened[i]),
        ...survey(segments),
      };
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'not-found') || attempt === 3) throw error;
    }
  }
}

function openSegment(reader: ObjectReader, { id, key, size, tail }: SegmentEntry): Promise<Segment | undefined> {
  let whole: Promise<Uint8Array> | undefined;
  return Segment.open(id, size, tail, async (start, end) => {
    if (size > wholeBytes && reader.ranges) return reader.read(key, start, end);
    whole ??= reader.read(key);
    return (await whole).subarray(start, end);
  });
}

/** Stores a segment. */
export async function storeSegment(
  store: BucketStore,
  project: string,
  id: string,
  segment: { readonly pieces: readonly Uint8Array[]; readonly size: number; readonly tail: number },
): Promise<SegmentEntry> {
  const { pieces, size, tail } = segment;
  const key = segmentKey(project, id, tail);
  await store.overwrite(key, {
    size,
    async *open() {
      yield* pieces;
    },
  });
  return { id, key, size, tail };
}

/** Which runs count, and what all of them cover together. */
function survey(segments: readonly Segment[]): Pick<SearchIndex, 'live' | 'sessions' | 'coverage'> {
  const sessions = new Map<string, SearchSession>();
  const streams = new Map<string, Map<string, { segment: Segment; run: Run }[]>>();
  for (const segment of segments) {
    const ids = segment.head.sessions.map((session) => keepNewest(sessions, session));
    for (const run of segment.head.runs) {
      const id = ids[run.session] ?? '';
      const own = streams.get(id) ?? new Map<string, { segment: Segment; run: Run }[]>();
      if (own.size === 0) streams.set(id, own);
      const runs = own.get(run.stream);
      if (runs) runs.push({ segment, run });
      else own.set(run.stream, [{ segment, run }]);
    }
  }
  const live = new Map<Segment, LiveRun[]>(segments.map((segment) => [segment, []]));
  const coverage = new Map<string, Map<string, Coverage>>();
  for (const [id, own] of streams) {
    const covered = new Map<string, Coverage>();
    coverage.set(id, covered);
    for (const [stream, runs] of own) {
      const head = runs.reduce((most, { run }) => Math.max(most, run.head), 0);
      let events = 0;
      let unbroken = true;
      const newest = runs.filter(({ run }) => run.head === head);
      for (const { segment, run } of newest.sort((a, b) => a.run.from - b.run.from || b.run.events - a.run.events)) {
        if (run.from > events) unbroken = false;
        if (!unbroken) break; // what is missing will be indexed again, with all that follows
        if (run.events <= events && run.events > 0) continue;
        live.get(segment)?.push({ run, since: events });
        events = Math.max(events, run.events);
      }
      covered.set(stream, { head, events });
    }
  }
  for (const runs of live.values()) runs.sort((a, b) => a.run.first - b.run.first);
  return { live, sessions, coverage };
}
