import { CairnError } from '../errors.ts';
import { linesOf } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';
import type { PartHeader } from '../mirror/part.ts';
import { Parts } from '../mirror/parts.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { Place, RecordEvent } from '../trajectory/events.ts';
import type { Projector } from '../trajectory/projector.ts';
import { Sequence, type SequenceOptions, unknownBody } from '../trajectory/sequence.ts';
import type { SessionListing } from './listing.ts';
import { chooseEpoch, readParts } from './reader.ts';

export interface EventOptions extends SequenceOptions, RequestOptions {
  /** Streams that are wanted; default all. */
  wants?(stream: string): boolean;
  /** This epoch instead of the highest head, of streams that have it. */
  readonly epoch?: number;
  /** A stream has other heads than the epoch that is read. */
  readonly onFork?: (stream: string, epoch: number, others: readonly number[]) => void;
  /** The epoch of a stream that is read, before its first record. */
  readonly onEpoch?: (epoch: number) => void;
  /** A part, before its records. */
  readonly onPart?: (header: PartHeader) => void;
}

/** A record of a session, and where it lies. */
export interface PlacedRecord {
  /** Without its `\n`. */
  readonly line: Uint8Array;
  readonly at: Place;
}

/**
 * The events of a session from the bucket, stream after stream, `main` first, then by name: the same every time. Reads
 * no faster than its consumer, and holds one part. A harness that makes no events gives `unknown` ones.
 * @throws CairnError `corrupt`, and of the store; what came before was right
 */
export async function* readEvents(
  store: BucketStore,
  listing: SessionListing,
  harness: Pick<Harness, 'projector'> | undefined,
  options: EventOptions = {},
): AsyncGenerator<RecordEvent> {
  for (const stream of listing.streams.keys()) {
    if (options.wants && !options.wants(stream)) continue;
    const sequence = new Sequence(projectorOf(harness, stream), options);
    for await (const { line, at } of readRecords(store, listing, stream, options)) yield* sequence.events(line, at);
  }
}

/** The records of one stream with their places. @throws CairnError `corrupt`, and of the store */
export async function* readRecords(
  store: BucketStore,
  listing: SessionListing,
  stream: string,
  options: Pick<EventOptions, 'epoch' | 'onFork' | 'onEpoch' | 'onPart' | 'signal'> = {},
): AsyncGenerator<PlacedRecord> {
  const address = { ...listing.address, stream };
  const epochs = listing.streams.get(stream) ?? [];
  const { epoch: wanted, onFork, onEpoch, onPart, signal } = options;
  const epoch = epochs.some((one) => one.epoch === wanted) ? wanted : undefined;
  const request = signal && { signal };
  const parts = new Parts(store, request);
  const { epoch: read, run, others } = await chooseEpoch(store, address, epochs, epoch, parts);
  if (others.length > 0) onFork?.(stream, read, others);
  onEpoch?.(read);
  let place: { epoch: number; record: number } | undefined;
  let rest: Uint8Array = new Uint8Array();
  for await (const { header, lines } of readParts(store, address, run, request, parts)) {
    if (header) {
      place = { epoch: header.epoch, record: header.totals.records - header.records };
      onPart?.(header);
    }
    if (!lines || !place) continue;
    const block = rest.length > 0 ? Buffer.concat([rest, lines]) : lines;
    const end = block.lastIndexOf(10) + 1;
    for (const line of linesOf(block.subarray(0, end))) {
      yield { line, at: { stream, epoch: place.epoch, record: place.record++ } };
    }
    rest = block.subarray(end);
  }
  if (signal?.aborted) throw new CairnError('incomplete', 'expected to read all records, but was stopped');
}

/** What makes events of the records of a stream; of a harness that makes none, each is an unknown one. */
export function projectorOf(harness: Pick<Harness, 'projector'> | undefined, stream: string): Projector {
  return harness?.projector?.(stream) ?? unknownRecords;
}

const unknownRecords: Projector = {
  project: (record) => ({ events: [unknownBody('type', record.raw())] }),
};
