import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { createOnce } from './create-once.ts';
import { formatKey } from './keys.ts';
import type { BucketStore, RequestOptions, StoredObject } from './types.ts';

/** Version of the layout of a project (docs/format.md). Readers of a lower one refuse what is higher. */
const FORMAT_VERSION = 1;

const FORMAT_BYTES = 65_536;

interface Format {
  readonly cairn: 'project';
  readonly v: number;
  readonly w: string;
  readonly encrypted: boolean;
  readonly at: string;
}

/**
 * Whether the project is there and this program understands it.
 * @throws CairnError `newer-format`, `unfit`, `corrupt`
 */
export async function checkFormat(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): Promise<'present' | 'absent'> {
  const object = await store.get(formatKey(project), options);
  if (!object) return 'absent';
  understand(await readFormat(object, project), project);
  return 'present';
}

/**
 * The project is there afterwards, in a format that this program writes. Called before the first write.
 * @throws CairnError `newer-format`, `unfit`, `corrupt`, `unknown`
 */
export async function ensureFormat(
  store: BucketStore,
  project: string,
  runtime: Runtime,
  options?: RequestOptions,
): Promise<void> {
  if ((await checkFormat(store, project, options)) === 'present') return;
  const w = runtime.id();
  const at = new Date(runtime.now()).toISOString();
  const format: Format = { cairn: 'project', v: FORMAT_VERSION, w, encrypted: false, at };
  const created = await createOnce(store, formatKey(project), Buffer.from(`${JSON.stringify(format)}\n`), w, {
    ...options,
    runtime,
    read: (object) => readFormat(object, project),
  });
  if (created.outcome === 'lost') understand(created.other, project);
  if (created.outcome === 'unknown') {
    throw new CairnError(
      'unknown',
      `expected an answer to the creation of project ${project}, got none that settles it`,
      {
        cause: created.cause,
        hint: 'run the same command again',
      },
    );
  }
}

function understand(format: Format, project: string): void {
  if (format.v > FORMAT_VERSION) {
    throw new CairnError('newer-format', `expected project ${project} in format ${FORMAT_VERSION}, got ${format.v}`, {
      hint: 'update cairn on this host',
    });
  }
  if (format.encrypted) {
    throw new CairnError('unfit', `expected project ${project} without encryption, got an encrypted one`, {
      hint: 'update cairn on this host',
    });
  }
}

async function readFormat(object: StoredObject, project: string): Promise<Format> {
  let format: Partial<Format> | null = null;
  if (object.size <= FORMAT_BYTES) {
    try {
      format = JSON.parse(Buffer.from(await object.bytes()).toString('utf8'));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  } else object.close();
  if (format?.cairn !== 'project' || !Number.isSafeInteger(format.v)) {
    throw new CairnError('corrupt', `expected the format of a project at ${formatKey(project)}, got something else`, {
      hint: 'this may be no bucket of Cairn: choose another bucket or prefix',
    });
  }
  return { w: '', encrypted: false, at: '', ...format } as Format;
}
