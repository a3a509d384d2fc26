import { CairnError } from '../errors.ts';
import { type Epoch, fetchHeader, findHeads, placeIn } from '../mirror/epochs.ts';
import {
  chainHash,
  compressHeader,
  compressRecords,
  contentHash,
  deletedReason,
  HEADER_RANGE,
  type PartHeader,
  readHeader,
} from '../mirror/part.ts';
import type { Runtime } from '../runtime.ts';
import { createOnce } from '../store/create-once.ts';
import { type PartAddress, partKey, type SessionAddress, streamPrefix } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import { entriesOf, listSession, type SessionListing } from './listing.ts';
import { removeShares } from './shares.ts';

/** Who deletes, and with what. */
export interface Deleting {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly writer: PartHeader['writer'];
}

/** Writers that are faster than the end of a stream. */
const attempts = 20;

/**
 * Closes every open epoch of a session for good, then removes all its other objects. The closing parts stay: whoever
 * mirrors the session meets one where its next part would go, and stops.
 * @returns how many objects and bytes were removed
 * @throws CairnError `held` while a mirror is at it, and of the store
 */
export async function deleteSession(
  c: Deleting,
  address: SessionAddress,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const ends = new Set<string>();
  for (const stream of (await listSession(c.store, address)).streams.keys()) {
    for (const part of await closeStream(c, address, stream)) ends.add(partKey(part));
  }
  await removeShares(c.store, address);
  return removeBut(c, address, '', ends);
}

/** The same with one stream; the session's blobs stay. */
export async function deleteStream(c: Deleting, address: SessionAddress, stream: string): Promise<void> {
  const ends = new Set((await closeStream(c, address, stream)).map(partKey));
  await removeBut(c, address, streamPrefix({ ...address, stream }), ends);
}

async function removeBut(
  c: Deleting,
  address: SessionAddress,
  prefix: string,
  ends: ReadonlySet<string>,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  let objects = 0;
  let bytes = 0;
  // Again after that: somebody may have packed what was still there. Parts stand behind packs, and go first.
  for (let more = true; more; ) {
    const entries = await entriesOf(c.store, address);
    const left = entries.filter(({ key }) => key.startsWith(prefix) && !ends.has(key));
    for (const { key, size } of left.reverse()) {
      await c.store.remove(key);
      objects++;
      bytes += size;
    }
    more = left.length > 0;
  }
  return { objects, bytes };
}

/** Whether all that is left of a session are the parts that closed it. */
export async function isDeleted(store: BucketStore, { address, streams }: SessionListing): Promise<boolean> {
  const [stream, epochs] = [...streams][0] ?? [];
  if (stream === undefined || epochs?.some(({ seqs }) => seqs[0] === 0) !== false) return false;
  const ends = await earlierEnds(store, { ...address, stream }, epochs);
  return ends.length > 0;
}

async function closeStream(c: Deleting, address: SessionAddress, stream: string): Promise<PartAddress[]> {
  const at = { ...address, stream };
  const ends: PartAddress[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const epochs = (await listSession(c.store, address)).streams.get(stream) ?? [];
    const heads = await findHeads(c.store, at, epochs);
    if (heads.length === 0) return [...ends, ...(await earlierEnds(c.store, at, epochs))];
    for (const { last } of heads) {
      const end = await closeHead(c, { ...at, epoch: last.epoch, seq: last.seq + 1 }, last);
      if (end) ends.push(end);
    }
  }
  throw new CairnError('held', `expected ${address.session} to stand still, but a mirror goes on with it`, {
    hint: 'stop that mirror, then run the same command again',
  });
}

/** Ends that an earlier run left. */
async function earlierEnds(
  store: BucketStore,
  at: SessionAddress & { readonly stream: string },
  epochs: readonly Epoch[],
): Promise<PartAddress[]> {
  const found: PartAddress[] = [];
  for (const epoch of epochs) {
    const part = placeIn(at, epoch, epoch.seqs.at(-1) ?? 0);
    if ((await fetchHeader(store, part))?.closed?.reason === deletedReason) found.push(part);
  }
  return found;
}

/** Nothing where somebody took the number. */
async function closeHead(c: Deleting, part: PartAddress, last: PartHeader): Promise<PartAddress | undefined> {
  const nothing = new Uint8Array();
  const content = contentHash(nothing);
  // There is nothing in it that an encrypted project would have to seal.
  const { opened: _, context: __, event: ___, sealed: ____, images: _____, ...rest } = last;
  const header: PartHeader = {
    ...rest,
    w: c.runtime.id(),
    seq: part.seq,
    from: last.to,
    records: 0,
    bytes: 0,
    source: '',
    content,
    prev: last.chain,
    chain: chainHash(last.chain, content),
    redactions: {},
    closed: { reason: deletedReason, restart: true, next: { epoch: part.epoch + 1, seq: 0 } },
    writer: c.writer,
    at: new Date(c.runtime.now()).toISOString(),
  };
  const key = partKey(part);
  const payload = Buffer.concat([await compressHeader(header), await compressRecords(nothing, 3)]);
  const placed = await createOnce(c.store, key, payload, header.w, {
    runtime: c.runtime,
    range: HEADER_RANGE,
    read: (object) => readHeader(object, key),
  });
  if (placed.outcome === 'unknown') {
    throw new CairnError('unknown', `expected an answer for ${key}, but the store gave none that settles it`, {
      cause: placed.cause,
      hint: 'run the same command again',
    });
  }
  return placed.outcome === 'won' ? part : undefined;
}
