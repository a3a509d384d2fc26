import type { Runtime } from '../runtime.ts';
import { type SessionAddress, sessionPrefix, sessionsPrefix } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';

/** What is in the bucket for longer may have been packed, so that a part's number no longer shows that it is taken. */
const LISTING_MS = 12 * 3_600_000;

/**
 * Whether the bucket has something of a session, for many of them: what it has is listed once for each harness, and
 * again when that is half a day old, or was no answer.
 */
export function sessionsInBucket(store: BucketStore, runtime: Runtime): (address: SessionAddress) => Promise<boolean> {
  const listed = new Map<string, { readonly at: number; readonly folders: Promise<ReadonlySet<string>> }>();
  const list = async (prefix: string) => {
    const folders = new Set<string>();
    for await (const entry of store.list(prefix, { delimiter: '/' })) if ('prefix' in entry) folders.add(entry.prefix);
    return folders;
  };
  const ask = (prefix: string) => {
    const asked = { at: runtime.now(), folders: list(prefix) };
    listed.set(prefix, asked);
    // Whoever waits for it is told; the next one asks anew.
    asked.folders.catch(() => listed.get(prefix) === asked && listed.delete(prefix));
    return asked;
  };
  return async (address) => {
    const prefix = sessionsPrefix(address.project, address.harness);
    const known = listed.get(prefix);
    const isFresh = known && Math.abs(runtime.now() - known.at) < LISTING_MS;
    const { folders } = isFresh ? known : ask(prefix);
    return (await folders).has(sessionPrefix(address));
  };
}

/** The same for one session. */
export async function isInBucket(store: BucketStore, address: SessionAddress): Promise<boolean> {
  for await (const _ of store.list(sessionPrefix(address), { max: 1 })) return true;
  return false;
}
