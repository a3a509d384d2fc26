import { type Epoch, fetchHeader, placeIn } from '../mirror/epochs.ts';
import type { SessionMeta } from '../mirror/meta.ts';
import type { PartHeader } from '../mirror/part.ts';
import type { StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { partsOf, type SessionListing } from './listing.ts';
import { readMeta } from './meta-reader.ts';

/** All that is known of a session without reading its records. Shape is law for `--json`: docs/json.md. */
export interface SessionDetails {
  readonly harness: string;
  readonly session: string;
  /** Absent where the bucket has none, or none that can be read. */
  readonly meta?: SessionMeta;
  readonly streams: readonly StreamDetails[];
  readonly parts: number;
  /** Stored bytes, of all epochs, blobs and meta included. */
  readonly stored: number;
  /** Hosts that wrote the parts which were looked at. */
  readonly hosts: readonly string[];
}

export interface StreamDetails {
  readonly stream: string;
  /** The highest head: what is read. */
  readonly epoch: number;
  /** More than one: forked. */
  readonly heads: readonly number[];
  /** Of the epoch that is read. */
  readonly records: number;
  readonly bytes: number;
  readonly redactions: Readonly<Record<string, number>>;
  /** Absent where there are none. */
  readonly images?: number;
  readonly event?: 'ended' | 'gone';
  readonly epochs: readonly EpochDetails[];
}

export interface EpochDetails {
  readonly epoch: number;
  readonly parts: number;
  /** Objects that hold several of them. */
  readonly packs?: number;
  readonly stored: number;
  /** Parts are missing: those behind the gap are not counted. */
  readonly gap?: true;
  /** Why it was opened; absent for the first. */
  readonly reason?: string;
  readonly departs?: { readonly epoch: number; readonly seq: number };
  readonly closed?: { readonly reason: string; readonly next: { readonly epoch: number; readonly seq: number } };
}

/**
 * Describes a session: one GET for its meta, and for a stream with one epoch that meta knows none at all,
 * else two an epoch.
 * @throws CairnError `newer-format`, `corrupt`, and of the store
 */
export async function showSession(
  store: BucketStore,
  listing: SessionListing,
  options?: RequestOptions,
): Promise<SessionDetails> {
  const { address, streams } = listing;
  const meta = await readMeta(store, address, options);
  const hosts = new Set(meta ? [meta.writer.host] : []);
  const details = await Promise.all(
    [...streams].map(([stream, epochs]) => describe(store, { ...address, stream }, epochs, meta, hosts, options)),
  );
  return {
    harness: address.harness,
    session: address.session,
    ...(meta && { meta }),
    streams: details,
    parts: [...streams.values()].flat().reduce((sum, epoch) => sum + epoch.seqs.length, 0),
    stored: listing.size,
    hosts: [...hosts].sort(),
  };
}

async function describe(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  meta: SessionMeta | undefined,
  hosts: Set<string>,
  options?: RequestOptions,
): Promise<StreamDetails> {
  const known = meta?.streams[address.stream];
  const [only] = epochs;
  if (known && only && epochs.length === 1 && known.epoch === only.epoch && known.parts === partsOf(only)) {
    const { records, bytes, redactions, images, event } = known;
    return {
      stream: address.stream,
      epoch: only.epoch,
      heads: [only.epoch],
      records,
      bytes,
      redactions,
      ...(images !== undefined && { images }),
      ...(event && { event }),
      epochs: [ground(only)],
    };
  }
  const ends = await Promise.all(epochs.map((epoch) => endsOf(store, address, epoch, options)));
  for (const { first, last } of ends) for (const header of [first, last]) if (header) hosts.add(header.writer.host);
  const open = ends.filter(({ last }) => last && !last.closed).reverse();
  const head = open[0]?.last;
  return {
    stream: address.stream,
    epoch: head?.epoch ?? epochs.at(-1)?.epoch ?? 0,
    heads: open.map(({ epoch }) => epoch.epoch),
    records: head?.totals.records ?? 0,
    bytes: head?.totals.bytes ?? 0,
    redactions: head?.totals.redactions ?? {},
    ...(head?.totals.images !== undefined && { images: head.totals.images }),
    ...(head?.event && { event: head.event }),
    epochs: ends.map(({ epoch, first, last }) => ({
      ...ground(epoch, last?.seq === epoch.seqs.at(-1)),
      ...(first?.opened && { reason: first.opened.reason }),
      ...(first?.opened?.departs && { departs: { epoch: first.opened.departs.epoch, seq: first.opened.departs.seq } }),
      ...(last?.closed && { closed: { reason: last.closed.reason, next: last.closed.next } }),
    })),
  };
}

/** @param whole no part is missing, or those that are were replaced */
function ground(epoch: Epoch, whole = partsOf(epoch) === epoch.seqs.length): EpochDetails {
  return {
    epoch: epoch.epoch,
    parts: partsOf(epoch),
    ...(epoch.packs.length > 0 && { packs: epoch.packs.length }),
    stored: epoch.size,
    ...(!whole && { gap: true }),
  };
}

/** The end of an epoch of which nothing else is left, as its content is elsewhere. */
async function replacedEnd(
  store: BucketStore,
  address: StreamAddress,
  { epoch, seqs }: Epoch,
  options?: RequestOptions,
): Promise<PartHeader | undefined> {
  const [seq = 0, ...more] = seqs;
  const last = more.length === 0 ? await fetchHeader(store, { ...address, epoch, seq }, options) : undefined;
  return last?.closed?.restart === false ? last : undefined;
}

async function endsOf(
  store: BucketStore,
  address: StreamAddress,
  epoch: Epoch,
  options?: RequestOptions,
): Promise<{ epoch: Epoch; first: PartHeader | undefined; last: PartHeader | undefined }> {
  const through = partsOf(epoch) - 1;
  if (through < 0) return { epoch, first: undefined, last: await replacedEnd(store, address, epoch, options) };
  const header = (seq: number) => fetchHeader(store, placeIn(address, epoch, seq), options);
  const last = await header(through);
  return { epoch, first: through === 0 ? last : await header(0), last };
}
