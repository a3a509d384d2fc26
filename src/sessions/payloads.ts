import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { linesOf } from '../harness/index.ts';
import { lastWithoutGap, placeIn } from '../mirror/epochs.ts';
import { Parts } from '../mirror/parts.ts';
import { blobKey } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { Payload, PayloadPlace } from '../trajectory/payload.ts';
import { contentAt } from '../trajectory/pointer.ts';
import type { SessionListing } from './listing.ts';
import { readVerified } from './verified-part.ts';

/**
 * The content of a payload from where it lies: one part, found by its headers, or one blob. Proven by its hash.
 * @throws CairnError `not-found` when part, record or blob is not there, `corrupt` when it is something else
 */
export async function readPayload(
  store: BucketStore,
  listing: SessionListing,
  payload: Payload,
  options?: RequestOptions,
): Promise<Uint8Array> {
  const { at, ref } = payload;
  const content =
    at.blob === undefined
      ? await fromRecord(store, listing, at, options)
      : await fromBlob(store, listing, at.blob, options);
  // An encrypted project names blobs by a keyed hash: that they open proves them.
  if (at.blob !== undefined && (await store.sealing?.()) !== undefined) return content;
  const hash = createHash('sha256').update(content).digest('hex');
  if (hash === ref) return content;
  throw new CairnError(
    'corrupt',
    `expected content ${ref.slice(0, 12)} at ${placeName(at)}, got ${hash.slice(0, 12)}`,
    {
      hint: 'run `cairn session verify` on this session to see what is readable',
    },
  );
}

async function fromBlob(
  store: BucketStore,
  { address }: SessionListing,
  sha256: string,
  options?: RequestOptions,
): Promise<Uint8Array> {
  const object = await store.get(blobKey(address, sha256), options);
  if (object) return object.bytes();
  throw missing(`a blob ${sha256.slice(0, 12)} of ${address.session}`);
}

async function fromRecord(
  store: BucketStore,
  listing: SessionListing,
  at: PayloadPlace,
  options?: RequestOptions,
): Promise<Uint8Array> {
  const line = await readRecord(store, listing, at, options);
  const content = line && contentAt(line, at);
  if (content) return content;
  throw missing(`content at ${placeName(at)}`);
}

/** One record by its place: the part that holds it is found by halves, a header each. Absent: there is none. */
async function readRecord(
  store: BucketStore,
  { address, streams }: SessionListing,
  at: { readonly stream: string; readonly epoch: number; readonly record: number },
  options?: RequestOptions,
): Promise<Uint8Array | undefined> {
  const epoch = streams.get(at.stream)?.find((one) => one.epoch === at.epoch);
  const last = epoch && lastWithoutGap(epoch);
  if (!epoch || last === undefined) return undefined;
  const parts = new Parts(store, options);
  const place = (seq: number) => placeIn({ ...address, stream: at.stream }, epoch, seq);
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    const header = await parts.header(place(middle));
    if (header && header.totals.records > at.record) high = middle;
    else low = middle + 1;
  }
  const part = await parts.get(place(low));
  if (!part) return undefined;
  let index = at.record;
  let rest: Uint8Array = new Uint8Array();
  for await (const { header, lines } of readVerified(part, place(low), undefined)) {
    if (header) index -= header.totals.records - header.records;
    if (!lines) continue;
    const block = rest.length > 0 ? Buffer.concat([rest, lines]) : lines;
    const end = block.lastIndexOf(10) + 1;
    for (const line of linesOf(block.subarray(0, end))) if (index-- === 0) return line;
    rest = block.subarray(end);
  }
  return undefined;
}

function placeName({ stream, epoch, record, pointer }: PayloadPlace): string {
  return `record ${record} of ${stream}, epoch ${epoch}${pointer === '' ? '' : `, ${pointer}`}`;
}

function missing(what: string): CairnError {
  return new CairnError('not-found', `expected ${what}, found none`, {
    hint: 'the session refers to it, but the bucket does not have it: mirror it again from its host',
  });
}
