import { type PartAddress, parsePartKey, partKey, type StreamAddress, streamPrefix } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { HEADER_RANGE, type PartHeader, readHeader } from './part.ts';

/** The parts of one epoch as the bucket lists them. */
export interface Epoch {
  readonly epoch: number;
  /** Numbers of its parts, ascending. */
  readonly seqs: readonly number[];
  /** Stored bytes. */
  readonly size: number;
}

/** All epochs of a stream, ascending: one LIST for a thousand parts. */
export async function listEpochs(
  store: BucketStore,
  address: StreamAddress,
  options?: RequestOptions,
): Promise<Epoch[]> {
  const epochs = new Map<number, { epoch: number; seqs: number[]; size: number }>();
  for await (const entry of store.list(streamPrefix(address), options)) {
    if (!('key' in entry)) continue;
    const part = parsePartKey(address, entry.key);
    if (!part) continue;
    const epoch = epochs.get(part.epoch) ?? { epoch: part.epoch, seqs: [], size: 0 };
    epochs.set(part.epoch, epoch);
    epoch.seqs.push(part.seq);
    epoch.size += entry.size;
  }
  for (const epoch of epochs.values()) epoch.seqs.sort((a, b) => a - b);
  return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
}

/** Header of one part; `undefined` when the part is not there. */
export async function fetchHeader(
  store: BucketStore,
  part: PartAddress,
  options?: RequestOptions,
): Promise<PartHeader | undefined> {
  const key = partKey(part);
  const object = await store.get(key, { ...options, range: HEADER_RANGE });
  return object && readHeader(object, key);
}

/** An epoch that nothing closed, and how its content is put together. */
export interface Head {
  readonly epoch: number;
  readonly last: PartHeader;
  /** From the oldest ancestor to the head itself: parts 0 to `through` of each epoch. */
  readonly lineage: readonly { readonly epoch: number; readonly through: number }[];
}

/** The heads of a stream, highest first: two GETs an epoch. A gap in the numbers ends an epoch there. */
export async function findHeads(store: BucketStore, address: StreamAddress, epochs: readonly Epoch[]): Promise<Head[]> {
  const heads: Head[] = [];
  for (const epoch of [...epochs].reverse()) {
    const through = lastWithoutGap(epoch);
    if (through === undefined) continue;
    const last = await fetchHeader(store, { ...address, epoch: epoch.epoch, seq: through });
    if (!last || last.closed) continue;
    heads.push({ epoch: epoch.epoch, last, lineage: await lineageOf(store, address, epoch.epoch, through) });
  }
  return heads;
}

/** Follows `departs` from an epoch to the one that departs from nothing. */
export async function lineageOf(
  store: BucketStore,
  address: StreamAddress,
  epoch: number,
  through: number,
): Promise<{ epoch: number; through: number }[]> {
  const lineage = [{ epoch, through }];
  for (let at = epoch; ; ) {
    const first = await fetchHeader(store, { ...address, epoch: at, seq: 0 });
    const departs = first?.opened?.departs;
    // An epoch departs from an older one only: anything else was not written by us and could go in circles.
    if (!departs || departs.epoch >= at) return lineage;
    lineage.unshift({ epoch: departs.epoch, through: departs.seq });
    at = departs.epoch;
  }
}

/** Number of the last part before the first gap. */
export function lastWithoutGap(epoch: Epoch): number | undefined {
  if (epoch.seqs[0] !== 0) return undefined;
  let last = 0;
  while (epoch.seqs[last + 1] === last + 1) last++;
  return last;
}
