import { type DiscoverRun, discoverSessions } from './discover.ts';
import { EventQueue } from './event-queue.ts';
import type { Preparers } from './preparer.ts';
import { previewSession, type StreamPreview } from './preview.ts';
import { type Found, type MirrorScope, selectSessions, withConsent } from './scope.ts';
import { type MirrorContext, sessionIsQuiet } from './session.ts';
import { ship } from './ship.ts';
import type { SessionRecord } from './state-folder.ts';
import type { StreamEvent } from './stream.ts';

export interface MirrorRun
  extends Omit<MirrorContext, 'report' | 'preparer' | 'redactor'>,
    Omit<DiscoverRun, 'report' | 'harnesses' | 'cwdOf'> {
  readonly scope: MirrorScope;
  /** How so many bytes of records are prepared; not asked for when there is nothing to prepare. */
  preparers(bytes: number): Promise<Preparers>;
  /** Sessions shipped side by side. */
  readonly concurrency: number;
  /** The chosen sessions have ended: flushes what is held back, checks the whole source, says `ended`. */
  readonly end?: boolean;
  /** Tells what would be shipped, and changes nothing. */
  readonly dryRun?: boolean;
}

export interface Place {
  readonly harness: string;
  readonly session: string;
}

/** What happens in a run, in the order it happens. Shapes are law for `--json`: docs/json.md. */
export type MirrorEvent =
  | {
      readonly event: 'found';
      readonly sessions: number;
      readonly changed: number;
      readonly bytes: number;
      /** Sessions that are to stay on this host. */
      readonly excluded?: number;
    }
  | ({ readonly stream: string } & Place & StreamEvent)
  | ({
      readonly event: 'session';
      readonly title?: string;
      readonly pending: number;
      readonly complete: boolean;
    } & Place)
  | ({ readonly event: 'gone' } & Place)
  | ({ readonly event: 'would' } & Place & StreamPreview)
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

/** What a run found to do. */
export interface Plan {
  readonly chosen: readonly Found[];
  readonly changed: readonly Found[];
  readonly found: readonly Found[];
  readonly known: ReadonlyMap<string, SessionRecord>;
  readonly seen: ReadonlySet<string>;
  /** Of the changed ones, to be read: an estimate. */
  readonly bytes: number;
}

async function work(run: MirrorRun, events: EventQueue<MirrorEvent>): Promise<void> {
  const known = await knownSessions(run);
  const report: DiscoverRun['report'] = (problem) => events.push({ event: 'failed', ...problem });
  const { found, seen } = await discoverSessions({
    ...run,
    kinds: run.scope.kinds !== undefined,
    cwdOf: (harness, session) => known.get(`${harness}/${session}`)?.cwd,
    harnesses: run.scope.harnesses,
    report,
  });
  const wanted = await selectSessions(found, run.scope, run.repositoryOf);
  const chosen = await withConsent(wanted, run.scope, report);
  const changed = chosen.filter(({ ref }) => {
    const record = known.get(`${ref.harness}/${ref.id}`);
    if (record?.deleted) return false;
    return run.end || !record || !sessionIsQuiet(run, ref, record);
  });
  const bytes = changed.reduce((sum, { ref }) => sum + bytesToRead(ref, known.get(`${ref.harness}/${ref.id}`)), 0);
  const excluded = wanted.length - chosen.length;
  events.push({
    event: 'found',
    sessions: chosen.length,
    changed: changed.length,
    bytes,
    ...(excluded > 0 && { excluded }),
  });
  await (run.dryRun
    ? preview(run, changed, events)
    : ship(run, { chosen, changed, found, known, seen, bytes }, events));
}

async function preview(run: MirrorRun, changed: readonly Found[], events: EventQueue<MirrorEvent>): Promise<void> {
  let failed = 0;
  for (const { harness, ref } of changed) {
    const place = { harness: ref.harness, session: ref.id };
    try {
      const state = run.state.session(ref.harness, ref.id);
      const preparers = await run.preparers(0);
      for await (const stream of previewSession({ ...run, preparer: preparers.open }, harness, ref, state))
        events.push({ event: 'would', ...place, ...stream });
    } catch (cause) {
      failed++;
      events.push({ event: 'failed', ...place, cause });
    }
  }
  events.push({ event: 'done', sessions: changed.length, idle: 0, failed, remaining: 0 });
}

/** What this host has a record of, by `harness/session`. */
async function knownSessions(run: MirrorRun): Promise<Map<string, SessionRecord>> {
  const known = new Map<string, SessionRecord>();
  for (const { name } of run.scope.harnesses) {
    for await (const record of run.state.sessions(name)) known.set(`${name}/${record.session}`, record);
  }
  return known;
}

function bytesToRead(ref: Found['ref'], record: SessionRecord | undefined): number {
  const files = ref.streams.flatMap((stream) => stream.files);
  return files.reduce((sum, file) => sum + Math.max(0, file.stamp.size - (record?.quiet?.[file.path]?.size ?? 0)), 0);
}
