import { CairnError } from '../errors.ts';
import { projectPrefix } from '../store/keys.ts';
import { collect } from '../store/payload.ts';
import { kindOfPath } from '../store/project-path.ts';
import { keysPath } from '../store/sealed-keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** An object of a project on its way to another place, as it is stored. */
export interface CopiedObject {
  /** Below the project. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Its bytes; those of an archive can be had once, before the next object is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * The objects of a project below these folders, default all: what it says of itself first, then in the order of
 * their keys. Catalogs and what is known of the store are left out: they are of one bucket.
 */
export async function* projectObjects(
  store: BucketStore,
  project: string,
  folders: readonly string[] = [''],
  options: RequestOptions = {},
): AsyncGenerator<CopiedObject> {
  const prefix = projectPrefix(project);
  for (const folder of ['meta/format.json', `${keysPath}/`, ...folders]) {
    for await (const entry of store.list(`${prefix}${folder}`, options)) {
      if (!('key' in entry)) continue;
      const path = entry.key.slice(prefix.length);
      const kind = kindOfPath(path);
      if (kind === undefined || (folder === '' && (kind === 'format' || kind === 'key'))) continue;
      const open = () => bytesAt(store, entry.key, options);
      if (kind !== 'meta') yield { path, size: entry.size, open };
      else {
        // It may have been written anew since.
        const bytes = await collect(open());
        yield { path, size: bytes.length, open: () => once(bytes) };
      }
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* bytesAt(store: BucketStore, key: string, options: RequestOptions): AsyncGenerator<Uint8Array> {
  const object = await store.get(key, options);
  if (!object) {
    throw new CairnError('incomplete', `expected ${key}, which was removed while the project was copied`, {
      hint: 'run the same command again',
    });
  }
  try {
    yield* object.body;
  } finally {
    object.close();
  }
}
