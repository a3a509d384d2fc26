import PQueue from 'p-queue';
import { CairnError } from '../errors.ts';
import { updateCatalog } from './catalog.ts';
import type { EventQueue } from './event-queue.ts';
import { type CatalogLine, catalogLine } from './meta.ts';
import type { MirrorEvent, MirrorRun, Place, Plan } from './mirror.ts';
import type { Found } from './scope.ts';
import { type FlushedSession, flushSession, type MirrorContext } from './session.ts';
import type { SessionRecord } from './state-folder.ts';

/** So many sessions in a row without an answer from the store, and it is not there: the rest waits for another run. */
const PATIENCE = 3;

/** Ships every session of the plan, side by side, then what is gone, then the catalog. */
export async function ship(run: MirrorRun, plan: Plan, events: EventQueue<MirrorEvent>): Promise<void> {
  const context = async (): Promise<MirrorContext> => {
    const preparers = await run.preparers(plan.bytes);
    return {
      ...run,
      redactor: preparers.redactor,
      preparer: preparers.open,
      report: ({ harness, session }, stream, event) => events.push({ harness, session, stream, ...event }),
    };
  };
  const lines: CatalogLine[] = [];
  let failed = 0;
  let remaining = 0;
  let unanswered = 0;
  const fail = (place: Place, cause: unknown, stream?: string) => {
    failed++;
    if (cause instanceof CairnError && cause.code === 'unavailable') unanswered++;
    events.push({ event: 'failed', ...place, ...(stream !== undefined && { stream }), cause });
  };
  const settle = (place: Place, flushed: FlushedSession) => {
    for (const failure of flushed.failures) fail(place, failure.cause, failure.stream);
    if (flushed.failures.length === 0) unanswered = 0;
    if (!flushed.complete) remaining++;
    if (flushed.meta && flushed.metaWritten) lines.push(catalogLine(flushed.meta));
  };
  const one = async ({ harness, root, ref }: Found) => {
    const place = { harness: ref.harness, session: ref.id };
    try {
      const flushed = await flushSession(await context(), harness, root, ref, { end: hasEnded(run, ref.id) });
      settle(place, flushed);
      const { title } = flushed.meta?.summary ?? {};
      const { pending, complete } = flushed;
      if (flushed.deleted) return;
      events.push({ event: 'session', ...place, ...(title !== undefined && { title }), pending, complete });
    } catch (cause) {
      fail(place, cause);
    }
  };
  const running = new Map<string, Promise<unknown>>();
  const queue = new PQueue({ concurrency: run.concurrency });
  for (const found of plan.changed) {
    const { ref } = found;
    const bases = ref.lineage.filter((l) => l.kind === 'base').map((l) => running.get(`${ref.harness}/${l.session}`));
    const job = async () => {
      await Promise.all(bases); // a base is in the bucket before what departs from it
      if (run.signal?.aborted || unanswered >= PATIENCE) remaining++;
      else await one(found);
    };
    running.set(`${ref.harness}/${ref.id}`, queue.add(job));
  }
  await queue.onIdle();
  const gone = unanswered >= PATIENCE ? [] : vanished(run, plan);
  const allows = gone.length > 0 ? run.scope.consent?.() : undefined;
  for (const { harness, root, record } of gone) {
    // Of what is to stay on this host nothing is told any more, not even that it is gone.
    if (!(await (allows?.(record.cwd).catch(() => false) ?? true))) continue;
    const place = { harness: record.harness, session: record.session };
    const lineage = record.meta?.summary.lineage ?? [];
    try {
      const ref = { harness: record.harness, id: record.session, modified: 0, streams: [], lineage };
      const flushed = await flushSession(await context(), harness, root, ref);
      settle(place, flushed);
      if (!flushed.deleted) events.push({ event: 'gone', ...place });
    } catch (cause) {
      fail(place, cause);
    }
  }
  if (unanswered < PATIENCE) await updateCatalog(run.store, run.project, run.state, run.runtime, lines, run.end);
  const { chosen, changed } = plan;
  events.push({ event: 'done', sessions: changed.length, idle: chosen.length - changed.length, failed, remaining });
}

/** A base that was taken along has not ended. */
function hasEnded(run: MirrorRun, id: string): boolean {
  return run.end === true && (run.scope.session === undefined || id.startsWith(run.scope.session));
}

/** Sessions that this host had and that are no longer where they were, while their root is. */
function vanished(run: MirrorRun, { found, known, seen }: Plan) {
  const here = new Set(found.map(({ ref }) => `${ref.harness}/${ref.id}`));
  const { session, since, latest, kinds } = run.scope;
  if ([since, latest, kinds].some((wish) => wish !== undefined) || run.signal?.aborted) return [];
  return [...known.entries()].flatMap(([id, record]: [string, SessionRecord]) => {
    const harness = run.scope.harnesses.find((h) => h.name === record.harness);
    if (!harness || here.has(id) || !seen.has(record.root)) return [];
    if (record.deleted || record.meta?.state === 'gone') return [];
    if (session !== undefined ? !record.session.startsWith(session) : !run.scope.all) return [];
    return [{ harness, root: record.root, record }];
  });
}
