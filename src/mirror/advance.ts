import type { Cursor } from '../harness/cursor.ts';
import { close } from './close.ts';
import type { PartHeader } from './part.ts';
import type { Stream } from './stream.ts';

/** The part `header` is in, and covers the source up to `to`. Durable with the next save. */
export async function advance(
  stream: Stream,
  header: PartHeader,
  to: Cursor | undefined,
  date?: number,
): Promise<void> {
  const { record } = stream;
  record.epoch = header.epoch;
  record.seq = header.seq + 1;
  record.chain = header.chain;
  record.totals = header.totals;
  record.cursor = to;
  record.confirmed = date ?? record.confirmed;
  if (date !== undefined) record.lookedAt = stream.runtime.now();
  record.pending = [];
  record.event = header.event;
  record.at = header.at;
  record.summary = undefined;
  if (!record.opening) return;
  record.opening = undefined;
  if (record.closing) record.closing.next = header.epoch;
  await stream.save();
  if (record.closing) await close(stream);
}
