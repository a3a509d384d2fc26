import { lstat, mkdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { type BlobRef, largestBlob, putBlob, readBlob } from '../store/blob.ts';
import { slotPath } from '../store/keys.ts';
import { collect } from '../store/payload.ts';
import { isPresent, Register } from '../store/register.ts';
import type { Slot } from '../store/slots.ts';
import { type ChangeOptions, type Coordination, change, madeBefore } from './coordination.ts';
import { insidePath, listFolder, prepareFile, writeWhole } from './files.ts';
import { listNewest } from './newest.ts';
import { step } from './steps.ts';
import { blobRefSchema, storeBytes } from './text.ts';

const artifactSchema = v.looseObject({
  name: v.string(),
  kind: v.picklist(['file', 'folder']),
  /** A file's bytes; of a folder the list of its files. */
  blob: blobRefSchema,
  /** Name of the file or folder at its source. */
  source: v.string(),
  files: v.number(),
  /** Of all files. */
  bytes: v.number(),
  media: v.optional(v.string()),
  task: v.optional(v.string()),
  epoch: v.optional(v.number()),
});

type Artifact = v.InferOutput<typeof artifactSchema>;
export const parseArtifact = (value: unknown): Artifact => v.parse(artifactSchema, value);

const folderSchema = v.looseObject({
  files: v.array(v.looseObject({ path: v.string(), blob: blobRefSchema })),
});

/** One version of an artifact. */
export interface ArtifactView {
  readonly name: string;
  readonly version: number;
  readonly kind: 'file' | 'folder';
  readonly sha256: string;
  readonly files: number;
  readonly bytes: number;
  readonly source: string;
  readonly media?: string | undefined;
  readonly task?: string | undefined;
  readonly epoch?: number | undefined;
  readonly by: { readonly agent: string; readonly process: string; readonly session?: string | undefined };
  /** By the store's clock, milliseconds since 1970. */
  readonly at: number;
}

export interface PutOptions extends ChangeOptions {
  readonly media?: string | undefined;
  /** A task that one holds: the artifact is noted there, and the step fails when the task was lost. */
  readonly task?: string | undefined;
  readonly epoch?: number | undefined;
}

export interface GetOptions {
  readonly version?: number | undefined;
  /** Writes over what is there. */
  readonly force?: boolean | undefined;
}

/** Named files and folders of a project, each with its versions. */
export class Artifacts {
  readonly #c: Coordination;

  constructor(c: Coordination) {
    this.#c = c;
  }

  #register(name: string): Register<Artifact> {
    return new Register(this.#c.space, slotPath({ folder: 'artifacts', names: [name] }), parseArtifact);
  }

  /**
   * Stores a file or folder as the next version. Links and devices in a folder are left out and named.
   * @throws CairnError `not-found`, `too-large`, `lost` (of the task), `unavailable`, `unknown`
   */
  async put(
    name: string,
    path: string,
    options: PutOptions = {},
  ): Promise<ArtifactView & { readonly skipped: readonly string[] }> {
    const write = await change(this.#c, 'put', name, options);
    const register = this.#register(name);
    const before = await madeBefore(register, write, options);
    if (before) return { ...viewOf(before), skipped: [] };
    const { skipped, ...content } = await this.#upload(path);
    const artifact: Artifact = {
      name,
      source: basename(resolve(path)),
      ...content,
      media: options.media,
      task: options.task,
    };
    if (options.task !== undefined) {
      const { epoch } = await step(this.#c, options.task, 'artifact', { epoch: options.epoch }, (task) => ({
        ...task,
        artifacts: [...new Set([...task.artifacts, name])],
      }));
      artifact.epoch = epoch;
    }
    const current = await register.update(() => artifact, write);
    if (!isPresent(current)) throw absent(name);
    return { ...viewOf(current), skipped };
  }

  async #upload(
    path: string,
  ): Promise<Pick<Artifact, 'kind' | 'blob' | 'files' | 'bytes'> & { skipped: readonly string[] }> {
    const kind = await kindOf(path);
    if (kind === 'file') {
      const blob = await this.#uploadFile(path);
      return { kind, blob, files: 1, bytes: blob.size, skipped: [] };
    }
    const { files, skipped } = await listFolder(resolve(path));
    const entries: { readonly path: string; readonly blob: BlobRef }[] = [];
    for (const file of files)
      entries.push({ path: file, blob: await this.#uploadFile(insidePath(resolve(path), file)) });
    const blob = await storeBytes(this.#c.space, Buffer.from(JSON.stringify({ files: entries })));
    return {
      kind,
      blob,
      files: entries.length,
      bytes: entries.reduce((sum, entry) => sum + entry.blob.size, 0),
      skipped,
    };
  }

  async #uploadFile(path: string): Promise<BlobRef> {
    const { size } = await lstat(path);
    if (size > largestBlob) {
      throw new CairnError('too-large', `expected files of at most 5 GiB, got ${size} bytes in ${path}`, {
        hint: 'split it',
      });
    }
    const { payload, sha256, close } = await prepareFile(path, this.#c.redact);
    try {
      return await putBlob(this.#c.space, payload, sha256);
    } finally {
      await close();
    }
  }

  /**
   * Writes an artifact to `target`: a file, or a folder that is made. Each file gets its name when size and hash
   * are right, and nothing is written outside of `target`.
   * @throws CairnError `not-found`, `exists`, `corrupt`
   */
  async get(name: string, target: string, options: GetOptions = {}): Promise<ArtifactView> {
    const slot = await this.#version(name, options.version);
    const { store, project, runtime } = this.#c.space;
    const path = resolve(target);
    const write = (root: string, file: string, blob: BlobRef) =>
      writeWhole(root, file, readBlob(store, project, blob), { force: options.force ?? false, id: runtime.id() });
    if (slot.value.kind === 'file') await write(resolve(path, '..'), path, slot.value.blob);
    else {
      if (!options.force && (await exists(path))) {
        throw new CairnError('exists', `expected nothing at ${target}, there is something`, {
          hint: '--force writes into it',
        });
      }
      const listing = await collect(readBlob(store, project, slot.value.blob));
      const { files } = v.parse(folderSchema, JSON.parse(Buffer.from(listing).toString('utf8')));
      // All paths are looked at before anything is written.
      const placed = files.map((file) => ({ file: insidePath(path, file.path), blob: file.blob }));
      await mkdir(path, { recursive: true });
      for (const { file, blob } of placed) await write(path, file, blob);
    }
    return viewOf(slot);
  }

  /** Bytes of a file, or of a folder's list. */
  async *read(name: string, version?: number): AsyncGenerator<Uint8Array> {
    const { value } = await this.#version(name, version);
    yield* readBlob(this.#c.space.store, this.#c.space.project, value.blob);
  }

  async #version(name: string, version: number | undefined): Promise<Slot<Artifact>> {
    const current =
      version === undefined ? await this.#register(name).read() : await this.#register(name).slot(version);
    if (current === undefined || !isPresent(current)) throw absent(name, version);
    return current;
  }

  /** The newest version of each. */
  async list(): Promise<readonly ArtifactView[]> {
    const found: ArtifactView[] = [];
    for await (const { slot } of listNewest(this.#c.space, 'artifacts', parseArtifact))
      if (slot) found.push(viewOf(slot));
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Every version that is kept, the newest first. */
  async history(name: string, limit = 100): Promise<readonly ArtifactView[]> {
    const found: ArtifactView[] = [];
    for await (const slot of this.#register(name).history(limit)) found.push(viewOf(slot));
    if (found.length === 0) throw absent(name);
    return found;
  }
}

function viewOf({ n, value, by, modified }: Slot<Artifact>): ArtifactView {
  const { name, kind, blob, files, bytes, source, media, task, epoch } = value;
  return { name, version: n, kind, sha256: blob.sha256, files, bytes, source, media, task, epoch, by, at: modified };
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile()) return 'file';
  if (found?.isDirectory()) return 'folder';
  throw new CairnError(
    'not-found',
    `expected a file or folder at ${path}, got ${found ? 'something else' : 'nothing'}`,
  );
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function absent(name: string, version?: number): CairnError {
  return new CairnError(
    'not-found',
    `expected an artifact ${JSON.stringify(name)}${version === undefined ? '' : ` in version ${version}`}, got none`,
    {
      hint: '`cairn artifact list` shows what is there',
    },
  );
}
