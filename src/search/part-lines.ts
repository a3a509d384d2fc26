import { CairnError } from '../errors.ts';
import { expandPack, type PackedPart, splitPack } from '../mirror/pack.ts';
import { openPart } from '../mirror/part.ts';
import { type PartAddress, packKey, packsPrefix, partKey } from '../store/keys.ts';
import type { Pack } from '../store/part-names.ts';
import type { ObjectReader } from './cache.ts';

/** Packs held in memory: up to 8 MiB each. */
const packsHeld = 4;

interface HeldPack {
  readonly pack: Pack;
  /** Of its epoch. */
  readonly prefix: string;
  readonly parts: Promise<readonly PackedPart[]>;
}

/** Reads the lines of parts, also of those that were packed since they were indexed: parts in one pack cost one read. */
export class PartLines {
  readonly #reader: ObjectReader;
  readonly #packs = new Map<string, HeldPack>();

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  /** @throws CairnError `not-found`, `corrupt`, and of the store */
  async of(place: PartAddress): Promise<Uint8Array> {
    const held = this.#holding(place);
    if (held) return linesIn(held, place);
    const key = partKey(place);
    let bytes: Uint8Array;
    try {
      bytes = await this.#reader.read(key);
    } catch (error) {
      if (!(error instanceof CairnError) || error.code !== 'not-found') throw error;
      const pack = this.#holding(place)?.pack ?? (await this.#reader.packOf(place));
      if (!pack) throw error;
      return linesIn(this.#hold(place, pack), place);
    }
    const pieces: Uint8Array[] = [];
    for await (const { lines } of openPart(single(bytes), key)) if (lines) pieces.push(lines);
    return Buffer.concat(pieces);
  }

  #holding(place: PartAddress): HeldPack | undefined {
    const prefix = packsPrefix(place, place.epoch);
    for (const held of this.#packs.values()) {
      if (held.prefix === prefix && held.pack.first <= place.seq && place.seq <= held.pack.last) return held;
    }
    return undefined;
  }

  #hold(place: PartAddress, pack: Pack): HeldPack {
    const key = packKey(place, place.epoch, pack);
    const known = this.#packs.get(key);
    if (known) return known;
    const [oldest] = this.#packs.keys();
    if (oldest !== undefined && this.#packs.size >= packsHeld) this.#packs.delete(oldest);
    const parts = this.#reader.read(key).then(async (bytes) => {
      return splitPack(await expandPack(single(bytes), key), key, pack, false);
    });
    const held = { pack, prefix: packsPrefix(place, place.epoch), parts };
    this.#packs.set(key, held);
    return held;
  }
}

async function linesIn({ pack, parts }: HeldPack, { seq }: PartAddress): Promise<Uint8Array> {
  return (await parts)[seq - pack.first]?.lines ?? new Uint8Array();
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
