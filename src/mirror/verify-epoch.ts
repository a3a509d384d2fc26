import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { fetchParts } from '../sessions/reader.ts';
import { readVerified } from '../sessions/verified-part.ts';
import { blobKey, type SessionAddress, type StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { type Epoch, fetchHeader, lastWithoutGap, placeIn } from './epochs.ts';
import { noTotals, type PartHeader } from './part.ts';
import { streamKind } from './stream.ts';
import type { CheckedEpochs, VerifyProblem } from './verify.ts';

/**
 * Checks one epoch: a gap in its numbers, then part by part up to the first that is wrong. Gives the header
 * of each part that is right.
 * @param older epochs that were checked before: what this one departs from is among them
 */
export async function* verifyEpoch(
  store: BucketStore,
  address: StreamAddress,
  epoch: Epoch,
  older: CheckedEpochs,
  options: RequestOptions,
): AsyncGenerator<VerifyProblem | { readonly header: PartHeader }> {
  if (await isReplaced(store, address, epoch, options)) return;
  const through = lastWithoutGap(epoch) ?? -1;
  if (through !== epoch.seqs.at(-1)) {
    const message = `expected part ${through + 1} of epoch ${epoch.epoch}, found ${epoch.seqs[through + 1]} after a gap`;
    yield { kind: 'gap', epoch: epoch.epoch, seq: through + 1, message };
  }
  const places = Array.from({ length: through + 1 }, (_, seq) => placeIn(address, epoch, seq));
  const blobs = new Set<string>();
  let sealed = false;
  let last: PartHeader | undefined;
  try {
    for await (const { place, part } of fetchParts(store, places, options)) {
      let header: PartHeader | undefined;
      for await (const piece of readVerified(part, place, last?.chain)) {
        if (piece.header) {
          header = piece.header;
          sealed ||= header.sealed !== undefined;
        } else if (streamKind(address.stream) === 'versions')
          for (const hash of blobsNamed(piece.lines)) blobs.add(hash);
      }
      if (!header) continue;
      checkTotals(header, last);
      if (!last) checkOpening(header, older);
      yield { header };
      last = header;
    }
  } catch (error) {
    if (!(error instanceof CairnError && error.code === 'corrupt')) throw error;
    const to = last?.to;
    yield {
      kind: 'corrupt',
      epoch: epoch.epoch,
      seq: last ? last.seq + 1 : 0,
      ...(to?.kind === 'bytes' && { byte: to.offset }),
      message: error.message,
    };
  }
  for (const hash of blobs) {
    const message = await blobProblem(store, address, hash, { ...options, sealed });
    if (message !== undefined) yield { kind: 'blob', epoch: epoch.epoch, message };
  }
}

function checkTotals(header: PartHeader, before: PartHeader | undefined): void {
  const { records, bytes } = before?.totals ?? noTotals;
  const { totals } = header;
  if (totals.records !== records + header.records || totals.bytes !== bytes + header.bytes) {
    throw new CairnError(
      'corrupt',
      `expected totals of ${records + header.records} records and ${bytes + header.bytes} bytes at part ${header.seq} of epoch ${header.epoch}, got ${totals.records} and ${totals.bytes}`,
    );
  }
}

/** Part 0 continues the part that its epoch departs from, or nothing. */
function checkOpening(header: PartHeader, older: CheckedEpochs): void {
  const departs = header.opened?.departs;
  const chain = departs ? older.get(departs.epoch)?.[departs.seq]?.chain : '';
  if (header.prev !== chain || (departs && departs.chain !== chain)) {
    const from = departs ? `part ${departs.seq} of epoch ${departs.epoch}` : 'nothing';
    throw new CairnError('corrupt', `expected epoch ${header.epoch} to continue ${from}, got another chain`);
  }
}

/** All but the end of an epoch was removed, and that end says where its content is now. */
async function isReplaced(
  store: BucketStore,
  address: StreamAddress,
  { epoch, seqs }: Epoch,
  options: RequestOptions,
): Promise<boolean> {
  const [seq = 0, ...more] = seqs;
  if (seq === 0 || more.length > 0) return false;
  return (await fetchHeader(store, { ...address, epoch, seq }, options))?.closed?.restart === false;
}

/** Hashes of the blobs that records of side files name. */
export function blobsNamed(lines: Uint8Array): string[] {
  return Buffer.from(lines)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const hash: unknown = (JSON.parse(line) as { sha256?: unknown } | null)?.sha256;
        return typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? [hash] : [];
      } catch {
        return []; // no record of a side file
      }
    });
}

async function blobProblem(
  store: BucketStore,
  address: SessionAddress,
  sha256: string,
  options: RequestOptions & { readonly sealed: boolean },
): Promise<string | undefined> {
  const key = blobKey(address, sha256);
  const object = await store.get(key, options);
  if (!object) return `expected a blob at ${key}, found none`;
  const hash = createHash('sha256');
  for await (const piece of object.body) hash.update(piece);
  const got = hash.digest('hex');
  // An encrypted project names blobs by a keyed hash; that they open proves them.
  return options.sealed || got === sha256 ? undefined : `expected content ${sha256} at ${key}, got ${got}`;
}
