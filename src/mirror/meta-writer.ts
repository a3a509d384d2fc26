import { titled } from '../harness/index.ts';
import type { SessionRef } from '../harness/types.ts';
import { metaKey } from '../store/keys.ts';
import type { SessionMeta } from './meta.ts';
import { addImages } from './part.ts';
import type { Preparer } from './preparer.ts';
import { redactedText } from './redacted-text.ts';
import { refold } from './refold.ts';
import type { MirrorContext } from './session.ts';
import type { SessionRecord } from './state-folder.ts';
import type { Stream } from './stream.ts';
import { mergeSummaries } from './summary.ts';
import { tildeHome } from './tilde.ts';

/** A hint need not be fresher than this: one more request for every flush would double their number. */
const META_EVERY_MS = 60_000;

/** Meta says less than is known, and a minute has passed. */
export function metaIsDue(c: Pick<MirrorContext, 'runtime'>, record: SessionRecord): boolean {
  if (!record.metaDue) return false;
  const age = c.runtime.now() - (record.metaAt ?? 0);
  return age >= META_EVERY_MS || age < 0;
}

/**
 * Brings the session's meta up to date, in the record at once, in the bucket at most once a minute and at
 * the session's end. True when it was written to the bucket.
 * @param lookFor looks whether the session is still there, before anything is written
 */
export async function writeMeta(
  c: MirrorContext,
  ref: SessionRef,
  record: SessionRecord,
  streams: readonly Stream[],
  preparer: Preparer,
  atOnce: boolean,
  lookFor?: () => Promise<void>,
): Promise<boolean> {
  const meta = await makeMeta(c, ref, streams, preparer);
  if (!meta) return false;
  const news = JSON.stringify({ ...meta, updatedAt: '' }) !== JSON.stringify({ ...record.meta, updatedAt: '' });
  if (news) {
    record.meta = meta;
    record.metaDue = true;
  }
  if (!record.metaDue || !(atOnce || record.metaAt === undefined || metaIsDue(c, record))) return false;
  await lookFor?.();
  await c.store.overwrite(
    metaKey({ project: c.project, harness: ref.harness, session: ref.id }),
    Buffer.from(`${JSON.stringify(record.meta)}\n`),
  );
  record.metaAt = c.runtime.now();
  record.metaDue = false;
  return true;
}

async function makeMeta(
  c: MirrorContext,
  ref: SessionRef,
  streams: readonly Stream[],
  preparer: Preparer,
): Promise<SessionMeta | undefined> {
  const shipped = streams.filter((stream) => stream.record.seq > 0 && !stream.record.opening);
  if (shipped.length === 0) return undefined;
  for (const stream of shipped) stream.record.summary ??= await refold(stream);
  const folded = mergeSummaries(
    shipped.map((stream) => stream.record.summary ?? { turns: 0, records: 0, invalid: 0, unknown: 0 }),
  );
  const summary = ref.title === undefined ? folded : titled(folded, await redactedText(preparer, ref.title), 'user');
  const cwd = summary.cwd ?? ref.cwd;
  const repository = (cwd === undefined ? undefined : await c.repositoryOf(cwd)) ?? summary.repository;
  const main = shipped.find((stream) => stream.ref.name === 'main') ?? shipped[0];
  const times = shipped.map((stream) => stream.record.at ?? '').sort();
  return {
    cairn: 'meta',
    v: 1,
    harness: ref.harness,
    session: ref.id,
    state: main?.record.event ?? 'active',
    summary: {
      ...summary,
      ...(cwd !== undefined && { cwd: tildeHome(cwd) }),
      ...(repository !== undefined && { repository }),
      ...(ref.agentVersion !== undefined && { agentVersion: ref.agentVersion }),
      ...(ref.schema !== undefined && { schema: ref.schema }),
      ...(ref.sdkProject !== undefined && { sdkProject: ref.sdkProject }),
      lineage: [
        ...new Map([...ref.lineage, ...(summary.lineage ?? [])].map((line) => [JSON.stringify(line), line])).values(),
      ],
    },
    streams: Object.fromEntries(
      shipped.map(({ ref: { name }, record: r }) => [
        name,
        {
          epoch: r.epoch,
          parts: r.seq,
          records: r.totals.records,
          bytes: r.totals.bytes,
          redactions: r.totals.redactions,
          ...addImages(r.totals),
          ...(r.event && { event: r.event }),
        },
      ]),
    ),
    redactor: c.redactor,
    updatedAt: times.at(-1) ?? '',
    ...(c.user && { user: c.user }),
    writer: c.writer,
  };
}
