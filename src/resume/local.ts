import type { Cursor } from '../harness/cursor.ts';
import { bytesCursorAt } from '../harness/index.ts';
import type { Harness, SessionRef, SourceKey, StreamRef } from '../harness/types.ts';
import { adoptAlong } from '../mirror/adopt.ts';
import type { SessionState } from '../mirror/state-folder.ts';
import type { StreamRecord } from '../mirror/stream-record.ts';
import type { BucketStore } from '../store/types.ts';
import { goesThrough, type Place } from './content.ts';
import type { SourceStream } from './source.ts';

/** How far a stream of this host is known to be in the bucket, before any of it is compared. */
export interface Common {
  /** Absent at the start. */
  readonly cursor?: Cursor;
  readonly after?: Place;
}

/** A session of this host. */
export async function findLocal(harness: Harness, root: string, id: string): Promise<SessionRef | undefined> {
  for await (const ref of harness.discover(root, { report: () => {} })) if (ref.id === id) return ref;
  return undefined;
}

/**
 * The place up to which the file was shipped, by the mirror's record or else by the keyed hashes of the parts: what
 * stands there was redacted in the bucket, or written here for other paths, and is equal all the same.
 */
export async function commonPlace(
  store: BucketStore,
  harness: Harness,
  key: SourceKey,
  source: SourceStream,
  ref: StreamRef,
  state: SessionState | undefined,
): Promise<Common> {
  const record = await state?.readStream(source.address.stream);
  const known = record && (await recorded(harness, source, ref, record));
  if (known) return known;
  const { last: head, run } = source;
  const along = { store, harness, key, ref, address: source.address };
  const { last, cursor } = await adoptAlong(along, { epoch: head.epoch, last: head, lineage: run });
  if (!last || !cursor) return {};
  return { cursor, after: { epoch: last.epoch, seq: last.seq, chain: last.chain } };
}

async function recorded(
  harness: Harness,
  source: SourceStream,
  ref: StreamRef,
  record: StreamRecord,
): Promise<Common | undefined> {
  const { cursor, epoch, seq, chain, opening } = record;
  if (cursor?.kind !== ref.kind || seq === 0 || opening) return undefined;
  const after = { epoch, seq: seq - 1, chain };
  if (!goesThrough(source, after)) return undefined;
  return (await harness.prove(ref, cursor)) ? { cursor, after } : undefined;
}

/** Makes the mirror go on behind what was put back, as if it had shipped it from this host. */
export async function rememberBytes(
  state: SessionState,
  { address, last }: SourceStream,
  path: string,
  offset: number,
): Promise<void> {
  const cursor = await bytesCursorAt(path, offset);
  const restored = { epoch: last.epoch, seq: last.seq };
  await state.writeStream(address.stream, { ...behind(last), cursor, restored });
}

/** The record of a mirror whose last part was `last`. */
export function behind(last: SourceStream['last']): StreamRecord {
  const { epoch, seq, chain, totals, at, event } = last;
  return { v: 1, epoch, seq: seq + 1, chain, totals, pending: [], at, event };
}
