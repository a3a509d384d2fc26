import { parseShareKey, type SessionAddress, sharesPrefix } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** A page of a session in the bucket that a link leads to. */
export interface Share {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When the link ends, milliseconds since 1970. */
  readonly until: number;
}

/** The pages of a session that were given out, the one that ends first at the front. */
export async function listShares(
  store: BucketStore,
  address: SessionAddress,
  options?: RequestOptions,
): Promise<Share[]> {
  const shares: Share[] = [];
  for await (const entry of store.list(sharesPrefix(address), options)) {
    const page = 'key' in entry ? parseShareKey(entry.key) : undefined;
    if ('key' in entry && page) shares.push({ key: entry.key, size: entry.size, until: page.until * 1000 });
  }
  return shares.sort((a, b) => a.until - b.until);
}

/** Removes those whose links ended before `now`; without it all, so that links lead nowhere. */
export async function removeShares(
  store: BucketStore,
  address: SessionAddress,
  { now = Number.POSITIVE_INFINITY, ...options }: RequestOptions & { readonly now?: number } = {},
): Promise<number> {
  const over = (await listShares(store, address, options)).filter(({ until }) => until < now);
  for (const { key } of over) await store.remove(key, options);
  return over.length;
}
