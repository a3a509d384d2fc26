import type { Harness } from '../harness/types.ts';
import type { SessionAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { Prices } from '../trajectory/prices.ts';
import { SessionFold, type Statistics, StatisticsSum } from '../trajectory/statistics.ts';
import { readEvents } from './events.ts';
import { type Counted, type CountedSession, type Grouping, groupOf } from './grouping.ts';
import { listedSessions } from './inventory.ts';
import { arrange, listSession, type SessionListing } from './listing.ts';
import { TurnDetail } from './turn-detail.ts';

export interface StatisticsOptions extends RequestOptions {
  readonly project: string;
  readonly prices: Prices;
  readonly by?: Grouping | undefined;
  /** Told what each turn has beside the counts; of one session, `by` turn. */
  readonly details?: Map<string, TurnDetail>;
  harness(name: string): Harness | undefined;
  /** Sessions that the project has, where that is known: when many of them are counted, all are listed at once. */
  readonly of?: number;
  /** Only this epoch, of streams that have it. */
  readonly epoch?: number;
  /** After each session: how many are done. */
  readonly onSession?: (done: number) => void;
  /** A session that cannot be read; the others are counted. */
  readonly onProblem: (session: CountedSession, cause: unknown) => void;
}

/** From this share of a project's sessions on one LIST of all takes fewer requests than one of each. */
const manyOfAll = 1 / 20;
/** Sessions read at once. */
const ahead = 6;

/**
 * Statistics of sessions, each with its sub-agents. The older session counts what a fork of it repeats, and so
 * sessions are added by their start, however they arrive.
 */
export async function countSessions(
  store: BucketStore,
  sessions: readonly CountedSession[],
  options: StatisticsOptions,
): Promise<Counted> {
  const { prices, by } = options;
  const inOrder = [...sessions].sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? -1 : 1));
  const listings = await listTogether(store, sessions, options);
  const counted = new Set<string>();
  const total = new StatisticsSum(prices);
  const groups = new Map<string, StatisticsSum>();
  const reading: Promise<ReadonlyMap<string, SessionFold> | undefined>[] = [];
  for (let i = 0; i < inOrder.length; i++) {
    for (const next of inOrder.slice(i + reading.length, i + ahead))
      reading.push(foldSession(store, next, options, listings));
    const folds = await reading.shift();
    for (const [key, fold] of folds ?? []) {
      const group = groups.get(key) ?? new StatisticsSum(prices, counted);
      groups.set(key, group);
      group.add(fold);
      total.add(fold);
    }
    options.onSession?.(i + 1);
  }
  const value = total.value;
  return {
    total: { ...value, sessions: inOrder.length },
    groups: by === 'model' || by === 'tool' ? new Map() : valuesOf(groups),
    ...(options.details && { details: options.details }),
  };
}

/** The listings of sessions by `harness/session`; none where each had better be listed when its turn comes. */
async function listTogether(
  store: BucketStore,
  sessions: readonly CountedSession[],
  { project, of = Number.POSITIVE_INFINITY, signal }: StatisticsOptions,
): Promise<Map<string, SessionListing>> {
  const listings = new Map<string, SessionListing>();
  if (sessions.length < 2 || sessions.length < of * manyOfAll) return listings;
  const wanted = new Set(sessions.map(nameOf));
  for await (const { address, entries } of listedSessions(store, project, signal && { signal })) {
    const name = nameOf(address);
    if (wanted.has(name)) listings.set(name, await arrange(store, address, entries));
  }
  return listings;
}

function nameOf({ harness, session }: Pick<CountedSession, 'harness' | 'session'>): string {
  return `${harness}/${session}`;
}

function valuesOf(sums: ReadonlyMap<string, StatisticsSum>): ReadonlyMap<string, Statistics> {
  return new Map([...sums].map(([key, sum]) => [key, sum.value]));
}

/** Nothing, and a problem is reported, when the session cannot be read. */
async function foldSession(
  store: BucketStore,
  session: CountedSession,
  options: StatisticsOptions,
  listings: Map<string, SessionListing>,
): Promise<ReadonlyMap<string, SessionFold> | undefined> {
  const { project, by, epoch, signal } = options;
  const address: SessionAddress = { project, harness: session.harness, session: session.session };
  const keyOf = groupOf(by, session);
  const folds = new Map<string, SessionFold>();
  try {
    const listing = listings.get(nameOf(session)) ?? (await listSession(store, address, signal && { signal }));
    listings.delete(nameOf(session));
    const events = readEvents(store, listing, options.harness(session.harness), {
      wants: (stream) => stream !== 'files' && stream !== 'file-history',
      ...(signal && { signal }),
      ...(epoch !== undefined && { epoch }),
    });
    for await (const event of events) {
      const key = keyOf(event);
      const fold = folds.get(key) ?? new SessionFold();
      folds.set(key, fold);
      fold.add(event);
      if (!options.details) continue;
      const detail = options.details.get(key) ?? new TurnDetail();
      options.details.set(key, detail);
      detail.add(event);
    }
    return folds;
  } catch (cause) {
    options.onProblem(session, cause);
    return undefined;
  }
}
