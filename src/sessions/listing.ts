import { CairnError } from '../errors.ts';
import { arrangeEpochs, type Epoch, type EpochObject, lastWithoutGap } from '../mirror/epochs.ts';
import { HEADER_RANGE, readHeader } from '../mirror/part.ts';
import { decodeName, encodeName, parseSessionKey, type SessionAddress, sessionPrefix } from '../store/keys.ts';
import type { BucketStore, ObjectInfo, RequestOptions } from '../store/types.ts';

/** What lies in the bucket of one session, as one LIST for a thousand objects tells. */
export interface SessionListing {
  readonly address: SessionAddress;
  /** Epochs of every stream, ascending; `main` first, then by name. */
  readonly streams: ReadonlyMap<string, readonly Epoch[]>;
  /** Stored bytes, blobs and meta included. */
  readonly size: number;
  readonly objects: number;
  /** Keys in the session's folder that are no session's. */
  readonly strange: readonly string[];
}

/** Lists a session. @throws CairnError of the store, `corrupt` */
export async function listSession(
  store: BucketStore,
  address: SessionAddress,
  options?: RequestOptions,
): Promise<SessionListing> {
  return arrange(store, address, await entriesOf(store, address, options));
}

/** Every object of a session. */
export async function entriesOf(
  store: BucketStore,
  address: SessionAddress,
  options?: RequestOptions,
): Promise<ObjectInfo[]> {
  const entries: ObjectInfo[] = [];
  for await (const entry of store.list(sessionPrefix(address), options)) if ('key' in entry) entries.push(entry);
  return entries;
}

/** The listing of a session from the entries of its folder. */
export async function arrange(
  store: BucketStore,
  address: SessionAddress,
  entries: readonly ObjectInfo[],
): Promise<SessionListing> {
  const folders = new Map<string, { first: string; objects: EpochObject[] }>();
  const strange: string[] = [];
  const prefix = sessionPrefix(address);
  let size = 0;
  for (const entry of entries) {
    size += entry.size;
    const { stream, object } = parseSessionKey(address.project, entry.key) ?? {};
    if (stream === undefined || object === undefined) {
      if (!/^(?:meta\.json|blobs\/[0-9a-f]{64})$/.test(entry.key.slice(prefix.length))) strange.push(entry.key);
      continue;
    }
    const folder = folders.get(stream) ?? { first: entry.key, objects: [] };
    folders.set(stream, folder);
    folder.objects.push({ ...object, size: entry.size });
  }
  const streams: [string, Epoch[]][] = [];
  for (const [folder, { first, objects }] of folders) {
    const name = decodeName(folder) ?? (await nameInHeader(store, folder, first));
    if (name === undefined) strange.push(first);
    else streams.push([name, arrangeEpochs(objects)]);
  }
  streams.sort(([a], [b]) => Number(b === 'main') - Number(a === 'main') || (a < b ? -1 : 1));
  return { address, streams: new Map(streams), size, objects: entries.length, strange };
}

/** A long name is shortened in keys; its parts say it in full. */
async function nameInHeader(store: BucketStore, folder: string, key: string): Promise<string | undefined> {
  const object = folder.includes('=~') ? await store.get(key, { range: HEADER_RANGE }) : undefined;
  const name = object && (await readHeader(object, key)).stream;
  return name !== undefined && name !== '' && encodeName(name) === folder ? name : undefined;
}

/** Count of parts that follow each other from 0. */
export function partsOf(epoch: Epoch): number {
  return (lastWithoutGap(epoch) ?? -1) + 1;
}

/** The stream that is read where none is named: `main`, else the first. */
export function mainStream({ streams }: SessionListing): readonly [string, readonly Epoch[]] | [] {
  const [first] = streams;
  return first ?? [];
}

/**
 * The stream that `wanted` names, in full or by a unique beginning.
 * @throws CairnError `not-found`, `ambiguous`
 */
export function pickStream(listing: SessionListing, wanted?: string): readonly [string, readonly Epoch[]] {
  const names = [...listing.streams.keys()];
  const hits = names.filter((name) => (wanted === undefined ? true : name === wanted));
  const near = hits.length > 0 ? hits : names.filter((name) => wanted !== undefined && name.startsWith(wanted));
  const [name] = near;
  const epochs = name === undefined ? undefined : listing.streams.get(name);
  if (name === undefined || !epochs) {
    throw new CairnError('not-found', `expected the stream ${wanted ?? 'main'}, found none`, {
      hint: `there are ${names.slice(0, 10).join(', ') || 'no streams'}`,
    });
  }
  if (wanted !== undefined && near.length > 1) {
    throw new CairnError(
      'ambiguous',
      `expected one stream that begins with ${wanted}, found ${near.slice(0, 10).join(', ')}`,
      {
        hint: 'give more of its name',
      },
    );
  }
  return [name, epochs];
}
