import { decodeName, folderName, parseSessionKey, type SessionAddress, sessionsPrefix } from '../store/keys.ts';
import type { BucketStore, ObjectInfo, RequestOptions } from '../store/types.ts';

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

/** A session with all its objects, as a LIST shows them. */
export interface StoredSession {
  readonly address: SessionAddress;
  readonly entries: readonly ObjectInfo[];
}

/** Every session with its objects, one at a time in memory: one LIST for a thousand objects, however many sessions. */
export async function* listedSessions(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): AsyncGenerator<StoredSession> {
  let folder: string | undefined;
  let address: SessionAddress | undefined;
  let entries: ObjectInfo[] = [];
  for await (const entry of store.list(sessionsPrefix(project), options)) {
    if (!('key' in entry)) continue;
    const found = parseSessionKey(project, entry.key);
    const next = found && `${found.harness}/${found.session}`;
    if (next !== folder) {
      if (address) yield { address, entries };
      folder = next;
      const [harness, session] = [found?.harness, found?.session].map((name) => (name ? decodeName(name) : undefined));
      address = harness !== undefined && session !== undefined ? { project, harness, session } : undefined;
      entries = [];
    }
    if (address) entries.push(entry);
  }
  if (address) yield { address, entries };
}
