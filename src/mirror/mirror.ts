import PQueue from 'p-queue';
import type { HarnessEnvironment } from '../harness/types.ts';
import { updateCatalog } from './catalog.ts';
import { EventQueue } from './event-queue.ts';
import { type CatalogLine, catalogLine } from './meta.ts';
import { type Found, type MirrorScope, selectSessions } from './scope.ts';
import { type FlushedSession, flushSession, type MirrorContext, sessionIsQuiet } from './session.ts';
import type { SessionRecord } from './state-folder.ts';
import type { StreamEvent } from './stream.ts';

export interface MirrorRun extends Omit<MirrorContext, 'report'> {
  readonly scope: MirrorScope;
  readonly environment: HarnessEnvironment;
  /** Side files kept only on request. */
  readonly extras: boolean;
  /** Sessions shipped side by side. */
  readonly concurrency: number;
  /** Whether a folder can be looked into: while it can, a session that is not in it is gone. */
  exists(path: string): Promise<boolean>;
}

interface Place {
  readonly harness: string;
  readonly session: string;
}

/** What happens in a run, in the order it happens. Shapes are law for `--json`: docs/json.md. */
export type MirrorEvent =
  | { readonly event: 'found'; readonly sessions: number; readonly changed: number; readonly bytes: number }
  | ({ readonly stream: string } & Place & StreamEvent)
  | ({
      readonly event: 'session';
      readonly title?: string;
      readonly pending: number;
      readonly complete: boolean;
    } & Place)
  | ({ readonly event: 'gone' } & Place)
  | ({
      readonly event: 'failed';
      readonly stream?: string;
      readonly path?: string;
      readonly cause: unknown;
    } & Partial<Place>)
  | {
      readonly event: 'done';
      readonly sessions: number;
      readonly idle: number;
      readonly failed: number;
      readonly remaining: number;
    };

/**
 * One run over the sessions in scope: catches up and ends. With nothing new it makes no request. One broken
 * session does not stop the others: it is told as `failed`.
 */
export function mirrorOnce(run: MirrorRun): AsyncIterable<MirrorEvent> {
  const events = new EventQueue<MirrorEvent>();
  work(run, events).then(
    () => events.end(),
    (error) => events.fail(error),
  );
  return events;
}

async function work(run: MirrorRun, events: EventQueue<MirrorEvent>): Promise<void> {
  const { found, missing } = await discover(run, events);
  const chosen = await selectSessions(found, run.scope, run.repositoryOf);
  const known = await knownSessions(run);
  const changed = chosen.filter(({ ref }) => {
    const record = known.get(`${ref.harness}/${ref.id}`);
    return !record || !sessionIsQuiet(run, ref, record);
  });
  const context: MirrorContext = {
    ...run,
    known: run.known,
    report: ({ harness, session }, stream, event) => events.push({ harness, session, stream, ...event }),
  };
  events.push({
    event: 'found',
    sessions: chosen.length,
    changed: changed.length,
    bytes: changed.reduce((sum, { ref }) => sum + bytesToRead(ref, known.get(`${ref.harness}/${ref.id}`)), 0),
  });
  const lines: CatalogLine[] = [];
  let failed = 0;
  let remaining = 0;
  const fail = (place: Place, cause: unknown, stream?: string) => {
    failed++;
    events.push({ event: 'failed', ...place, ...(stream !== undefined && { stream }), cause });
  };
  const settle = (place: Place, flushed: FlushedSession) => {
    for (const failure of flushed.failures) fail(place, failure.cause, failure.stream);
    if (!flushed.complete) remaining++;
    if (flushed.meta && flushed.metaWritten) lines.push(catalogLine(flushed.meta));
  };
  const running = new Map<string, Promise<unknown>>();
  const queue = new PQueue({ concurrency: run.concurrency });
  for (const { harness, root, ref } of changed) {
    const place = { harness: ref.harness, session: ref.id };
    const bases = ref.lineage.filter((l) => l.kind === 'base').map((l) => running.get(`${ref.harness}/${l.session}`));
    const job = async () => {
      if (run.signal?.aborted) return void remaining++;
      await Promise.all(bases); // a base is in the bucket before what departs from it
      try {
        const flushed = await flushSession(context, harness, root, ref);
        settle(place, flushed);
        const { title } = flushed.meta?.summary ?? {};
        events.push({
          event: 'session',
          ...place,
          ...(title !== undefined && { title }),
          pending: flushed.pending,
          complete: flushed.complete,
        });
      } catch (cause) {
        fail(place, cause);
      }
    };
    running.set(`${ref.harness}/${ref.id}`, queue.add(job));
  }
  await queue.onIdle();
  for (const { harness, root, record } of await vanished(run, known, found, missing)) {
    const place = { harness: record.harness, session: record.session };
    try {
      const ref = {
        harness: record.harness,
        id: record.session,
        modified: 0,
        streams: [],
        lineage: record.meta?.summary.lineage ?? [],
      };
      settle(place, await flushSession(context, harness, root, ref));
      events.push({ event: 'gone', ...place });
    } catch (cause) {
      fail(place, cause);
    }
  }
  await updateCatalog(run.store, run.project, run.state, run.runtime, lines);
  events.push({ event: 'done', sessions: changed.length, idle: chosen.length - changed.length, failed, remaining });
}

/** Every session of the harnesses in scope; `missing` are roots that cannot be looked into. */
async function discover(
  run: MirrorRun,
  events: EventQueue<MirrorEvent>,
): Promise<{ found: Found[]; missing: Set<string> }> {
  const found: Found[] = [];
  const missing = new Set<string>();
  for (const harness of run.scope.harnesses) {
    for (const root of harness.roots(run.environment)) {
      if (!(await run.exists(root))) missing.add(root);
      const report = (problem: { readonly path: string; readonly cause: unknown }) => {
        missing.add(root); // what could not be seen is not gone
        events.push({ event: 'failed', harness: harness.name, ...problem });
      };
      for await (const ref of harness.discover(root, { report, extras: run.extras }))
        found.push({ harness, root, ref });
    }
  }
  return { found, missing };
}

async function knownSessions(run: MirrorRun): Promise<Map<string, SessionRecord>> {
  const records = await Promise.all(run.scope.harnesses.map((harness) => run.state.sessions(harness.name)));
  return new Map(records.flat().map((record) => [`${record.harness}/${record.session}`, record]));
}

/** Sessions that this host had and that are no longer where they were, while their root is. */
async function vanished(
  run: MirrorRun,
  known: ReadonlyMap<string, SessionRecord>,
  found: readonly Found[],
  missing: ReadonlySet<string>,
) {
  const here = new Set(found.map(({ ref }) => `${ref.harness}/${ref.id}`));
  const { session, since, latest } = run.scope;
  if (since !== undefined || latest !== undefined || run.signal?.aborted) return [];
  return [...known.entries()].flatMap(([id, record]) => {
    const harness = run.scope.harnesses.find((h) => h.name === record.harness);
    if (!harness || here.has(id) || missing.has(record.root) || record.meta?.state === 'gone') return [];
    if (session !== undefined ? !record.session.startsWith(session) : !run.scope.all) return [];
    return [{ harness, root: record.root, record }];
  });
}

function bytesToRead(ref: Found['ref'], record: SessionRecord | undefined): number {
  const files = ref.streams.flatMap((stream) => stream.files);
  return files.reduce((sum, file) => sum + Math.max(0, file.stamp.size - (record?.quiet?.[file.path]?.size ?? 0)), 0);
}
