import { CairnError } from '../errors.ts';
import type { StreamAddress } from '../store/keys.ts';
import { adoptAlong, joinHead } from './adopt.ts';
import { advance } from './advance.ts';
import { depart } from './epoch.ts';
import { type Epoch, fetchHeader, findHeads, listEpochs } from './epochs.ts';
import { deletedReason } from './part.ts';
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
  if (heads.length === 0) await checkNotDeleted(stream, epochs);
  const newest = heads[0];
  if (newest) {
    const { last, cursor } = await adoptAlong(stream, newest);
    if (last) await advance(stream, last, cursor);
  }
  if (epochs.length > 0) await depart(stream, 'unproven');
  await stream.save();
}

/** What is left of a deleted stream is the part that closed it. */
async function checkNotDeleted(stream: Stream, epochs: readonly Epoch[]): Promise<void> {
  for (const { epoch, seqs } of epochs) {
    const last = await fetchHeader(stream.store, { ...stream.address, epoch, seq: seqs.at(-1) ?? 0 });
    if (last?.closed?.reason === deletedReason) throw wasDeleted(stream.address);
  }
}

/** The session is not to come back. */
export function wasDeleted({ harness, session }: StreamAddress): CairnError {
  return new CairnError('terminal', `expected to mirror ${harness}/${session}, but it was deleted from the bucket`, {
    hint: 'it is not mirrored any more; its files on this host are as they were',
  });
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
