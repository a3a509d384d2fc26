import { CairnError } from '../errors.ts';
import { readJson, replaceFile } from '../mirror/durable-file.ts';
import type { Runtime } from '../runtime.ts';
import { probePrefix } from '../store/keys.ts';
import { probeStore } from '../store/probe.ts';
import { readStoreInfo, writeStoreInfo } from '../store/store-info.ts';
import type { BucketStore } from '../store/types.ts';

/** What a store was seen to do. */
export interface Fitness {
  /** Lists come in byte order. */
  readonly ordered: boolean;
  /** Its clock can tell who has expired. */
  readonly clock: boolean;
}

interface Kept extends Fitness {
  readonly v: 1;
  readonly at: number;
}

const keptMs = 30 * 86_400_000;

/**
 * What the probe of the store found: from this host's memory, else from the project, else by probing it now.
 * Whoever may only read gets the benefit of the doubt.
 * @throws CairnError `unfit`: nothing can be shared through a store that does not keep its conditions
 */
export async function readFitness(
  store: BucketStore,
  project: string,
  options: { readonly runtime: Runtime; readonly file: string },
): Promise<Fitness> {
  const { runtime, file } = options;
  const isKept = (value: unknown): value is Kept => (value as Kept | null)?.v === 1;
  const kept = readJson(file, isKept);
  const age = runtime.now() - (kept?.at ?? 0);
  if (kept && age >= 0 && age < keptMs) return kept;
  const info = (await readStoreInfo(store, project)) ?? (await probe(store, project, runtime));
  if (info === undefined) return { ordered: true, clock: true };
  if (!info.fit) {
    throw new CairnError(
      'unfit',
      `expected a store that creates an object once, got one that fails: ${info.failed.join(', ')}`,
      {
        hint: 'use another store: agents cannot coordinate through this one',
      },
    );
  }
  const failed = (name: string) => info.failed.some((text) => text.split(' ')[0] === name);
  const fitness = { ordered: !failed('order'), clock: !failed('clock') };
  await replaceFile(
    file,
    JSON.stringify({ v: 1, at: runtime.now(), ...fitness } satisfies Kept),
    `${file}.${runtime.id()}`,
  );
  return fitness;
}

async function probe(store: BucketStore, project: string, runtime: Runtime) {
  try {
    const { verdict, checks } = await probeStore(store, probePrefix(project, runtime.id()), runtime);
    const info = {
      fit: verdict === 'fit',
      failed: checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name} (${detail})`),
      at: new Date(runtime.now()).toISOString(),
    };
    await writeStoreInfo(store, project, info);
    return info;
  } catch (error) {
    if (error instanceof CairnError && error.code === 'denied') return undefined;
    throw error;
  }
}
