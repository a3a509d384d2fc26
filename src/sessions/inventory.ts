import { folderName, type SessionAddress, sessionsPrefix } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** Harnesses of which the bucket holds sessions. */
export async function storedHarnesses(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of store.list(sessionsPrefix(project), { ...options, delimiter: '/' })) {
    const name = 'prefix' in entry ? folderName(entry.prefix) : undefined;
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** Every session that has a folder in the bucket, without opening any: one LIST for a thousand. */
export async function* storedSessions(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): AsyncGenerator<SessionAddress> {
  for (const harness of await storedHarnesses(store, project, options)) {
    for await (const entry of store.list(sessionsPrefix(project, harness), { ...options, delimiter: '/' })) {
      const session = 'prefix' in entry ? folderName(entry.prefix) : undefined;
      if (session !== undefined) yield { project, harness, session };
    }
  }
}
