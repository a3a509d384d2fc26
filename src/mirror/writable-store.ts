import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { ensureFormat } from '../store/format.ts';
import { readStoreInfo, type StoreInfo } from '../store/store-info.ts';
import type { BucketStore } from '../store/types.ts';
import type { CheckedProject } from './checked-project.ts';

export interface WritableOptions {
  readonly project: string;
  readonly runtime: Runtime;
  /** What this host remembers of it. */
  readonly checked: CheckedProject;
  /** The user says that nobody else writes: a store that ignores conditions will do. */
  readonly singleWriter: boolean;
}

/**
 * The same store for a writer: before the first write the project must be there in a format that is
 * understood, and the store must not be known to ignore conditions. Looked up once a day and host.
 */
export function writableStore(store: BucketStore, options: WritableOptions): BucketStore {
  let checked: Promise<void> | undefined;
  const check = () => {
    checked ??= checkOnce(store, options);
    return checked;
  };
  return {
    url: store.url,
    ...(store.link && { link: store.link }),
    sealing: async () => store.sealing?.(),
    stored: (key, request) => (store.stored ?? store.get)(key, request),
    async create(key, payload, request) {
      await check();
      if (!options.singleWriter) return store.create(key, payload, request);
      const there = await store.get(key, request);
      there?.close();
      if (there) return { outcome: 'exists', date: there.date };
      await store.overwrite(key, payload, request);
      return { outcome: 'created', date: undefined };
    },
    async overwrite(key, payload, request) {
      await check();
      await store.overwrite(key, payload, request);
    },
    get: (key, request) => store.get(key, request),
    list: (prefix, request) => store.list(prefix, request),
    remove: (key, request) => store.remove(key, request),
    close: () => store.close(),
  };
}

/**
 * What is known of the store. @throws CairnError `unfit` where it ignores conditions and others may write, too
 */
export async function checkFit(
  store: BucketStore,
  project: string,
  singleWriter: boolean,
): Promise<StoreInfo | undefined> {
  const info = await readStoreInfo(store, project);
  if (info && !info.fit && !singleWriter) {
    throw new CairnError(
      'unfit',
      `expected a store that creates an object once, got one that fails: ${info.failed.join(', ')}`,
      {
        hint: 'use another store; or, if this is the only host and process that writes there, `--single-writer`',
      },
    );
  }
  return info;
}

async function checkOnce(
  store: BucketStore,
  { project, runtime, checked, singleWriter }: WritableOptions,
): Promise<void> {
  if (await checked.isFit()) return;
  const info = await checkFit(store, project, singleWriter);
  const { encrypted } = await ensureFormat(store, project, runtime);
  if (encrypted !== ((await store.sealing?.()) !== undefined)) {
    await checked.forget();
    throw new CairnError(
      'unfit',
      `expected project ${project} ${encrypted ? 'without encryption, got an encrypted one' : 'with encryption, got one without'}`,
      { hint: 'it was made anew while this command ran: run the same command again' },
    );
  }
  // Without the promise of the store nothing is remembered: the option has to be given each time.
  if (!info || info.fit) await checked.fit(encrypted);
}
