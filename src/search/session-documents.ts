import type { Harness } from '../harness/types.ts';
import { readRecords } from '../sessions/events.ts';
import type { SessionListing } from '../sessions/listing.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { Sequence } from '../trajectory/sequence.ts';
import type { Run, SearchDocument } from './document.ts';
import { documentOf, longestText } from './event-document.ts';
import type { Coverage } from './search-index.ts';

/** Documents that are handed over together. */
const batchCharacters = 8 << 20;

/** Some documents of a session, in order, and the runs they make; `first` of a run counts from 0. */
export interface Batch {
  readonly runs: readonly Omit<Run, 'session'>[];
  readonly documents: readonly SearchDocument[];
}

/** What of a session the index does not have. @throws CairnError `corrupt`, and of the store */
export async function* newDocuments(
  store: BucketStore,
  listing: SessionListing,
  harness: Pick<Harness, 'projector'> | undefined,
  covered: ReadonlyMap<string, Coverage>,
  options: RequestOptions = {},
): AsyncGenerator<Batch> {
  for (const stream of listing.streams.keys()) {
    // Versions of side files are no part of the conversation: what a tool did with them is.
    if (harness?.projector === undefined || isFiles(stream)) continue;
    yield* streamDocuments(store, listing, stream, harness.projector(stream), covered.get(stream), options);
  }
}

function isFiles(stream: string): boolean {
  return stream === 'files' || stream === 'file-history';
}

async function* streamDocuments(
  store: BucketStore,
  listing: SessionListing,
  stream: string,
  projector: ReturnType<NonNullable<Harness['projector']>>,
  covered: Coverage | undefined,
  options: RequestOptions,
): AsyncGenerator<Batch> {
  const sequence = new Sequence(projector, { inline: longestText });
  const tools = new Map<string, string>();
  const parts = new Map<number, number[]>();
  let [head, from, events, epoch] = [0, 0, 0, 0];
  let known = 0;
  let documents: SearchDocument[] = [];
  let runs: Omit<Run, 'session'>[] = [];
  let characters = 0;
  let first = 0;
  const endRun = () => {
    const count = documents.length - first;
    runs.push({ stream, head, epoch, first, count, from, events, parts: parts.get(epoch) ?? [] });
    [first, from] = [documents.length, events];
  };
  for await (const { line, at } of readRecords(store, listing, stream, {
    ...options,
    onEpoch(read) {
      head = read;
      known = covered?.head === read ? covered.events : 0;
      from = known;
    },
    onPart({ epoch: of, seq, records }) {
      const own = parts.get(of) ?? [];
      own[seq] = records;
      parts.set(of, own);
    },
  })) {
    if (at.epoch !== epoch && events > from) endRun();
    epoch = at.epoch;
    for (const event of sequence.events(line, at)) {
      events = event.seq + 1;
      if (event.kind === 'tool_call') tools.set(event.callId, event.tool);
      if (event.seq < known) continue;
      const document = documentOf(event, event.kind === 'tool_result' ? tools.get(event.callId) : undefined);
      if (!document) continue;
      documents.push(document);
      characters += document.text.length;
    }
    if (characters < batchCharacters) continue;
    endRun();
    yield { runs, documents };
    [documents, runs, characters, first] = [[], [], 0, 0];
  }
  if (events > from) endRun();
  if (runs.length > 0) yield { runs, documents };
}
