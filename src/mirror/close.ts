import { createPart, emptyPart, makeHeader, type Stream } from './stream.ts';

/** Closes the epoch that was left behind, now that the next one is open. */
export async function close(stream: Stream): Promise<void> {
  const { record } = stream;
  const { closing } = record;
  if (closing?.next === undefined) return;
  for (;;) {
    const part = await emptyPart(stream, closing.cursor);
    const closed = { reason: closing.reason, restart: true, next: { epoch: closing.next, seq: 0 } };
    const header = makeHeader(stream, closing, part, { closed });
    const placed = await createPart(stream, header, part.body);
    // Another's close is as good as mine; another's records make the old epoch a fork, which stays open.
    if (placed.outcome === 'won' || placed.header.closed || !closing.ws.includes(placed.header.w)) break;
    // A late part of mine: it belongs to the past that is being closed.
    closing.seq = placed.header.seq + 1;
    closing.chain = placed.header.chain;
    closing.totals = placed.header.totals;
    await stream.save();
  }
  record.closing = undefined;
  await stream.save();
}
