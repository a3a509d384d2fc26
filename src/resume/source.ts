import { CairnError } from '../errors.ts';
import type { Cursor } from '../harness/cursor.ts';
import { emptySummary, linesOfPieces, parseRecord } from '../harness/index.ts';
import type { Harness, SessionSummary } from '../harness/types.ts';
import { fetchHeader } from '../mirror/epochs.ts';
import type { SessionMeta } from '../mirror/meta.ts';
import type { PartHeader } from '../mirror/part.ts';
import { listSession, type SessionListing } from '../sessions/listing.ts';
import { readMeta } from '../sessions/meta-reader.ts';
import { chooseEpoch, type PartRun, readParts } from '../sessions/reader.ts';
import type { StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** So far it is looked for the working directory. */
const headRecords = 200;

/** A stream of the bucket that is to be put back. */
export interface SourceStream {
  readonly address: StreamAddress;
  readonly kind: Cursor['kind'];
  readonly run: PartRun;
  /** Header of the last part of `run`. */
  readonly last: PartHeader;
  /** Value of the first record. */
  readonly first: unknown;
  /** Summary of the first records: what they rest on, where the agent worked. */
  readonly summary: SessionSummary;
  /** Heads besides the one that is taken. */
  readonly others: readonly number[];
}

/** A session of the bucket that is to be put back. */
export interface SourceSession {
  readonly id: string;
  readonly meta: SessionMeta | undefined;
  readonly streams: readonly SourceStream[];
}

/**
 * The session with everything it rests on, bases first. Only with its bases an agent sees all of a fork.
 * @throws CairnError `not-found` for a base that the bucket does not have, `corrupt`
 */
export async function readClosure(
  store: BucketStore,
  harness: Harness,
  listing: SessionListing,
  options: RequestOptions & { readonly epoch?: number } = {},
): Promise<readonly SourceSession[]> {
  const { epoch, ...request } = options;
  const found = new Map<string, SourceSession>();
  const visit = async (at: SessionListing, wanted?: number) => {
    const session = await readSource(store, harness, at, wanted, request);
    found.set(session.id, session);
    for (const base of basesOf(session)) {
      if (found.has(base)) continue;
      const next = await listSession(store, { ...at.address, session: base }, request);
      if (next.streams.size === 0) throw missingBase(session.id, base);
      await visit(next);
      // A base stands before what rests on it, however it was reached.
    }
    found.delete(session.id);
    found.set(session.id, session);
  };
  await visit(listing, epoch);
  return [...found.values()];
}

async function readSource(
  store: BucketStore,
  harness: Harness,
  { address, streams }: SessionListing,
  epoch: number | undefined,
  options: RequestOptions,
): Promise<SourceSession> {
  const sources = await Promise.all(
    [...streams].map(async ([stream, epochs]): Promise<SourceStream> => {
      const at = { ...address, stream };
      const { run, others } = await chooseEpoch(store, at, epochs, stream === 'main' ? epoch : undefined);
      const end = run.at(-1);
      const last = end && (await fetchHeader(store, { ...at, epoch: end.epoch, seq: end.through }, options));
      if (!last) throw new CairnError('corrupt', `expected parts of ${address.session}/${stream}, found none`);
      const head = await readHead(store, harness, at, run, options);
      return { address: at, kind: last.to.kind, run, last, others, ...head };
    }),
  );
  return { id: address.session, meta: await readMeta(store, address, options), streams: sources };
}

async function readHead(
  store: BucketStore,
  harness: Harness,
  address: StreamAddress,
  run: PartRun,
  options: RequestOptions,
): Promise<Pick<SourceStream, 'first' | 'summary'>> {
  let first: unknown;
  let summary = emptySummary;
  for await (const bytes of linesOfPieces(linesIn(store, address, run, options))) {
    const value = parseRecord(bytes);
    if (summary.records === 0) first = value;
    summary = harness.summarise(summary, { stream: address.stream, bytes, value });
    if (summary.cwd !== undefined || summary.records >= headRecords) break;
  }
  return { first, summary };
}

async function* linesIn(store: BucketStore, address: StreamAddress, run: PartRun, options: RequestOptions) {
  for await (const { lines } of readParts(store, address, run, options)) if (lines) yield lines;
}

function basesOf({ id, meta, streams }: SourceSession): ReadonlySet<string> {
  const links = [...streams.flatMap(({ summary }) => summary.lineage ?? []), ...(meta?.summary.lineage ?? [])];
  return new Set(links.flatMap(({ kind, session }) => (kind === 'base' && session !== id ? [session] : [])));
}

function missingBase(session: string, base: string): CairnError {
  return new CairnError('not-found', `expected ${base}, on which ${session} rests, found nothing of it in the bucket`, {
    hint: 'mirror that session too, from a host that has it: without it the agent refuses to go on',
  });
}
