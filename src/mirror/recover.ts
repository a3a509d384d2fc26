import { CairnError } from '../errors.ts';
import { epochPrefix, keyBefore, parsePartKey, type StreamAddress } from '../store/keys.ts';
import { adoptAlong, joinHead } from './adopt.ts';
import { advance } from './advance.ts';
import { depart, reopen } from './epoch.ts';
import { type Epoch, fetchHeader, findHeads, listEpochs, nextHeader, placeIn } from './epochs.ts';
import { deletedReason } from './part.ts';
import type { Stream } from './stream.ts';
import { firstRecord } from './stream-record.ts';

/** Parts and packs that surely fit into one page of a LIST. */
const PAGE = 900;

/**
 * The local record is lost, or cannot be trusted: take the place again from the bucket. What this source
 * can show to be its own is gone on with; of the rest it departs. Nothing there: from the start.
 */
export async function recover(stream: Stream): Promise<void> {
  stream.record = firstRecord();
  stream.record.confirmed = stream.runtime.now();
  stream.record.lookedAt = stream.record.confirmed;
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
  for (const epoch of epochs) {
    const last = await fetchHeader(stream.store, placeIn(stream.address, epoch, epoch.seqs.at(-1) ?? 0));
    if (last?.closed?.reason === deletedReason) throw wasDeleted(stream.address);
  }
}

/**
 * Where the session was deleted, its end stands where this stream's next part would. One GET.
 * @throws CairnError `terminal`
 */
export async function checkStillThere({ store, address, record }: Stream): Promise<void> {
  const next = await nextHeader(store, { ...address, epoch: record.epoch, seq: record.seq });
  if (next?.closed?.reason === deletedReason) throw wasDeleted(address);
}

/** The session is not to come back. */
export function wasDeleted({ harness, session }: StreamAddress): CairnError {
  return new CairnError('terminal', `expected to mirror ${harness}/${session}, but it was deleted from the bucket`, {
    hint: 'it is not mirrored any more; its files on this host are as they were',
  });
}

/**
 * Looks whether the bucket still stands where the record says: nothing is behind its last part, be it as a part or in
 * a pack. False: it did not, and the record was taken again from the bucket. One LIST, of a long epoch two.
 */
export async function confirm(stream: Stream): Promise<boolean> {
  const { record } = stream;
  if (record.opening) {
    // Its part 0 may have come and been packed away since: then the create would not meet it.
    if ((await lastNumber(stream, 0)) !== undefined) await reopen(stream);
  } else if (
    (await lastNumber(stream, Math.max(0, record.seq - 1))) !== (record.seq > 0 ? record.seq - 1 : undefined)
  ) {
    await recover(stream);
    return false;
  }
  record.confirmed = stream.runtime.now();
  record.lookedAt = record.confirmed;
  return true;
}

/** The highest number in the record's epoch, from `seq` on. */
async function lastNumber({ store, address, record }: Stream, seq: number): Promise<number | undefined> {
  const at = { ...address, epoch: record.epoch, seq };
  let last: number | undefined;
  const look = async (kind: 'part' | 'pack', max: number) => {
    for await (const entry of store.list(epochPrefix(address, record.epoch), { after: keyBefore(kind, at), max })) {
      const object = 'key' in entry ? parsePartKey(address, entry.key) : undefined;
      const number = object?.pack?.last ?? object?.seq;
      if (number !== undefined && number >= seq && number > (last ?? -1)) last = number;
    }
  };
  // Packs stand before parts: of an epoch that fits into one page one LIST shows both.
  if (seq < PAGE) await look('pack', Number.POSITIVE_INFINITY);
  else {
    await look('pack', 1);
    await look('part', 2);
  }
  return last;
}
