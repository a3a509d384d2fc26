import { advance } from './advance.ts';
import { joinOpened, restart } from './epoch.ts';
import { free } from './free.ts';
import type { PartHeader } from './part.ts';
import { findPack } from './parts.ts';
import { type ByteBudget, type PreparedPart, prepareParts } from './prepare.ts';
import { confirm, recover } from './recover.ts';
import { settle, taken } from './settle.ts';
import { createPart, emptyPart, makeHeader, type PartMarks, type Stream } from './stream.ts';

/** A writer that had no success for so long looks at the bucket before it writes: parts may have been packed. */
const CONFIRM_AFTER_MS = 12 * 3_600_000;
/** What was packed lies beside its pack for so long. */
const PACKED_AFTER_MS = 24 * 3_600_000;

export interface Flushed {
  /** Bytes behind the last newline: a record still being written. */
  readonly pending: number;
  /** False when a signal stopped it before the source's end. */
  readonly complete: boolean;
}

/**
 * Ships what is new in one stream. The ordinary day is: read whole records after the cursor, save the
 * intent, create the next part, save the cursor. The caller holds the session's lock.
 * @throws CairnError of the store or the source; what was shipped stays shipped
 */
export async function flush(stream: Stream, budget: ByteBudget): Promise<Flushed> {
  await settle(stream);
  for (;;) {
    const flushed = await ship(stream, budget);
    if (flushed) return flushed;
  }
}

/** One pass over the source; `undefined` when the place changed under it and it must read again. */
async function ship(stream: Stream, budget: ByteBudget): Promise<Flushed | undefined> {
  let pending = 0;
  for await (const step of prepareParts(stream, budget)) {
    if ('reset' in step) {
      await restart(stream, step.reset);
      return undefined;
    }
    pending = step.pending;
    if ('moved' in step) {
      stream.record.cursor = step.moved;
      break;
    }
    try {
      if (confirmationIsDue(stream) && !(await confirm(stream))) return undefined;
      if (!(await put(stream, await step.part))) return undefined;
    } finally {
      step.release();
      await step.part.then(
        (part) => free(part.body),
        () => {},
      );
    }
    if (stream.signal?.aborted) return { pending, complete: false };
  }
  // The source was perhaps not read to its end, or not at all.
  if (stream.signal?.aborted) return { pending, complete: false };
  // The source that this epoch begins with holds no whole record: the epoch is opened all the same.
  if (stream.record.opening && !(await put(stream, await emptyPart(stream, stream.record.cursor)))) return undefined;
  return { pending, complete: true };
}

/** Puts a part into the next number. False: the place changed, and the source is to be read again. */
export async function put(stream: Stream, part: PreparedPart, marks: PartMarks = {}): Promise<boolean> {
  const { record } = stream;
  const header = makeHeader(stream, record, part, { ...marks, opened: record.opening });
  record.pending = [...record.pending, { w: header.w, to: part.to }];
  await stream.save(); // the intent first
  const placed = await createPart(stream, header, part.body);
  if (placed.outcome === 'won' && (await isPackedAway(stream, header, placed.date))) {
    await recover(stream);
    return false;
  }
  if (placed.outcome === 'won') {
    await advance(stream, header, part.to, placed.date);
    record.summary = part.summary;
    stream.report({
      event: 'part',
      epoch: header.epoch,
      seq: header.seq,
      records: header.records,
      bytes: header.bytes,
      stored: part.body.length,
      redactions: header.redactions,
    });
    return true;
  }
  await (record.opening ? joinOpened(stream, placed.header) : taken(stream, placed.header));
  return false;
}

/** The process slept for days between its look and its write: the number may be a packed one, and is not mine then. */
async function isPackedAway(stream: Stream, { epoch, seq }: PartHeader, date: number | undefined): Promise<boolean> {
  const { confirmed } = stream.record;
  if (confirmed === undefined || date === undefined || date - confirmed < PACKED_AFTER_MS) return false;
  return (await findPack(stream.store, { ...stream.address, epoch, seq })) !== undefined;
}

function confirmationIsDue(stream: Stream): boolean {
  // By this host's clock alone: one that is an hour off would else ask at every part.
  const { lookedAt = stream.record.confirmed } = stream.record;
  if (lookedAt === undefined) return true;
  const age = stream.runtime.now() - lookedAt;
  return age > CONFIRM_AFTER_MS || age < -60_000;
}
