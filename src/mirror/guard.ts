import type { Cursor } from '../harness/cursor.ts';
import type { Harness, StreamRef } from '../harness/types.ts';
import type { Runtime } from '../runtime.ts';
import type { StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { fetchHeader, lastWithoutGap, listEpochs, placeIn } from './epochs.ts';
import type { Found } from './scope.ts';
import { sourceKey } from './source-key.ts';
import type { ProjectState, SessionRecord } from './state-folder.ts';

const DAY_MS = 86_400_000;

export interface GuardRun extends RequestOptions {
  readonly store: BucketStore;
  readonly project: string;
  readonly state: ProjectState;
  readonly runtime: Runtime;
}

/** Whether a session of this host is wholly in the bucket, and for how long its source will be there. */
export interface Guarded {
  readonly harness: string;
  readonly session: string;
  readonly title?: string;
  readonly safe: boolean;
  /** Why it is not. */
  readonly reason?: string;
  /** When its agent will delete it, ISO 8601; absent where it does not by itself. */
  readonly deletesAt?: string;
}

/** When the session's agent deletes it by itself, milliseconds since 1970; nothing where it keeps everything. */
export function deletionOf({ harness, root, ref }: Found): number | undefined {
  const days = harness.keepsDays?.(root);
  return days === undefined ? undefined : ref.modified + days * DAY_MS;
}

/**
 * Proves one session safe: every source still has to the byte what its cursor covers and nothing behind it, and the bucket has every part up to one with the chain that this host knows.
 * Reads the sources, and asks one LIST and one GET a stream.
 */
export async function guardSession(run: GuardRun, found: Found): Promise<Guarded> {
  const { harness, ref } = found;
  const record = await run.state.session(ref.harness, ref.id).read();
  const reason = await whyNot(run, found, record);
  const title = record?.meta?.summary.title;
  const deletes = deletionOf(found);
  return {
    harness: harness.name,
    session: ref.id,
    ...(title !== undefined && { title }),
    safe: reason === undefined,
    ...(reason !== undefined && { reason }),
    ...(deletes !== undefined && { deletesAt: new Date(deletes).toISOString() }),
  };
}

async function whyNot(run: GuardRun, found: Found, record: SessionRecord | undefined): Promise<string | undefined> {
  const { ref } = found;
  if (!record) return 'it was never mirrored to this bucket';
  if (record.deleted) return 'it was deleted from the bucket';
  for (const stream of ref.streams) {
    const reason = await whyNotStream(run, found, stream);
    if (reason !== undefined) return `${stream.name}: ${reason}`;
  }
  return undefined;
}

async function whyNotStream(run: GuardRun, { harness, ref }: Found, stream: StreamRef): Promise<string | undefined> {
  const local = await run.state.session(ref.harness, ref.id).readStream(stream.name);
  if (!local || local.pending.length > 0 || local.opening || local.closing) return 'a run ended before it was done';
  const { primary, others } = await harness.select(stream, local.cursor);
  if (others.length > 0) return `${others.length + 1} sources under one name: see \`cairn session verify\``;
  if (local.cursor && !(await harness.prove(primary, local.cursor))) return 'its source was rewritten since';
  if (await hasMore(run, harness, primary, local.cursor)) return 'it grew since it was mirrored';
  if (local.seq === 0) return undefined; // it holds nothing
  const address: StreamAddress = { project: run.project, harness: ref.harness, session: ref.id, stream: stream.name };
  const epoch = (await listEpochs(run.store, address, run)).find((e) => e.epoch === local.epoch);
  if (!epoch || (lastWithoutGap(epoch) ?? -1) < local.seq - 1) return 'the bucket lacks parts of it';
  const last = await fetchHeader(run.store, placeIn(address, epoch, local.seq - 1), run);
  return last?.chain === local.chain ? undefined : 'the bucket has other parts in its place';
}

/** Whether there is something that was not shipped, be it the beginning of a record. */
async function hasMore(
  run: GuardRun,
  harness: Harness,
  stream: StreamRef,
  cursor: Cursor | undefined,
): Promise<boolean> {
  const options = {
    key: sourceKey(new Uint8Array()), // nobody sees the hash
    chunkBytes: 1,
    blob: async () => ({ sha256: '', size: 0 }),
    ...(run.signal && { signal: run.signal }),
  };
  for await (const { records, pending, reset } of harness.read(stream, cursor, options)) {
    if (records > 0 || pending > 0 || reset !== undefined) return true;
  }
  return false;
}
