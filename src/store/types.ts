import type { Seal } from './seal.ts';

/**
 * The contract of a bucket. Every implementation passes `test/store/contract.ts`; retry, limit,
 * count and fault are wrappers of this same interface, never code inside a store.
 *
 * Keys are `/`-separated, relative to the bucket's prefix, and come from `keys.ts` alone. A call whose
 * signal is aborted throws the signal's reason; what was under way may still happen.
 */
export interface BucketStore {
  /** Where this is, for people and for keying local state: no credentials in it. */
  readonly url: string;

  /**
   * What encrypts here, where the project is encrypted. Who writes parts seals their records by it, as the header
   * names the hash of what is stored; all else is sealed and opened on the way. Absent: nothing is encrypted.
   */
  sealing?(): Promise<Seal | undefined>;

  /** A part or a pack as it is stored, where `get` would open it. Absent: `get` opens nothing. */
  stored?(key: string, options?: RequestOptions): Promise<StoredObject | undefined>;

  /**
   * Creates `key` if it does not exist: one attempt, never retried inside. A refused condition is an
   * answer, not an exception. While the key exists no second create succeeds, and a reader sees
   * nothing or the whole object.
   * @throws CairnError `denied`, `not-found` (no such bucket), `unfit`, `disk-full`
   */
  create(key: string, payload: Payload, options?: RequestOptions): Promise<CreateAnswer>;

  /** Replaces `key`: for hints only (meta, catalog, bells), which may be stale or lost. */
  overwrite(key: string, payload: Payload, options?: RequestOptions): Promise<void>;

  /** `undefined` when absent. The caller reads `body` to its end or calls `close`. */
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;

  /**
   * Keys under `prefix` in byte order of their UTF-8 form, strictly after `after`. A folded prefix
   * takes part in order, `after` and `max` like a key.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListEntry>;

  /** Collection only. Removing what is absent is no error. */
  remove(key: string, options?: RequestOptions): Promise<void>;

  /**
   * A link by which anybody reads `key` for so long, as a page of `mediaType`; absent where a store has no such links.
   * No request is made: whether there is anything at `key` shows when the link is followed.
   * @throws CairnError `denied` without credentials
   */
  link?(key: string, options: LinkOptions): Promise<Link>;

  /** Releases sockets and timers. */
  close(): Promise<void>;
}

/** Bytes, or what can be opened again for each attempt. */
export type Payload = Uint8Array | { readonly size: number; open(): AsyncIterable<Uint8Array> };

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface LinkOptions {
  /** At most 604,800: a week. */
  readonly seconds: number;
  readonly mediaType: string;
}

export interface Link {
  readonly url: string;
  /** Milliseconds since 1970: it ends with the credentials that made it, where those end sooner. */
  readonly until: number;
}

export interface CreateAnswer {
  /**
   * `created`: the object is mine and durable. `exists`: the key is taken (perhaps by an earlier
   * attempt of mine). `conflict`: ask again, nothing is decided. `unknown`: it may or may not have
   * happened, or may happen later.
   */
  readonly outcome: 'created' | 'exists' | 'conflict' | 'unknown';
  /** The store's clock when it answered, milliseconds since 1970. */
  readonly date: number | undefined;
  /** Why the outcome is `conflict` or `unknown`; `retryAfterMs` where the store asked for a pause. */
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

export interface GetOptions extends RequestOptions {
  /** Bytes `start` to `end`, both included; a range that starts behind the end gives no bytes. */
  readonly range?: { readonly start: number; readonly end?: number };
}

export interface StoredObject {
  /** Size of the whole object in bytes, also when a range was asked for. */
  readonly size: number;
  /** The store's clock when it answered, milliseconds since 1970. */
  readonly date: number;
  /** When the object was stored, by the store's clock: whole seconds on some stores. */
  readonly modified: number;
  /** The bytes asked for, once, with back-pressure. A cut body throws `unavailable`. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The same, collected. */
  bytes(): Promise<Uint8Array>;
  /** Gives up the body unread. */
  close(): void;
}

export interface ListOptions extends RequestOptions {
  /** Exclusive; need not exist. */
  readonly after?: string;
  /** Stop after so many entries. */
  readonly max?: number;
  /** With `/`: what follows the next `/` is folded into one `{prefix}` entry. */
  readonly delimiter?: '/';
}

export type ListEntry = ObjectInfo | { readonly prefix: string };

export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  readonly modified: number;
  /** The store's clock when the page was answered. */
  readonly date: number;
}
