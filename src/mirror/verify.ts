import type { Harness, SessionRef, SourceKey } from '../harness/types.ts';
import { isDeleted } from '../sessions/deletion.ts';
import { listSession } from '../sessions/listing.ts';
import type { SessionAddress, StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { type Custody, custodyOf } from './custody.ts';
import type { Epoch } from './epochs.ts';
import type { PartHeader } from './part.ts';
import type { StreamRecord } from './stream-record.ts';
import { verifyEpoch } from './verify-epoch.ts';
import { compareSource, contentOf } from './verify-source.ts';

/** What a check found, in the order of the session. Shapes are law for `--json`: docs/json.md. */
export type VerifyFinding =
  | {
      readonly event: 'stream';
      readonly stream: string;
      readonly epochs: number;
      readonly parts: number;
      /** Of the highest head. */
      readonly records: number;
      readonly bytes: number;
      /** Whether the source has what the bucket has; absent where the source was not at hand. */
      readonly source?: 'equal' | 'differs';
    }
  | ({ readonly event: 'problem' } & VerifyProblem)
  | Custody
  /** Nothing is wrong, but a person may want to know. */
  | { readonly event: 'note'; readonly kind: 'fork'; readonly stream: string; readonly message: string };

export interface VerifyProblem {
  readonly kind: 'gap' | 'corrupt' | 'source' | 'blob' | 'strange';
  readonly message: string;
  readonly stream?: string;
  /** First part that is wrong. */
  readonly epoch?: number;
  readonly seq?: number;
  /** Where that part begins in the source, in plain bytes. */
  readonly byte?: number;
}

export interface VerifyOptions extends RequestOptions {
  /** Also tell of each sound stream whether it was complete before its source was deleted. */
  readonly custody?: boolean;
  /** The source, where it is on this host. */
  readonly source?: {
    readonly harness: Harness;
    readonly session: SessionRef;
    readonly key: SourceKey;
    /** What this host's mirror keeps of a stream. */
    record?(stream: string): Promise<StreamRecord | undefined>;
  };
}

/** Headers of an epoch's parts as far as they are sound, from part 0. */
export type CheckedEpochs = ReadonlyMap<number, readonly CheckedPart[]>;

/** What of a header is needed later: of a session of 100,000 parts all of them are held. */
export type CheckedPart = Pick<
  PartHeader,
  'epoch' | 'seq' | 'from' | 'to' | 'records' | 'source' | 'prev' | 'chain' | 'opened' | 'closed' | 'at'
> & { readonly totals: Pick<PartHeader['totals'], 'records' | 'bytes'> };

function checkedPart({
  epoch,
  seq,
  from,
  to,
  records,
  source,
  prev,
  chain,
  opened,
  closed,
  at,
  totals,
}: PartHeader): CheckedPart {
  return {
    epoch,
    seq,
    from,
    to,
    records,
    source,
    prev,
    chain,
    ...(opened && { opened }),
    ...(closed && { closed }),
    at,
    totals: { records: totals.records, bytes: totals.bytes },
  };
}

/**
 * Reads a whole session: numbers, chain, hashes and counts of every epoch, the blobs that its records name,
 * and with the source at hand every part's keyed hash against it.
 * @throws CairnError `newer-format`, and of the store; what is wrong with the session is a finding
 */
export async function* verifySession(
  store: BucketStore,
  address: SessionAddress,
  options: VerifyOptions = {},
): AsyncGenerator<VerifyFinding> {
  const listing = await listSession(store, address, options);
  if (await isDeleted(store, listing)) return;
  const { streams, strange } = listing;
  for (const key of strange) yield { event: 'problem', kind: 'strange', message: `expected no object at ${key}` };
  for (const [stream, epochs] of streams) yield* verifyStream(store, { ...address, stream }, epochs, options);
}

async function* verifyStream(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  options: VerifyOptions,
): AsyncGenerator<VerifyFinding> {
  const { stream } = address;
  const checked = new Map<number, CheckedPart[]>();
  let sound = true;
  let head: PartHeader | undefined;
  for (const epoch of epochs) {
    let last: PartHeader | undefined;
    const headers: CheckedPart[] = [];
    checked.set(epoch.epoch, headers);
    for await (const found of verifyEpoch(store, address, epoch, checked, options)) {
      if ('header' in found) {
        headers.push(checkedPart(found.header));
        last = found.header;
      } else {
        sound = false;
        yield { event: 'problem', stream, ...found };
      }
    }
    if (last && !last.closed) head = last;
  }
  const heads = [...checked.values()]
    .map((headers) => headers.at(-1))
    .filter((last) => last && !last.closed)
    .reverse();
  if (heads.length > 1) {
    const names = heads.map((last) => last?.epoch).join(', ');
    yield {
      event: 'note',
      kind: 'fork',
      stream,
      message: `expected one open epoch of ${stream}, found ${names}: a fork`,
    };
  }
  const ref = sound ? options.source?.session.streams.find(({ name }) => name === stream) : undefined;
  const differs = ref && (await compareSource(store, address, ref, checked, options));
  if (differs) yield { event: 'problem', stream, ...differs };
  yield {
    event: 'stream',
    stream,
    epochs: epochs.length,
    parts: epochs.reduce((sum, epoch) => sum + epoch.seqs.length, 0),
    records: heads[0]?.totals.records ?? 0,
    bytes: heads[0]?.totals.bytes ?? 0,
    ...(ref && { source: differs ? 'differs' : 'equal' }),
  };
  if (options.custody && sound && head) yield custodyOf(head, contentOf(checked, head.epoch));
}
