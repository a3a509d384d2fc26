import { CairnError } from '../errors.ts';
import { type Epoch, findHeads, lastWithoutGap, lineageOf, type PartRange, placesOf } from '../mirror/epochs.ts';
import type { PartPiece } from '../mirror/part.ts';
import { type FetchedPart, type PartPlace, Parts } from '../mirror/parts.ts';
import { partKey, type StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { readVerified } from './verified-part.ts';

/** Parts fetched ahead of the one that is being read. */
const AHEAD = 3;

/** Parts 0 to `through` of each epoch, the oldest ancestor first. */
export type PartRun = readonly PartRange[];

/** What of a stream is to be read. */
export interface ChosenEpoch {
  readonly epoch: number;
  readonly run: PartRun;
  /** Heads besides the one that was chosen: the stream is forked. Not looked for where an epoch was asked for. */
  readonly others: readonly number[];
}

/**
 * The highest head, or the epoch asked for, and how its content is put together. With `parts`, who reads it by the same
 * does not fetch a small part again.
 * @throws CairnError `not-found`, `corrupt`
 */
export async function chooseEpoch(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  wanted?: number,
  parts?: Parts,
): Promise<ChosenEpoch> {
  if (wanted !== undefined) {
    const epoch = epochs.find((e) => e.epoch === wanted);
    const through = epoch && lastWithoutGap(epoch);
    if (through === undefined) {
      throw new CairnError('not-found', `expected epoch ${wanted} of ${address.stream}, found none`, {
        hint: `there are ${epochs.map((e) => e.epoch).join(', ') || 'none'}`,
      });
    }
    return { epoch: wanted, run: await lineageOf(store, address, epochs, wanted, through, parts), others: [] };
  }
  const [head, ...others] = await findHeads(store, address, epochs, parts);
  if (!head) {
    throw new CairnError('corrupt', `expected an epoch of ${address.stream} that is not closed, found none`, {
      hint: 'read one by `--epoch N`; `cairn session show` lists them',
    });
  }
  return { epoch: head.epoch, run: head.lineage, others: others.map((other) => other.epoch) };
}

/**
 * The records of a stream exactly, part by part, proven on the way. Reads no faster than its consumer.
 * @throws CairnError `corrupt` where a part is missing or not what it should be; what came before was right
 */
export async function* readParts(
  store: BucketStore,
  address: StreamAddress,
  run: PartRun,
  options: RequestOptions = {},
  fetcher?: Parts,
): AsyncGenerator<PartPiece> {
  let chain = '';
  for await (const { place, part } of fetchParts(store, [...placesOf(address, run)], options, fetcher)) {
    for await (const piece of readVerified(part, place, chain)) {
      if (piece.header) chain = piece.header.chain;
      yield piece;
    }
  }
}

/** The parts at `places`, in order, a few fetched ahead. @throws CairnError `corrupt` for one that is not there */
export async function* fetchParts(
  store: BucketStore,
  places: readonly PartPlace[],
  options: RequestOptions = {},
  parts = new Parts(store, options),
): AsyncGenerator<{ readonly place: PartPlace; readonly part: FetchedPart }> {
  const fetched: Promise<FetchedPart | undefined>[] = [];
  try {
    for (const [i, place] of places.entries()) {
      for (const next of places.slice(i + fetched.length, i + 1 + AHEAD)) {
        const part = parts.get(next);
        part.catch(() => {}); // told when its turn comes
        fetched.push(part);
      }
      const part = await fetched.shift();
      if (!part) {
        throw new CairnError('corrupt', `expected a part at ${partKey(place)}, found none`, {
          hint: 'run `cairn session verify` on this session to see what is readable',
        });
      }
      yield { place, part };
    }
  } finally {
    for (const part of fetched) part.then((left) => left?.close()).catch(() => {});
  }
}
