import { collect } from './payload.ts';
import { ForeignKey, type Seal } from './seal.ts';
import { sealedPartKey, sealingOf, unsealedPartKey } from './sealed-keys.ts';
import { openPackBody } from './sealed-pack.ts';
import { openPartBody } from './sealed-part.ts';
import { openSlot, sealSlot } from './sealed-slot.ts';
import type { Sealing } from './sealing.ts';
import type { BucketStore, GetOptions, Payload, StoredObject } from './types.ts';

/** A slot is small; what is larger is handed on as it is, and refused by its reader. */
const largestSlot = 2 << 20;

/**
 * A project of a bucket as its members see it: what is encrypted there is plain here. Of a project without
 * encryption it is the very bucket. Sizes are those of what is stored.
 */
export function sealedStore(store: BucketStore, project: string, sealing: Sealing): BucketStore {
  const sealOf = async (key: string) => {
    const kind = sealingOf(project, key);
    const seal = kind === 'plain' ? undefined : await sealing();
    return seal && kind !== 'plain' ? { kind, seal } : undefined;
  };

  async function sealed(key: string, payload: Payload): Promise<{ key: string; payload: Payload }> {
    const found = await sealOf(key);
    if (!found) return { key, payload };
    const { kind, seal } = found;
    if (kind === 'part' || kind === 'pack') return { key: sealedPartKey(key), payload };
    if (kind === 'whole') return { key, payload: await seal.seal(payload) };
    return { key, payload: await sealSlot(seal, payload as Uint8Array) };
  }

  return {
    url: store.url,
    sealing: () => sealing(),
    async create(given, plain, options) {
      const { key, payload } = await sealed(given, plain);
      return store.create(key, payload, options);
    },
    async overwrite(given, plain, options) {
      const { key, payload } = await sealed(given, plain);
      await store.overwrite(key, payload, options);
    },
    async get(given, options) {
      const found = await sealOf(given);
      if (!found) return store.get(given, options);
      const { kind, seal } = found;
      if (kind === 'slot') return openedSlot(given, options, seal);
      const key = kind === 'whole' ? given : sealedPartKey(given);
      const { range, ...request } = options ?? {};
      const asked = kind === 'part' && range ? { ...request, range } : request;
      const object = await store.get(key, asked);
      if (!object) return undefined;
      const open = (from: Seal, body: AsyncIterable<Uint8Array>) => {
        if (kind === 'part') return openPartBody(from, body, key, range !== undefined);
        return kind === 'pack'
          ? openPackBody(from, body, key, range !== undefined)
          : slice(from.open(body, key), range);
      };
      return withBody(
        object,
        reopening(object, seal, open, () => store.get(key, asked)),
      );
    },
    async *list(prefix, options = {}) {
      const seal = (await sealOf(prefix))?.seal;
      if (!seal) {
        yield* store.list(prefix, options);
        return;
      }
      const { after } = options;
      for await (const entry of store.list(prefix, {
        ...options,
        ...(after !== undefined && { after: sealedAfter(after) }),
      }))
        yield 'key' in entry ? { ...entry, key: unsealedPartKey(entry.key) } : entry;
    },
    async remove(key, options) {
      const found = await sealOf(key);
      await store.remove(found?.kind === 'part' || found?.kind === 'pack' ? sealedPartKey(key) : key, options);
    },
    async stored(key, options) {
      return store.get((await sealOf(key)) ? sealedPartKey(key) : key, options);
    },
    ...(store.link && { link: store.link }),
    close: () => store.close(),
  };

  function sealedAfter(after: string): string {
    return sealingOf(project, after) === 'part' ? sealedPartKey(after) : after;
  }

  /** A slot is read at once: its size is that of its content. */
  async function openedSlot(
    key: string,
    options: GetOptions | undefined,
    seal: Seal,
  ): Promise<StoredObject | undefined> {
    const object = await store.get(key, options);
    if (!object || object.size > largestSlot) return object;
    const stored = await object.bytes();
    const bytes = await openSlot(seal, stored, key).catch(async (error: unknown) => {
      const fresh = error instanceof ForeignKey ? await sealing(true) : undefined;
      if (!fresh) throw error;
      return openSlot(fresh, stored, key);
    });
    return { ...withBody(object, chunk(bytes)), size: bytes.byteLength };
  }

  /** What was encrypted for a key that is newer than those at hand is read once more with what holds now. */
  async function* reopening(
    object: StoredObject,
    seal: Seal,
    open: (seal: Seal, body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
    again: () => Promise<StoredObject | undefined>,
  ): AsyncGenerator<Uint8Array> {
    let any = false;
    try {
      for await (const piece of open(seal, object.body)) {
        any = true;
        yield piece;
      }
    } catch (error) {
      object.close(); // without the right identity nothing of it was read
      const fresh = error instanceof ForeignKey && !any ? await sealing(true) : undefined;
      const second = fresh && (await again());
      if (!fresh || !second) throw error;
      yield* open(fresh, second.body);
    }
  }
}

function withBody(object: StoredObject, body: AsyncIterable<Uint8Array>): StoredObject {
  return { ...object, body, bytes: () => collect(body), close: () => object.close() };
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A range of what is encrypted whole: all of it is opened. */
async function* slice(body: AsyncIterable<Uint8Array>, range: GetOptions['range']): AsyncGenerator<Uint8Array> {
  if (!range) {
    yield* body;
    return;
  }
  const bytes = await collect(body);
  yield bytes.subarray(range.start, range.end === undefined ? undefined : range.end + 1);
}
