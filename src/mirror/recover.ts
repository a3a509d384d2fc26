import { adoptAlong, joinHead } from './adopt.ts';
import { advance } from './advance.ts';
import { depart } from './epoch.ts';
import { findHeads, listEpochs } from './epochs.ts';
import type { Stream } from './stream.ts';
import { firstRecord } from './stream-record.ts';

/**
 * The local record is lost, or cannot be trusted: take the place again from the bucket. What this source
 * can show to be its own is gone on with; of the rest it departs. Nothing there: from the start.
 */
export async function recover(stream: Stream): Promise<void> {
  stream.record = firstRecord();
  const epochs = await listEpochs(stream.store, stream.address);
  const heads = await findHeads(stream.store, stream.address, epochs);
  for (const head of heads) {
    if (await joinHead(stream, head)) return await stream.save();
  }
  const newest = heads[0];
  if (newest) {
    const { last, cursor } = await adoptAlong(stream, newest);
    if (last) await advance(stream, last, cursor);
  }
  if (epochs.length > 0) await depart(stream, 'unproven');
  await stream.save();
}

/**
 * Looks whether the bucket still stands where the record says. False: it did not, and the record was
 * taken again from the bucket.
 */
export async function confirm(stream: Stream): Promise<boolean> {
  const { record } = stream;
  const epochs = await listEpochs(stream.store, stream.address);
  const mine = epochs.find((e) => e.epoch === record.epoch);
  if (record.opening || mine?.seqs.at(-1) === record.seq - 1) {
    record.confirmed = stream.runtime.now();
    return true;
  }
  await recover(stream);
  return false;
}
