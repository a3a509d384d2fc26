import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import type { BytesCursor, Cursor } from '../harness/cursor.ts';
import type { FileStamp, Harness, SessionRef, SourceKey, StreamRef } from '../harness/types.ts';
import type { Runtime } from '../runtime.ts';
import type { SessionAddress } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import { flush } from './flush.ts';
import { markEnded, markGone } from './marks.ts';
import type { SessionMeta } from './meta.ts';
import { metaIsDue, writeMeta } from './meta-writer.ts';
import { openStream } from './open-stream.ts';
import type { PartHeader } from './part.ts';
import type { ByteBudget } from './prepare.ts';
import type { Preparer, Preparers } from './preparer.ts';
import { checkStillThere } from './recover.ts';
import type { ProjectState, SessionRecord, SessionState } from './state-folder.ts';
import { type Stream, type StreamEvent, streamKind } from './stream.ts';

/** What every session of a run shares. */
export interface MirrorContext {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly project: string;
  readonly state: ProjectState;
  readonly key: SourceKey;
  /** Rule set of the redactors. */
  readonly redactor: string;
  preparer: Preparers['open'];
  readonly writer: PartHeader['writer'];
  readonly user: string | undefined;
  /** gzip level, 0 to 9. */
  readonly compress: number;
  readonly chunkBytes: number;
  /** Smaller growth waits, at most `maxWaitMs`; 0 ships everything. */
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly budget: ByteBudget;
  /** Whether the bucket may hold something of a session that this host has no record of. */
  known(address: SessionAddress): Promise<boolean>;
  repositoryOf(cwd: string): Promise<string | undefined>;
  report(session: SessionAddress, stream: string, event: StreamEvent): void;
  readonly signal: AbortSignal | undefined;
}

export interface FlushOptions {
  /** The session is over. */
  readonly end?: boolean;
  /** Meta is brought up to date in the bucket, however old it is. */
  readonly meta?: boolean;
  /** Its source is gone, and more of it was seen before than was shipped. */
  readonly outgrown?: boolean;
}

export interface FlushedSession {
  readonly meta: SessionMeta | undefined;
  /** Meta was written: the catalog's line is to follow. */
  readonly metaWritten: boolean;
  /** Meta says less than is known: another run in a minute brings it up to date. */
  readonly metaDue: boolean;
  /** Bytes of records still being written, or held back by `minBytes`. */
  readonly pending: number;
  /** False when a signal stopped it. */
  readonly complete: boolean;
  /** It was deleted from the bucket: nothing of it is shipped any more. */
  readonly deleted: boolean;
  /** What went wrong with single streams; the others were shipped. */
  readonly failures: readonly { readonly stream: string; readonly cause: unknown }[];
}

/** Ships what is new in every stream of a session, then its meta. @throws CairnError `held`, and of the local state */
export async function flushSession(
  c: MirrorContext,
  harness: Harness,
  root: string,
  ref: SessionRef,
  options: FlushOptions = {},
): Promise<FlushedSession> {
  const state = c.state.session(ref.harness, ref.id);
  const unlock = await state.lock();
  try {
    const preparer = c.preparer(harness, await state.readSecrets());
    try {
      return await flushStreams(c, { harness, root, ref, state, preparer }, options);
    } finally {
      preparer.close();
    }
  } finally {
    await unlock();
  }
}

interface HeldSession {
  readonly harness: Harness;
  readonly root: string;
  readonly ref: SessionRef;
  readonly state: SessionState;
  readonly preparer: Preparer;
}

async function flushStreams(
  c: MirrorContext,
  { harness, root, ref, state, preparer }: HeldSession,
  options: FlushOptions,
): Promise<FlushedSession> {
  const record = (await state.read()) ?? { v: 1, harness: ref.harness, session: ref.id, root, streams: [] };
  const untouched = { meta: record.meta, metaWritten: false, metaDue: false, complete: true, failures: [] };
  if (record.deleted) return { ...untouched, pending: 0, deleted: true };
  record.root = root;
  record.cwd = ref.cwd ?? record.cwd;
  const waiting = options.end ? 0 : heldBack(c, ref, record);
  if (waiting > 0) {
    await state.write(record);
    return { ...untouched, pending: waiting, deleted: false };
  }
  const failures: { stream: string; cause: unknown }[] = [];
  const fail = (stream: string, cause: unknown) => {
    failures.push({ stream, cause });
    if (cause instanceof CairnError && cause.code === 'terminal') record.deleted = true;
  };
  const streams: Stream[] = [];
  const quiet: Record<string, FileStamp> = {};
  const whole: Record<string, PartHeader['seen']> = {};
  let pending = 0;
  let complete = true;
  // A part that came in behind another shows that the session is there; what no such part is needs a look.
  let isThere = false;
  const lookFor = async () => {
    const shipped = isThere ? undefined : streams.find(wasShipped);
    if (shipped) await checkStillThere(shipped);
    isThere = true;
  };
  const present = new Set(ref.streams.map((stream) => stream.name));
  const vanished = record.streams.filter((name) => !present.has(name));
  const openRef = (streamRef: StreamRef, copy?: string) =>
    openStream(c, harness, ref, streamRef, preparer, state, copy);
  for (const streamRef of ref.streams) {
    try {
      const stream = await openRef(streamRef);
      streams.push(stream);
      if (options.end || !isQuiet(streamRef, record) || isUnsettled(stream)) {
        const { epoch, seq } = stream.record;
        if (!wasShipped(stream) || stream.ref.kind === 'versions') await lookFor();
        const flushed = await flush(stream, c.budget);
        isThere ||= seq > 0 && stream.record.epoch === epoch && stream.record.seq > seq;
        pending += flushed.pending;
        complete &&= flushed.complete;
        if (options.end && complete) await markEnded(stream, c.budget);
        whole[streamRef.name] = flushed.complete
          ? wholeOf(streamRef, stream.record.cursor, flushed.pending, c)
          : undefined;
        await stream.save();
        const { others } = await harness.select(streamRef, stream.record.cursor);
        for (const other of others) {
          const copy = await openRef(other, copyName(other));
          complete &&= (await flush(copy, c.budget)).complete;
          await copy.save();
        }
      } else whole[streamRef.name] = record.whole?.[streamRef.name];
      for (const file of streamRef.files) if (hasSettled(file.stamp, c.runtime.now())) quiet[file.path] = file.stamp;
    } catch (cause) {
      fail(streamRef.name, cause);
    }
    if (c.signal?.aborted || record.deleted) break;
  }
  for (const name of vanished) {
    if (record.deleted) break;
    try {
      const stream = await openRef({ name, kind: streamKind(name), files: [] });
      streams.push(stream);
      whole[name] = options.outgrown ? undefined : record.whole?.[name];
      await markGone(stream, whole[name]);
    } catch (cause) {
      fail(name, cause);
    }
  }
  record.streams = [...new Set([...record.streams, ...present])];
  record.quiet = complete ? quiet : undefined;
  record.whole = whole;
  record.waitingSince = undefined;
  const over = options.end === true || options.meta === true || ref.streams.length === 0;
  let written = false;
  try {
    written = !record.deleted && (await writeMeta(c, ref, record, streams, preparer, over, lookFor));
  } catch (cause) {
    if (!(cause instanceof CairnError && cause.code === 'terminal')) throw cause;
    fail('main', cause);
  }
  await state.write(record);
  const metaDue = record.metaDue === true && !record.deleted;
  return {
    meta: record.meta,
    metaWritten: written,
    metaDue,
    pending,
    complete,
    deleted: record.deleted === true,
    failures,
  };
}

/** The source of which all was shipped just now; nothing while its stamps may lie. Only of a plain file the size tells. */
function wholeOf(
  { files }: StreamRef,
  cursor: Cursor | undefined,
  pending: number,
  { runtime }: Pick<MirrorContext, 'runtime'>,
): PartHeader['seen'] {
  const plain = isPlain(cursor);
  const stamps = files.filter(({ path }) => !plain || path === cursor.path).map(({ stamp }) => stamp);
  const [first] = stamps;
  if (!first || (pending > 0 && !plain) || !stamps.every((stamp) => hasSettled(stamp, runtime.now()))) return undefined;
  const mtime = new Date(Math.max(...stamps.map((stamp) => Number(stamp.mtime) / 1e6))).toISOString();
  return { ...(plain && { size: first.size }), mtime };
}

/** A file of which offsets count the very bytes. */
function isPlain(cursor: Cursor | undefined): cursor is BytesCursor {
  return cursor?.kind === 'bytes' && !cursor.path.endsWith('.zst');
}

/** Nothing of the session was touched since a run left nothing behind, and nothing is owed: no lock, no read, no request. */
export function sessionIsQuiet(c: Pick<MirrorContext, 'runtime'>, ref: SessionRef, record: SessionRecord): boolean {
  if (record.deleted) return true;
  const present = new Set(ref.streams.map((stream) => stream.name));
  return (
    ref.streams.every((stream) => isQuiet(stream, record)) &&
    record.streams.every((name) => present.has(name)) &&
    !metaIsDue(c, record)
  );
}

function isQuiet(stream: StreamRef, record: SessionRecord): boolean {
  return stream.files.every((file) => {
    const seen = record.quiet?.[file.path];
    const { stamp } = file;
    return (
      seen !== undefined &&
      seen.mark === stamp.mark &&
      seen.size === stamp.size &&
      seen.mtime === stamp.mtime &&
      seen.ctime === stamp.ctime &&
      seen.ino === stamp.ino &&
      seen.dev === stamp.dev
    );
  });
}

/** A file touched within the grain of its clock may be touched again without a new stamp: it is looked at again. */
function hasSettled(stamp: FileStamp, now: number): boolean {
  return stamp.mark !== undefined || now - Number(stamp.mtime) / 1e6 > 2000;
}

/** A second source of one stream, told apart by where it lies. */
function copyName(stream: StreamRef): string {
  return createHash('sha256')
    .update(stream.files[0]?.path ?? '')
    .digest('hex')
    .slice(0, 12);
}

function wasShipped({ record }: Stream): boolean {
  return record.seq > 0 && !record.opening;
}

function isUnsettled({ record }: Stream): boolean {
  return record.pending.length > 0 || record.opening !== undefined || record.closing !== undefined;
}

/** Bytes that wait for `minBytes` or `maxWaitMs`; 0: ship. */
function heldBack(c: MirrorContext, ref: SessionRef, record: SessionRecord): number {
  if (c.minBytes === 0 || !record.quiet) return 0;
  let grown = 0;
  for (const file of ref.streams.flatMap((stream) => stream.files)) {
    grown += Math.abs(file.stamp.size - (record.quiet[file.path]?.size ?? 0));
  }
  record.waitingSince ??= c.runtime.now();
  const waited = c.runtime.now() - record.waitingSince;
  return grown > 0 && grown < c.minBytes && waited >= 0 && waited < c.maxWaitMs ? grown : 0;
}
