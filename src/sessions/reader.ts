import { CairnError } from '../errors.ts';
import { type Epoch, findHeads, type Head, lastWithoutGap, lineageOf } from '../mirror/epochs.ts';
import type { PartPiece } from '../mirror/part.ts';
import { type PartAddress, partKey, type StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions, StoredObject } from '../store/types.ts';
import { readVerified } from './verified-part.ts';

/** Parts fetched ahead of the one that is being read. */
const AHEAD = 3;
/** Larger objects are not fetched ahead but streamed when their turn comes. */
const AHEAD_BYTES = 16 << 20;

/** Parts 0 to `through` of each epoch, the oldest ancestor first. */
export type PartRun = Head['lineage'];

/** What of a stream is to be read. */
export interface ChosenEpoch {
  readonly epoch: number;
  readonly run: PartRun;
  /** Heads besides the one that was chosen: the stream is forked. Not looked for where an epoch was asked for. */
  readonly others: readonly number[];
}

/**
 * The highest head, or the epoch asked for, and how its content is put together.
 * @throws CairnError `not-found`, `corrupt`
 */
export async function chooseEpoch(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  wanted?: number,
): Promise<ChosenEpoch> {
  if (wanted !== undefined) {
    const epoch = epochs.find((e) => e.epoch === wanted);
    const through = epoch && lastWithoutGap(epoch);
    if (through === undefined) {
      throw new CairnError('not-found', `expected epoch ${wanted} of ${address.stream}, found none`, {
        hint: `there are ${epochs.map((e) => e.epoch).join(', ') || 'none'}`,
      });
    }
    return { epoch: wanted, run: await lineageOf(store, address, wanted, through), others: [] };
  }
  const [head, ...others] = await findHeads(store, address, epochs);
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
): AsyncGenerator<PartPiece> {
  const parts = run.flatMap(({ epoch, through }) =>
    Array.from({ length: through + 1 }, (_, seq) => ({ ...address, epoch, seq })),
  );
  let chain = '';
  for await (const { part, object } of fetchParts(store, parts, options)) {
    for await (const piece of readVerified(object, part, chain)) {
      if (piece.header) chain = piece.header.chain;
      yield piece;
    }
  }
}

/** The objects of `parts`, in order, a few fetched ahead. @throws CairnError `corrupt` for one that is not there */
export async function* fetchParts(
  store: BucketStore,
  parts: readonly PartAddress[],
  options: RequestOptions = {},
): AsyncGenerator<{ readonly part: PartAddress; readonly object: StoredObject }> {
  const fetched: Promise<StoredObject>[] = [];
  try {
    for (const [i, part] of parts.entries()) {
      for (const next of parts.slice(i + fetched.length, i + 1 + AHEAD)) {
        const object = fetchAhead(store, partKey(next), options);
        object.catch(() => {}); // told when its turn comes
        fetched.push(object);
      }
      const object = await fetched.shift();
      if (object) yield { part, object };
    }
  } finally {
    for (const object of fetched) object.then((left) => left.close()).catch(() => {});
  }
}

/** Gets an object; a small one at once and whole, so that a slow consumer does not hold a connection. */
async function fetchAhead(store: BucketStore, key: string, options: RequestOptions): Promise<StoredObject> {
  const object = await store.get(key, options);
  if (!object) {
    throw new CairnError('corrupt', `expected a part at ${key}, found none`, {
      hint: 'run `cairn session verify` on this session to see what is readable',
    });
  }
  if (object.size > AHEAD_BYTES) return object;
  const bytes = await object.bytes();
  return { ...object, body: once(bytes), bytes: async () => bytes, close() {} };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
