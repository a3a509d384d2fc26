import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { ensureFormat } from '../store/format.ts';
import { readStoreInfo } from '../store/store-info.ts';
import type { BucketStore } from '../store/types.ts';
import { readJson, replaceState } from './durable-file.ts';

/** A project's format rises seldom; a writer asks for it no more often than this. */
const CHECK_EVERY_MS = 86_400_000;

export interface WritableOptions {
  readonly project: string;
  readonly runtime: Runtime;
  /** Where this host remembers when it last looked. */
  readonly file: string;
  /** The user says that nobody else writes: a store that ignores conditions will do. */
  readonly singleWriter: boolean;
}

interface Checked {
  readonly v: 1;
  readonly at: number;
  readonly encrypted?: boolean;
}

/** Whether the project is encrypted, as a writer of this host found it less than a day ago. */
export async function readChecked(file: string, runtime: Runtime): Promise<Pick<Checked, 'encrypted'> | undefined> {
  const isChecked = (value: unknown): value is Checked => (value as Checked | null)?.v === 1;
  const checked = readJson(file, isChecked);
  const age = runtime.now() - (checked?.at ?? 0);
  return age >= 0 && age < CHECK_EVERY_MS ? checked : undefined;
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
    sealing: async () => store.sealing?.(),
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

async function checkOnce(store: BucketStore, { project, runtime, file, singleWriter }: WritableOptions): Promise<void> {
  if (await readChecked(file, runtime)) return;
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
  const { encrypted } = await ensureFormat(store, project, runtime);
  if (encrypted !== ((await store.sealing?.()) !== undefined)) {
    throw new CairnError(
      'unfit',
      `expected project ${project} ${encrypted ? 'without encryption, got an encrypted one' : 'with encryption, got one without'}`,
      { hint: 'it was made anew while this command ran: run the same command again' },
    );
  }
  // Without the promise of the store nothing is remembered: the option has to be given each time.
  if (!info || info.fit) {
    const checked: Checked = { v: 1, at: runtime.now(), encrypted };
    await replaceState(file, JSON.stringify(checked), `${file}.${runtime.id()}`);
  }
}
