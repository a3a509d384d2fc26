import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { CairnError } from '../errors.ts';
import { packKey, partKey, type StreamAddress } from '../store/keys.ts';
import type { Pack } from '../store/part-names.ts';
import { chunksOf } from '../store/payload.ts';
import { joinSealed } from '../store/sealed-pack.ts';
import type { BucketStore, RequestOptions, StoredObject } from '../store/types.ts';
import { type Frame, framesIn, proveFrame, provePack } from './frame.ts';
import { expandPack, expandUpTo, PACK_BYTES } from './pack.ts';

const gzip = promisify(gzipCallback);
/** A header is small; a part above this has more than 8 MiB of records. */
const LARGEST_PART = PACK_BYTES + (64 << 10);

/** Of a pack of this age nobody has removed the parts yet: that takes a day. */
export const FRESH_MS = 12 * 3_600_000;

/** Packs as objects of one epoch: reads, proves and makes them. */
export class PackObjects {
  readonly #store: BucketStore;
  readonly #at: StreamAddress & { readonly epoch: number };
  readonly #options: RequestOptions;
  /** The project is encrypted: parts are taken as they are stored. */
  readonly #sealed: boolean;

  constructor(
    store: BucketStore,
    at: StreamAddress & { readonly epoch: number },
    sealed: boolean,
    options: RequestOptions,
  ) {
    this.#store = store;
    this.#at = at;
    this.#sealed = sealed;
    this.#options = options;
  }

  /** A part as it goes into a pack; nothing where it is gone, or too large. @throws CairnError `corrupt` */
  async part(seq: number, prev: string | undefined): Promise<Frame | undefined> {
    const key = partKey({ ...this.#at, seq });
    const stored = await this.#stored(key);
    const bytes = this.#sealed ? stored : stored && (await expandUpTo(LARGEST_PART, chunksOf(stored), key));
    const frame = bytes && proveFrame(bytes, { ...this.#at, seq }, key, prev);
    return frame && frame.header.bytes <= PACK_BYTES ? frame : undefined;
  }

  /** Makes one pack of parts that follow each other, and reads it back. @throws CairnError `corrupt` */
  async make(pack: Pack, frames: readonly Frame[]): Promise<Made | undefined> {
    const key = packKey(this.#at, this.#at.epoch, pack);
    const parts = frames.map(({ bytes }) => bytes);
    const plain = this.#sealed ? joinSealed(parts) : Buffer.concat(parts);
    const payload = this.#sealed ? plain : await gzip(plain, { level: 6 });
    const { outcome } = await this.#store.create(key, payload, this.#options);
    const object = await this.#object(key);
    const back = await object?.bytes();
    // Not stored, or its content was removed meanwhile: the next run sees what there is.
    if (!object || !back) return undefined;
    const same = Buffer.compare(this.#sealed ? back : await expandPack(chunksOf(back), key), plain) === 0;
    if (same) return { mine: outcome === 'created' || outcome === 'unknown', stored: payload.length };
    if (outcome === 'created' && object.date - object.modified < FRESH_MS) await this.remove(pack);
    throw new CairnError('corrupt', `expected the pack ${key} to be what its parts are, got something else`);
  }

  /** Proves a pack from its bytes. @throws CairnError `corrupt` */
  async prove(pack: Pack): Promise<void> {
    const key = packKey(this.#at, this.#at.epoch, pack);
    const stored = await this.#stored(key);
    if (!stored) throw new CairnError('corrupt', `expected a pack at ${key}, found none`);
    provePack(await framesIn(stored, key, pack, this.#sealed), this.#at, key, pack);
  }

  async remove(pack: Pack): Promise<void> {
    await this.#store.remove(packKey(this.#at, this.#at.epoch, pack), this.#options);
  }

  /** Removes parts that a pack has. */
  async removeParts(seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) await this.#store.remove(partKey({ ...this.#at, seq }), this.#options);
  }

  async #stored(key: string): Promise<Uint8Array | undefined> {
    return (await this.#object(key))?.bytes();
  }

  #object(key: string): Promise<StoredObject | undefined> {
    return (this.#store.stored ?? this.#store.get)(key, this.#options);
  }
}

/** A pack that is there and right. */
export interface Made {
  /** Not another's, so far as one can know. */
  readonly mine: boolean;
  readonly stored: number;
}
