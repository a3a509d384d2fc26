import { CairnError } from '../errors.ts';
import { adoptHeader } from './adopt.ts';
import { advance } from './advance.ts';
import { close } from './close.ts';
import { branch } from './epoch.ts';
import { fetchHeader } from './epochs.ts';
import { type Closed, deletedReason, noTotals, type PartHeader } from './part.ts';
import { recover, wasDeleted } from './recover.ts';
import type { Stream } from './stream.ts';

/** Finishes what an earlier run left undecided: writes without an answer, an epoch not yet closed. */
export async function settle(stream: Stream): Promise<void> {
  const { record } = stream;
  if (record.pending.length > 0) {
    const header = await fetchHeader(stream.store, { ...stream.address, epoch: record.epoch, seq: record.seq });
    if (header) {
      const mine = record.pending.find((p) => p.w === header.w);
      if (mine) await advance(stream, header, mine.to);
      else if (!record.opening) await taken(stream, header);
    }
    // Absent: the write may still land, so it stays pending; the next part competes with it for the number.
  }
  if (record.closing && !record.opening) await close(stream);
}

/** Somebody's part has my number: whose is it? Afterwards the source is read again from the cursor. */
export async function taken(stream: Stream, header: PartHeader): Promise<void> {
  const { record } = stream;
  const mine = record.pending.find((p) => p.w === header.w);
  if (mine) await advance(stream, header, mine.to);
  else if (header.closed) await follow(stream, header, header.closed);
  else if (record.seq === 0 && record.cursor === undefined) await recover(stream);
  else {
    const adopted = await adoptHeader(stream, header, record);
    if (adopted) {
      await advance(stream, header, adopted.cursor);
      stream.report({ event: 'adopted', epoch: header.epoch, seq: header.seq });
    } else await branch(stream);
  }
  await stream.save();
}

/** The epoch was closed: go where its last part points. */
async function follow(stream: Stream, header: PartHeader, closed: Closed): Promise<void> {
  const { record } = stream;
  if (closed.reason === deletedReason) throw wasDeleted(stream.address);
  const { epoch, seq } = closed.next;
  if (epoch <= header.epoch) {
    throw new CairnError(
      'corrupt',
      `expected epoch ${header.epoch} of ${stream.address.session}/${stream.address.stream} to go on in a later one, but it names ${epoch}`,
      {
        hint: 'run `cairn session verify` on this session',
      },
    );
  }
  const before = seq > 0 ? await fetchHeader(stream.store, { ...stream.address, epoch, seq: seq - 1 }) : undefined;
  record.epoch = epoch;
  record.seq = seq;
  record.chain = before?.chain ?? '';
  record.totals = before?.totals ?? noTotals;
  record.pending = [];
  record.summary = undefined;
  if (closed.restart) record.cursor = undefined;
}
