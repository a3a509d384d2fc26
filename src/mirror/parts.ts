import { CairnError } from '../errors.ts';
import { keyBefore, type PartAddress, packKey, packsPrefix, parsePartKey, partKey } from '../store/keys.ts';
import type { Pack } from '../store/part-names.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { type PackedPart, readPack } from './pack.ts';
import { HEADER_RANGE, openPart, type PartHeader, type PartPiece, readHeader } from './part.ts';

/** Larger objects are not fetched whole, but streamed when their turn comes. */
const WHOLE_BYTES = 16 << 20;

/** Where a listing saw a part: in an object of its own, or in a pack. */
export interface PartPlace extends PartAddress {
  readonly pack?: Pack | undefined;
}

/** A part that is there, wherever it was. */
export interface FetchedPart {
  readonly pieces: AsyncIterable<PartPiece>;
  /** Gives it up unread. */
  close(): void;
}

/**
 * The parts of a stream, for whoever reads several: a pack that was read is held until another one is, so that each
 * is fetched once by a reader that goes forth, back, or to and fro; so is a small part whose header was asked for. Who was told of a part before it was packed finds
 * it in its pack.
 */
export class Parts {
  readonly #store: BucketStore;
  readonly #options: RequestOptions;
  #held: HeldPack | undefined;
  /** A part so small that the bytes asked for its header were all of it. */
  #small: { readonly key: string; readonly bytes: Uint8Array } | undefined;
  /** One search at a time: the next part is mostly in the pack that this one was found in. */
  #search: Promise<unknown> = Promise.resolve();

  constructor(store: BucketStore, options: RequestOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  /** One GET of its first bytes; of a packed part none where the pack is at hand. */
  async header(place: PartPlace): Promise<PartHeader | undefined> {
    const packed = this.#packed(place, false);
    if (packed) return (await packed)?.header;
    const key = partKey(place);
    const object = await this.#store.get(key, { ...this.#options, range: HEADER_RANGE });
    if (!object) return (await this.#found(place, false))?.header;
    if (object.size > HEADER_RANGE.end) return readHeader(object, key);
    const bytes = await object.bytes();
    // Of an encrypted part the header alone comes, however small it is: less than what is stored.
    if (bytes.length === object.size) this.#small = { key, bytes };
    return readHeader({ body: once(bytes), close() {} }, key);
  }

  /** The part, a small one at once and whole, so that a slow consumer does not hold a connection. */
  async get(place: PartPlace): Promise<FetchedPart | undefined> {
    const packed = this.#packed(place, true);
    if (packed) return fetched(await packed);
    return (await this.next(place)) ?? fetched(await this.#found(place, true));
  }

  /** A part that may not be there yet: packs are not looked for. */
  async next(place: PartAddress): Promise<FetchedPart | undefined> {
    const key = partKey(place);
    const small = this.#small?.key === key ? this.#small : undefined;
    if (small) {
      this.#small = undefined;
      return { pieces: openPart(once(small.bytes), key), close() {} };
    }
    const object = await this.#store.get(key, this.#options);
    if (!object) return undefined;
    if (object.size > WHOLE_BYTES) return { pieces: openPart(object.body, key), close: () => object.close() };
    const bytes = await object.bytes();
    return { pieces: openPart(once(bytes), key), close() {} };
  }

  /** From the pack that is named or held; nothing where neither is. */
  #packed(place: PartPlace, whole: boolean): Promise<PackedPart | undefined> | undefined {
    const held = this.#held;
    const pack = held && covers(held, place) ? held.pack : place.pack;
    return pack && this.#inPack(place, pack, whole);
  }

  async #found(place: PartPlace, whole: boolean): Promise<PackedPart | undefined> {
    const search = this.#search.then(async () => {
      const held = this.#held;
      if (held && covers(held, place)) return held.pack;
      return findPack(this.#store, place, this.#options);
    });
    this.#search = search.catch(() => {});
    const pack = await search;
    return pack && this.#inPack(place, pack, whole);
  }

  async #inPack(place: PartPlace, pack: Pack, whole: boolean): Promise<PackedPart | undefined> {
    const key = packKey(place, place.epoch, pack);
    if (this.#held?.key !== key || (whole && !this.#held.whole)) {
      this.#held = { key, pack, whole, prefix: packsPrefix(place, place.epoch), parts: this.#read(key, pack, whole) };
      this.#held.parts.catch(() => {}); // told to whoever waits for it
    }
    return (await this.#held.parts)[place.seq - pack.first];
  }

  async #read(key: string, pack: Pack, whole: boolean): Promise<readonly PackedPart[]> {
    const options = whole ? this.#options : { ...this.#options, range: { start: 0 } };
    const object = await this.#store.get(key, options);
    if (object) return readPack(object, key, pack, !whole);
    throw new CairnError('corrupt', `expected a pack at ${key}, found none`, {
      hint: 'run `cairn session verify` on this session to see what is readable',
    });
  }
}

interface HeldPack {
  readonly key: string;
  readonly prefix: string;
  readonly pack: Pack;
  /** With records, where these are sealed. */
  readonly whole: boolean;
  readonly parts: Promise<readonly PackedPart[]>;
}

function covers({ prefix, pack }: HeldPack, place: PartAddress): boolean {
  return pack.first <= place.seq && place.seq <= pack.last && prefix === packsPrefix(place, place.epoch);
}

/** The pack that has a part: one LIST. */
export async function findPack(
  store: BucketStore,
  place: PartAddress,
  options: RequestOptions = {},
): Promise<Pack | undefined> {
  const after = keyBefore('pack', place);
  for await (const entry of store.list(packsPrefix(place, place.epoch), { ...options, after })) {
    const pack = 'key' in entry ? parsePartKey(place, entry.key)?.pack : undefined;
    if (pack && pack.first <= place.seq) return pack;
  }
  return undefined;
}

function fetched(part: PackedPart | undefined): FetchedPart | undefined {
  if (!part) return undefined;
  return { pieces: piecesOf(part), close() {} };
}

async function* piecesOf({ header, lines }: PackedPart): AsyncGenerator<PartPiece> {
  yield { header };
  if (lines && lines.length > 0) yield { lines };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
