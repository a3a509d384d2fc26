import type { SessionRef } from '../harness/types.ts';
import type { Runtime } from '../runtime.ts';
import { followedKey } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import type { Job } from './live-job.ts';

/** A follower says so again after each. */
export const FOLLOWED_AGAIN_MS = 60_000;
/** And is taken to be there so long after it said so, by the store's clock alone. */
const FOLLOWED_MS = 150_000;
/** Of one session, and only beside parts that are shipped. */
const ASK_EVERY_MS = 5000;

/**
 * Looks whether somebody follows a session, by the object that a follower leaves: one GET, at most every 5 s, and
 * none where nothing is shipped. A hint: what goes wrong with it is nobody's trouble.
 */
export async function askForReaders(
  run: { readonly store: BucketStore; readonly runtime: Runtime; readonly project: string },
  job: Job,
): Promise<void> {
  const now = run.runtime.monotonic();
  if (now - job.askedAt < ASK_EVERY_MS) return;
  job.askedAt = now;
  const bell = await run.store.get(followedKey(addressOf(run.project, job.found.ref))).catch(() => undefined);
  bell?.close();
  job.followed = bell !== undefined && bell.date - bell.modified < FOLLOWED_MS;
}

/** Tells the session's mirror that somebody follows. @throws CairnError of the store; a reader may not be allowed to */
export function ringFollowed(store: BucketStore, address: Parameters<typeof followedKey>[0]): Promise<void> {
  return store.overwrite(followedKey(address), Buffer.from('{}\n'));
}

function addressOf(project: string, { harness, id }: SessionRef) {
  return { project, harness, session: id };
}
