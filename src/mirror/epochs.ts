import { type PartAddress, parsePartKey, partKey, type StreamAddress, streamPrefix } from '../store/keys.ts';
import type { Pack, PartNumbers } from '../store/part-names.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { packOf } from './pack.ts';
import { HEADER_RANGE, type PartHeader, readHeader } from './part.ts';
import { type PartPlace, Parts } from './parts.ts';

/** The parts of one epoch as the bucket lists them. */
export interface Epoch {
  readonly epoch: number;
  /** Numbers of its parts, ascending, the packed ones too. */
  readonly seqs: readonly number[];
  /** In the order of their keys. */
  readonly packs: readonly Pack[];
  /** Stored bytes. */
  readonly size: number;
}

/** An object of an epoch, as it is listed. */
export type EpochObject = { readonly epoch: number; readonly size: number } & PartNumbers;

/** All epochs of a stream, ascending: one LIST for a thousand objects. */
export async function listEpochs(
  store: BucketStore,
  address: StreamAddress,
  options?: RequestOptions,
): Promise<Epoch[]> {
  const objects: EpochObject[] = [];
  for await (const entry of store.list(streamPrefix(address), options)) {
    const object = 'key' in entry ? parsePartKey(address, entry.key) : undefined;
    if (object && 'key' in entry) objects.push({ ...object, size: entry.size });
  }
  return arrangeEpochs(objects);
}

/** The epochs that objects belong to, ascending. A part that is in a pack as well counts once. */
export function arrangeEpochs(objects: readonly EpochObject[]): Epoch[] {
  const epochs = new Map<number, { seqs: Set<number>; packs: Pack[]; size: number }>();
  for (const { epoch, size, seq, pack } of objects) {
    const one = epochs.get(epoch) ?? { seqs: new Set(), packs: [], size: 0 };
    epochs.set(epoch, one);
    one.size += size;
    if (pack) one.packs.push(pack);
    for (let n = pack?.first ?? seq ?? 0; n <= (pack?.last ?? seq ?? 0); n++) one.seqs.add(n);
  }
  return [...epochs]
    .map(([epoch, { seqs, packs, size }]) => ({
      epoch,
      seqs: [...seqs].sort((a, b) => a - b),
      packs: packs.sort((a, b) => a.last - b.last || a.first - b.first),
      size,
    }))
    .sort((a, b) => a.epoch - b.epoch);
}

/** Where a part of a listed epoch lies. */
export function placeIn(
  address: StreamAddress,
  { epoch, packs }: Pick<Epoch, 'epoch' | 'packs'>,
  seq: number,
): PartPlace {
  return { ...address, epoch, seq, pack: packOf(packs, seq) };
}

/** Header of one part; `undefined` when the part is not there. */
export async function fetchHeader(
  store: BucketStore,
  place: PartPlace,
  options?: RequestOptions,
): Promise<PartHeader | undefined> {
  return new Parts(store, options).header(place);
}

/** Header of a part that may not be there yet: packs are not looked for. */
export async function nextHeader(store: BucketStore, place: PartAddress): Promise<PartHeader | undefined> {
  const key = partKey(place);
  const object = await store.get(key, { range: HEADER_RANGE });
  return object && readHeader(object, key);
}

/** An epoch that nothing closed, and how its content is put together. */
export interface Head {
  readonly epoch: number;
  readonly last: PartHeader;
  /** From the oldest ancestor to the head itself: parts 0 to `through` of each epoch. */
  readonly lineage: readonly PartRange[];
}

/** Parts 0 to `through` of an epoch. */
export interface PartRange {
  readonly epoch: number;
  readonly through: number;
  readonly packs: readonly Pack[];
}

/** The heads of a stream, highest first: two GETs an epoch. A gap in the numbers ends an epoch there. */
export async function findHeads(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  parts = new Parts(store),
): Promise<Head[]> {
  const heads: Head[] = [];
  for (const epoch of [...epochs].reverse()) {
    const through = lastWithoutGap(epoch);
    if (through === undefined) continue;
    const last = await parts.header(placeIn(address, epoch, through));
    if (!last || last.closed) continue;
    const lineage = await lineageOf(store, address, epochs, epoch.epoch, through, parts);
    heads.push({ epoch: epoch.epoch, last, lineage });
  }
  return heads;
}

/** Follows `departs` from an epoch to the one that departs from nothing. */
export async function lineageOf(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  epoch: number,
  through: number,
  parts = new Parts(store),
): Promise<PartRange[]> {
  const packsOf = (n: number) => epochs.find((one) => one.epoch === n)?.packs ?? [];
  const lineage = [{ epoch, through, packs: packsOf(epoch) }];
  for (let at = epoch; ; ) {
    if (at === 0) return lineage; // nothing is older
    const first = await parts.header(placeIn(address, { epoch: at, packs: packsOf(at) }, 0));
    const departs = first?.opened?.departs;
    // An epoch departs from an older one only: anything else was not written by us and could go in circles.
    if (!departs || departs.epoch >= at) return lineage;
    lineage.unshift({ epoch: departs.epoch, through: departs.seq, packs: packsOf(departs.epoch) });
    at = departs.epoch;
  }
}

/** Every part of some epochs, in order. */
export function* placesOf(address: StreamAddress, ranges: readonly PartRange[]): Generator<PartPlace> {
  for (const range of ranges) {
    for (let seq = 0; seq <= range.through; seq++) yield placeIn(address, range, seq);
  }
}

/** Number of the last part before the first gap. */
export function lastWithoutGap(epoch: Pick<Epoch, 'seqs'>): number | undefined {
  if (epoch.seqs[0] !== 0) return undefined;
  let last = 0;
  while (epoch.seqs[last + 1] === last + 1) last++;
  return last;
}
