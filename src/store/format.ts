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
 * @throws CairnError `newer-format`, `corrupt`
 */
export async function checkFormat(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): Promise<'present' | 'absent'> {
  return (await findFormat(store, project, options)) ? 'present' : 'absent';
}

/** What the project says of itself; nothing where it is not there. @throws CairnError `newer-format`, `corrupt` */
export async function findFormat(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): Promise<Pick<Format, 'encrypted'> | undefined> {
  const object = await store.get(formatKey(project), options);
  if (!object) return undefined;
  const format = await readFormat(object, project);
  understand(format, project);
  return format;
}

/**
 * The project is there afterwards, in a format that this program writes: the one that is given back, which is not
 * the one that was asked for where the project was there before. Called before the first write.
 * @throws CairnError `newer-format`, `corrupt`, `unknown`
 */
export async function ensureFormat(
  store: BucketStore,
  project: string,
  runtime: Runtime,
  { encrypted = false, ...options }: RequestOptions & { readonly encrypted?: boolean } = {},
): Promise<Pick<Format, 'encrypted'>> {
  const found = await findFormat(store, project, options);
  if (found) return found;
  const w = runtime.id();
  const at = new Date(runtime.now()).toISOString();
  const format: Format = { cairn: 'project', v: FORMAT_VERSION, w, encrypted, at };
  const created = await createOnce(store, formatKey(project), Buffer.from(`${JSON.stringify(format)}\n`), w, {
    ...options,
    runtime,
    read: (object) => readFormat(object, project),
  });
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
  if (created.outcome === 'won') return format;
  understand(created.other, project);
  return created.other;
}

function understand(format: Format, project: string): void {
  if (format.v > FORMAT_VERSION) {
    throw new CairnError('newer-format', `expected project ${project} in format ${FORMAT_VERSION}, got ${format.v}`, {
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
  return { w: '', at: '', ...format, encrypted: format.encrypted === true } as Format;
}
