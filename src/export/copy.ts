import PQueue from 'p-queue';
import { CairnError } from '../errors.ts';
import { findFormat } from '../store/format.ts';
import { decodeName, pathKey, projectPrefix } from '../store/keys.ts';
import type { Pack } from '../store/part-names.ts';
import { chunksOf, collect, sizeOf } from '../store/payload.ts';
import { kindOfPath, type PathKind } from '../store/project-path.ts';
import type { BucketStore, Payload, RequestOptions } from '../store/types.ts';
import type { CopiedObject } from './copied-object.ts';
import { type Chains, chainAt, numbersIn, verifyBlob, verifyPack, verifyPart } from './verified-copy.ts';

const parallel = 8;

export interface CopyOptions extends RequestOptions {
  /** Where objects go, as they are stored. */
  readonly store: BucketStore;
  readonly project: string;
  /** The objects can be opened again, and several at once: not those of an archive. */
  readonly reopens: boolean;
}

type Copying = CopyOptions & { readonly state: { encrypted: boolean } };

/** The objects of a session, or of another folder of the project, as they were copied. */
export interface CopiedGroup {
  /** `sessions/<harness>/<session>`, as in keys, or the first name of the path. */
  readonly path: string;
  /** Of a session whose name is not shortened in keys. */
  readonly session?: { readonly harness: string; readonly session: string };
  readonly objects: number;
  readonly bytes: number;
  /** Objects that were there already, as they are. */
  readonly same: number;
  /** Paths at which something else stands: they were left as they are. */
  readonly conflicts: readonly string[];
  /** Paths that no project has: they were not copied. */
  readonly refused: readonly string[];
}

/**
 * Puts objects into a project, each once: nothing that is there is replaced, but for the summary of a session that
 * got something new, now or in a copy that was cut short. What was copied before is passed over, so such a copy is gone
 * on with.
 * @throws CairnError `unfit` where the project is encrypted otherwise, and of the stores
 */
export async function* copyObjects(
  objects: AsyncIterable<CopiedObject>,
  options: CopyOptions,
): AsyncGenerator<CopiedGroup> {
  const copying = { ...options, state: { encrypted: false } };
  let group: Group | undefined;
  const refused: string[] = [];
  for await (const object of objects) {
    const kind = kindOfPath(object.path);
    if (kind === undefined) {
      refused.push(object.path);
      continue;
    }
    const path = groupOf(object.path);
    if (group?.path !== path) {
      if (group) yield await group.finish();
      group = await Group.open(path, copying);
    }
    await group.add(object, kind);
  }
  if (group) yield await group.finish();
  if (refused.length > 0) yield { path: '', objects: 0, bytes: 0, same: 0, conflicts: [], refused };
}

function groupOf(path: string): string {
  return /^(?:sessions\/[^/]*\/[^/]*|[^/]*)/.exec(path)?.[0] ?? '';
}

type Stored = CopiedObject & { readonly payload: Payload };

class Group {
  readonly path: string;
  readonly #options: Copying;
  /** Sizes of what is there, by key. */
  readonly #known: ReadonlyMap<string, number>;
  readonly #packs: readonly string[];
  readonly #queue = new PQueue({ concurrency: parallel });
  #failed: unknown;
  #meta: Uint8Array | undefined;
  #objects = 0;
  #bytes = 0;
  #same = 0;
  /** Of what was known, that the other project has. */
  #shared = 0;
  readonly #chains: Chains = new Map();
  readonly #conflicts: string[] = [];
  /** Registers and logs whose newest slot is the same. */
  readonly #proved = new Set<string>();

  private constructor(path: string, options: Copying, known: ReadonlyMap<string, number>) {
    this.path = path;
    this.#options = options;
    this.#known = known;
    this.#packs = [...known.keys()].filter((key) => numbersIn(key)?.pack);
  }

  static async open(path: string, options: Copying): Promise<Group> {
    const known = new Map<string, number>();
    for await (const entry of options.store.list(`${projectPrefix(options.project)}${path}/`, options)) {
      if ('key' in entry) known.set(entry.key, entry.size);
    }
    return new Group(path, options, known);
  }

  async add(object: CopiedObject, kind: PathKind): Promise<void> {
    if (kind === 'format') return await checkFormat(this.#options, await collect(object.open()));
    const key = pathKey(this.#options.project, object.path);
    const known = this.#known.get(key);
    if (kind === 'meta') this.#meta = await collect(object.open());
    else if (kind === 'key') await this.#put({ ...object, payload: await collect(object.open()) }, key, true);
    else if (known !== undefined) {
      if (known !== object.size || !(await this.#isSame(object, kind, key))) this.#conflicts.push(object.path);
      else {
        this.#same++;
        this.#shared++;
      }
    } else {
      await this.#queue.onSizeLessThan(parallel);
      if (this.#failed) throw this.#failed;
      const payload = await this.#proven(object, kind);
      const there = payload instanceof Uint8Array ? await this.#underOtherName(object.path, payload) : undefined;
      if (there === 'other') this.#conflicts.push(object.path);
      else if (there === 'same' && kind === 'part') this.#same++;
      if (there === 'other' || (there === 'same' && kind === 'part')) return;
      this.#queue
        .add(() => this.#put({ ...object, payload }, key, false))
        .catch((error) => {
          this.#failed ??= error;
        });
    }
  }

  /**
   * Whether an object that is there with the same size is the same. A slot that is the same proves the older ones of
   * its register, and a part those before it, so of each the newest that both have is read.
   */
  async #isSame(object: CopiedObject, kind: PathKind, key: string): Promise<boolean> {
    const folder = object.path.slice(0, object.path.lastIndexOf('/'));
    if (kind === 'slot' && this.#proved.has(folder)) return true;
    const isLast = kind === 'part' && !this.#known.has(nextPart(key));
    if (kind !== 'slot' && !isLast) return true;
    const bytes = await collect(object.open());
    if (isLast) await verifyPart(object.path, bytes, this.#chains);
    const there = await this.#options.store.get(key);
    const isSame = there !== undefined && Buffer.compare(await there.bytes(), bytes) === 0;
    if (isSame && kind === 'slot') this.#proved.add(folder);
    return isSame;
  }

  /**
   * Parts may stand there in a pack, or what a pack has as parts: readers would take the pack. The chain of the last
   * part that both have says whether they are the same, with all before it.
   */
  async #underOtherName(path: string, bytes: Uint8Array): Promise<'same' | 'other' | undefined> {
    const mine = rangeOf(path);
    if (!mine) return undefined;
    const folder = pathKey(this.#options.project, path.slice(0, path.lastIndexOf('/') + 1));
    let common: { readonly key: string; readonly seq: number } | undefined;
    // Packs are few, parts many: a part can only be in a pack.
    for (const key of mine.first === mine.last ? this.#packs : this.#known.keys()) {
      const other = key.startsWith(folder) ? rangeOf(key) : undefined;
      const seq = other && Math.min(other.last, mine.last);
      if (other && seq !== undefined && seq >= mine.first && seq >= other.first && seq >= (common?.seq ?? 0))
        common = { key, seq };
    }
    if (!common) return undefined;
    const there = await this.#options.store.get(common.key);
    if (!there) return undefined;
    const [a, b] = [await chainAt(path, bytes, common.seq), await chainAt(common.key, await there.bytes(), common.seq)];
    return a === b ? 'same' : 'other';
  }

  /** What is to be stored, once it is shown to be right; of an archive the bytes are here now or never. */
  async #proven(object: CopiedObject, kind: PathKind): Promise<Payload> {
    const { reopens, state } = this.#options;
    const { path, size } = object;
    if (kind === 'part' || kind === 'pack') {
      const bytes = await collect(object.open());
      await (kind === 'part' ? verifyPart(path, bytes, this.#chains) : verifyPack(path, bytes));
      return bytes;
    }
    const isNamed = (kind === 'blob' || kind === 'body') && !state.encrypted;
    const open = () => (isNamed ? verifyBlob(path, object.open()) : object.open());
    return reopens ? { size, open } : await collect(open());
  }

  async #put({ path, payload }: Stored, key: string, must: boolean): Promise<void> {
    const { store, signal } = this.#options;
    const request = signal ? { signal } : {};
    for (let attempt = 0; attempt < 5; attempt++) {
      const { outcome } = await store.create(key, payload, request);
      if (outcome === 'created') {
        this.#objects++;
        this.#bytes += sizeOf(payload);
        return;
      }
      const there = outcome === 'conflict' ? undefined : await store.get(key, request);
      if (!there) continue;
      if (Buffer.compare(await there.bytes(), await collect(chunksOf(payload))) === 0) this.#same++;
      else if (must) throw otherKeys(this.#options.project);
      else this.#conflicts.push(path);
      return;
    }
    throw new CairnError('unknown', `expected an answer for ${key}, but the store gave none that settles it`, {
      hint: 'run the same command again: what was copied is not copied twice',
    });
  }

  /** Whether the summary is to be written: a copy that was cut short may have left an older one beside all objects. */
  async #isDue(key: string, meta: Uint8Array): Promise<boolean> {
    if (this.#objects > 0 || !this.#known.has(key)) return true;
    if (this.#shared + 1 < this.#known.size) return false; // the session went on there
    const there = await this.#options.store.get(key, this.#options);
    return !there || Buffer.compare(await there.bytes(), meta) !== 0;
  }

  async finish(): Promise<CopiedGroup> {
    await this.#queue.onIdle();
    if (this.#failed) throw this.#failed;
    const { store, project, signal } = this.#options;
    const key = pathKey(project, `${this.path}/meta.json`);
    if (this.#meta && (await this.#isDue(key, this.#meta)))
      await store.overwrite(key, this.#meta, signal && { signal });
    const [harness, session] = this.path.split('/').slice(1).map(decodeName);
    return {
      path: this.path,
      ...(harness !== undefined && session !== undefined && { session: { harness, session } }),
      objects: this.#objects,
      bytes: this.#bytes,
      same: this.#same,
      conflicts: this.#conflicts,
      refused: [],
    };
  }
}

/** The project is made as the other one is, or is of the same kind. @throws CairnError `unfit`, `newer-format` */
async function checkFormat({ store, project, signal, state }: Copying, bytes: Uint8Array): Promise<void> {
  const request = signal ? { signal } : {};
  state.encrypted = readEncrypted(bytes);
  for (let attempt = 0; attempt < 5; attempt++) {
    const found = await findFormat(store, project, request);
    if (found && found.encrypted !== state.encrypted) {
      const kind = (encrypted: boolean) => (encrypted ? 'an encrypted one' : 'one without encryption');
      throw new CairnError(
        'unfit',
        `expected ${kind(!found.encrypted)} in project ${project}, got ${kind(found.encrypted)}`,
        {
          hint: 'objects are copied as they are stored: choose another project, or export and import as jsonl',
        },
      );
    }
    if (found) return;
    await store.create(pathKey(project, 'meta/format.json'), bytes, request);
  }
}

/** The numbers of a part or a pack. */
function rangeOf(path: string): Pack | undefined {
  const { seq, pack } = numbersIn(path) ?? {};
  return pack ?? (seq === undefined ? undefined : { first: seq, last: seq });
}

/** The key of the part behind one; longer numbers are led by a letter, and then it is looked at once more. */
function nextPart(key: string): string {
  return key.replace(/part-(\d+)\./, (_, digits: string) => `part-${String(Number(digits) + 1).padStart(8, '0')}.`);
}

function readEncrypted(bytes: Uint8Array): boolean {
  try {
    const format: { encrypted?: unknown } | null = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return format?.encrypted === true;
  } catch (cause) {
    throw new CairnError('corrupt', 'expected the format of a project, got something else', { cause });
  }
}

function otherKeys(project: string): CairnError {
  return new CairnError('unfit', `expected the keys of project ${project} to be those of the other one, got others`, {
    hint: 'objects are copied as they are stored: copy into a project that is not there yet',
  });
}
