import { type Epoch, placeIn } from '../mirror/epochs.ts';
import type { PartHeader } from '../mirror/part.ts';
import type { StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { fetchParts } from './reader.ts';
import { readVerified } from './verified-part.ts';

/** A part with all its lines. */
export interface StoredPart {
  readonly header: PartHeader;
  readonly lines: Uint8Array;
}

/** Every part of an epoch that is there, also of one that was closed or has gaps. @throws CairnError `corrupt` */
export async function* readStored(
  store: BucketStore,
  address: StreamAddress,
  epoch: Pick<Epoch, 'epoch' | 'seqs' | 'packs'>,
  options?: RequestOptions,
): AsyncGenerator<StoredPart> {
  const places = epoch.seqs.map((seq) => placeIn(address, epoch, seq));
  for await (const { place, part } of fetchParts(store, places, options)) {
    let header: PartHeader | undefined;
    const lines: Uint8Array[] = [];
    for await (const piece of readVerified(part, place, undefined)) {
      if (piece.header) header = piece.header;
      else lines.push(piece.lines);
    }
    const [only = new Uint8Array()] = lines;
    if (header) yield { header, lines: lines.length > 1 ? Buffer.concat(lines) : only };
  }
}
