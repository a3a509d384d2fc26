import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { readFloor } from './floor.ts';
import { bodyPath, isBodyPath, pathKey } from './keys.ts';
import { sizeOf } from './payload.ts';
import type { SlotSpace } from './slots.ts';
import type { BucketStore, Payload } from './types.ts';

/** Content-addressed bytes of the project, which a slot refers to. */
export interface BlobRef {
  /** Path below the project. */
  readonly key: string;
  readonly sha256: string;
  readonly size: number;
}

/** The most that one PUT takes on S3. */
export const largestBlob = 5 * 2 ** 30;

/**
 * Stores bytes under their hash, once; in an encrypted project under a random name. A place that is about to be collected is not used: the key is salted.
 * The reference has to be written within an hour.
 * @throws CairnError `too-large`, `unavailable`
 */
export async function putBlob(space: SlotSpace, payload: Payload, sha256: string): Promise<BlobRef> {
  const size = sizeOf(payload);
  if (size > largestBlob) {
    throw new CairnError('too-large', `expected at most 5 GiB in one file, got ${size} bytes`, { hint: 'split it' });
  }
  if (await space.store.sealing?.()) {
    // Its hash as a name would tell who reads an encrypted bucket which known text this is.
    const key = bodyPath(createHash('sha256').update(space.runtime.id()).digest('hex'));
    await create(space, key, payload);
    return { key, sha256, size };
  }
  const plain = bodyPath(sha256);
  await create(space, plain, payload);
  if ((await readFloor(space, plain)) === 0) return { key: plain, sha256, size };
  const salted = bodyPath(sha256, space.runtime.id());
  await create(space, salted, payload);
  return { key: salted, sha256, size };
}

async function create({ store, runtime, project }: SlotSpace, path: string, payload: Payload): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await store.create(pathKey(project, path), payload);
    if (answer.outcome === 'created' || answer.outcome === 'exists') return;
    if (attempt === 6) {
      throw new CairnError('unavailable', `expected to store ${path}, but the store gave no answer that settles it`, {
        cause: answer.cause,
        hint: 'run the same command again',
      });
    }
    await runtime.sleep(answer.retryAfterMs ?? runtime.random() * 50 * 2 ** attempt);
  }
}

/**
 * The bytes of a blob, checked while they pass: the last chunk comes only if size and hash are right.
 * @throws CairnError `not-found`, `corrupt`
 */
export async function* readBlob(store: BucketStore, project: string, ref: BlobRef): AsyncGenerator<Uint8Array> {
  const object = isBodyPath(ref.key) ? await store.get(pathKey(project, ref.key)) : undefined;
  if (object === undefined) throw new CairnError('not-found', `expected ${ref.key} in the bucket, got nothing`);
  const hash = createHash('sha256');
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of object.body) {
    size += chunk.byteLength;
    if (size > ref.size) break;
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (size !== ref.size || hash.digest('hex') !== ref.sha256) {
    throw new CairnError('corrupt', `expected ${ref.size} bytes with SHA-256 ${ref.sha256} at ${ref.key}, got others`);
  }
  if (held) yield held;
}
