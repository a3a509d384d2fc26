import { CairnError } from '../errors.ts';
import { FOLLOWED_AGAIN_MS, ringFollowed } from '../mirror/live-readers.ts';
import type { PartPiece } from '../mirror/part.ts';
import { Parts } from '../mirror/parts.ts';
import type { Runtime } from '../runtime.ts';
import { folderName, partKey, type SessionAddress, sessionPrefix } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import { readVerified } from './verified-part.ts';

/** Where a stream is read on: the number of the next part. */
export interface FollowFrom {
  readonly epoch: number;
  readonly seq: number;
  /** Chain of the part before, where it is known. */
  readonly chain?: string;
}

export interface FollowOptions {
  readonly runtime: Runtime;
  /** Where streams that are known stand; a stream that appears later is read from its start. */
  readonly from: ReadonlyMap<string, FollowFrom>;
  /** Whether a stream is wanted. */
  wants(stream: string): boolean;
  /** Longest pause between two looks, milliseconds; default 10 s. */
  readonly pollMs?: number;
  /** Lets the session's mirror know that somebody follows, so that it ships more often: one small write a minute. */
  readonly ring?: boolean;
  readonly signal?: AbortSignal;
}

/** What a follower sees: records, an epoch that goes on elsewhere, the session's end. */
export type Followed =
  | {
      readonly event: 'part';
      readonly stream: string;
      readonly epoch: number;
      readonly seq: number;
      readonly piece: PartPiece;
    }
  | {
      readonly event: 'epoch';
      readonly stream: string;
      readonly reason: string;
      readonly epoch: number;
      readonly restart: boolean;
    }
  | { readonly event: 'ended' | 'gone' };

/** A session at work is looked at this often, one that is silent ever more seldom: a fortieth of its silence. */
const firstPauseMs = 100;
const silenceShare = 1 / 40;
const defaultPollMs = 10_000;
/** Who has not asked for the next part for so long looks for it in packs, too. */
const lateMs = 3_600_000;

/**
 * Follows a session from the bucket alone: asks for the next part's key, a part that is there is its own
 * news. Over a closing part it goes into the next epoch. Ends when the main stream says that it ended, or
 * when the signal is aborted.
 * @throws CairnError `corrupt`, and of the store
 */
export async function* followSession(
  store: BucketStore,
  address: SessionAddress,
  options: FollowOptions,
): AsyncGenerator<Followed> {
  const { runtime, signal, pollMs = defaultPollMs } = options;
  const places = new Map(options.from);
  let heard = runtime.monotonic();
  let looked = runtime.monotonic();
  let end: 'ended' | 'gone' | undefined;
  let ringAt = options.ring ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const parts = new Parts(store, signal && { signal });
  let asked = runtime.now();
  let late = true;
  while (!signal?.aborted) {
    let news = false;
    if (runtime.monotonic() >= ringAt) {
      ringAt = runtime.monotonic() + FOLLOWED_AGAIN_MS;
      // Not every reader may write: it reads at the mirror's own pace then.
      void ringFollowed(store, address).catch((cause) => {
        if (cause instanceof CairnError && cause.code === 'denied') ringAt = Number.POSITIVE_INFINITY;
      });
    }
    // What came less than an hour ago cannot have been packed.
    late ||= Math.abs(runtime.now() - asked) > lateMs;
    asked = runtime.now();
    for (const [stream, place] of places) {
      for await (const followed of readNext(parts, { ...address, stream }, place, late)) {
        if ('next' in followed) places.set(stream, followed.next);
        else {
          if (followed.event === 'part' && stream === 'main' && followed.piece.header)
            end = followed.piece.header.event;
          news = true;
          yield followed;
        }
      }
    }
    if (news) {
      heard = runtime.monotonic();
      continue;
    }
    late = false;
    if (end) {
      yield { event: end };
      return;
    }
    if (runtime.monotonic() - looked >= pollMs) {
      looked = runtime.monotonic();
      for (const stream of await streamsOf(store, address, signal)) {
        if (options.wants(stream) && !places.has(stream)) places.set(stream, { epoch: 0, seq: 0, chain: '' });
      }
    }
    const pause = Math.max(firstPauseMs, (runtime.monotonic() - heard) * silenceShare);
    await runtime.sleep(Math.min(pause, pollMs) * (0.8 + 0.4 * runtime.random()), signal);
  }
}

/** The next part of a stream, if it is there, and where to go on. `late`: it may have been packed. */
async function* readNext(
  parts: Parts,
  address: SessionAddress & { readonly stream: string },
  place: FollowFrom,
  late: boolean,
): AsyncGenerator<Followed | { readonly next: FollowFrom }> {
  const part = { ...address, epoch: place.epoch, seq: place.seq };
  const fetched = await (late ? parts.get(part) : parts.next(part));
  if (!fetched) return;
  const { stream } = address;
  for await (const piece of readVerified(fetched, part, place.chain)) {
    yield { event: 'part', stream, epoch: part.epoch, seq: part.seq, piece };
    if (!piece.header) continue;
    const { closed, chain } = piece.header;
    if (!closed) {
      yield { next: { epoch: part.epoch, seq: part.seq + 1, chain } };
      continue;
    }
    if (closed.next.epoch <= part.epoch) {
      throw new CairnError('corrupt', `expected ${partKey(part)} to point at a later epoch, got ${closed.next.epoch}`, {
        hint: 'run `cairn session verify` on this session',
      });
    }
    yield { event: 'epoch', stream, reason: closed.reason, epoch: closed.next.epoch, restart: closed.restart };
    yield { next: closed.next };
  }
}

async function streamsOf(store: BucketStore, address: SessionAddress, signal?: AbortSignal): Promise<string[]> {
  const streams: string[] = [];
  for await (const entry of store.list(sessionPrefix(address), { delimiter: '/', ...(signal && { signal }) })) {
    const name = 'prefix' in entry ? folderName(entry.prefix) : undefined;
    if (name !== undefined && name !== 'blobs') streams.push(name);
  }
  return streams;
}
