import { join } from 'node:path';
import type { Upkeep } from '../config/upkeep.ts';
import type { Runtime } from '../runtime.ts';
import { readWholeCatalog } from '../sessions/catalog.ts';
import { sessionId } from '../sessions/lineage.ts';
import { entriesOf } from '../sessions/listing.ts';
import type { BucketStore, ObjectInfo, RequestOptions } from '../store/types.ts';
import { type CompactEvent, compactSession } from './compact.ts';
import { readJson, replaceState } from './durable-file.ts';
import type { CatalogLine } from './meta.ts';
import { planByRules, pruneSessions } from './prune.ts';
import type { ProjectState } from './state-folder.ts';

/** A session is left alone by the daemon for so long after its last part: before that no epoch of it is cold. */
const COLD_MS = 49 * 3_600_000;
/** What packing left is removed a day later; then there is nothing more to do in a session that does not change. */
const SETTLED_MS = 26 * 3_600_000;

export interface UpkeepRun extends RequestOptions {
  readonly store: BucketStore;
  readonly project: string;
  readonly state: ProjectState;
  readonly runtime: Runtime;
  readonly upkeep: Upkeep;
}

/** What was done; shapes are law for `--json`: docs/json.md. */
export type UpkeepEvent =
  | { readonly event: 'pruned'; readonly harness: string; readonly session: string; readonly bytes: number }
  | ({ readonly harness: string; readonly session: string } & CompactEvent);

/** Sessions in which there was nothing to do, by the time of their newest part. */
interface Settled {
  readonly v: 1;
  readonly sessions: Readonly<Record<string, string>>;
}

/**
 * What the configuration asks for: removes what is older than its rules, then packs what ended. One LIST and two GETs
 * a mirror for the catalogs, and one LIST for each session that ended and was not seen to be settled.
 * @throws CairnError `corrupt` where a catalog cannot be read: a lineage could be missing; and of the store
 */
export async function* upkeepOnce(run: UpkeepRun): AsyncGenerator<UpkeepEvent> {
  const { store, project, runtime, state, upkeep } = run;
  const request = run.signal ? { signal: run.signal } : {};
  const { lines } = await readWholeCatalog(store, project, request);
  const gone = new Set<string>();
  const { remove } = planByRules(lines, upkeep.retention, runtime.now());
  for await (const { line, bytes } of pruneSessions(store, project, state, runtime, remove, request)) {
    gone.add(sessionId(line));
    yield { event: 'pruned', harness: line.harness, session: line.session, bytes };
  }
  if (upkeep.compact)
    yield* compactEnded(
      run,
      lines.filter((line) => !gone.has(sessionId(line))),
    );
}

/** Sessions of this mirror that are over; others are for the mirrors that shipped them. */
async function* compactEnded(run: UpkeepRun, lines: readonly CatalogLine[]): AsyncGenerator<UpkeepEvent> {
  const { store, project, runtime, state } = run;
  const request = run.signal ? { signal: run.signal } : {};
  const file = join(state.catalogFolder, 'settled.json');
  const isSettled = (value: unknown): value is Settled => (value as Settled | null)?.v === 1;
  const settled = { ...(await readJson(file, isSettled))?.sessions };
  const own = lines.filter(
    (line) =>
      line.mirror === state.mirror &&
      (line.state === 'ended' || line.state === 'gone') &&
      runtime.now() - (Date.parse(line.updatedAt) || 0) > COLD_MS &&
      settled[sessionId(line)] !== line.updatedAt,
  );
  for (const line of own) {
    if (run.signal?.aborted) break;
    const { harness, session } = line;
    const address = { project, harness, session };
    const entries = await entriesOf(store, address, request);
    let any = false;
    for await (const event of compactSession(store, address, { ...request, entries })) {
      any = true;
      yield { harness, session, ...event };
    }
    if (!any && entries.every(isOld)) settled[sessionId(line)] = line.updatedAt;
  }
  const there = new Set(lines.map(sessionId));
  const kept = Object.fromEntries(Object.entries(settled).filter(([id]) => there.has(id)));
  if (own.length > 0) {
    await replaceState(file, JSON.stringify({ v: 1, sessions: kept } satisfies Settled), `${file}.${runtime.id()}`);
  }
}

function isOld({ key, date, modified }: ObjectInfo): boolean {
  return key.endsWith('/meta.json') || date - modified > SETTLED_MS;
}
