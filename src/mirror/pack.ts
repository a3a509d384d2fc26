import { CairnError } from '../errors.ts';
import type { Pack } from '../store/part-names.ts';
import type { StoredObject } from '../store/types.ts';
import { gunzip, type PartHeader, parseHeader } from './part.ts';

/** Uncompressed bytes of a pack that holds more than one part; two parts may have more. */
export const PACK_BYTES = 8 << 20;
/** No pack is larger: two parts of 8 MiB with their headers. */
const LARGEST_PACK = 17 << 20;

/** A part in a pack. */
export interface PackedPart {
  readonly header: PartHeader;
  /** Absent where only headers were read. */
  readonly lines?: Uint8Array;
}

/** All bytes of a body, uncompressed; nothing where these are more than `most`. @throws CairnError `corrupt` */
export async function expandUpTo(
  most: number,
  body: AsyncIterable<Uint8Array>,
  key: string,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of gunzip(body, key)) {
    size += piece.length;
    if (size > most) return undefined;
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

/** All bytes of a pack, uncompressed. @throws CairnError `corrupt` for more than one can have */
export async function expandPack(body: AsyncIterable<Uint8Array>, key: string): Promise<Uint8Array> {
  const bytes = await expandUpTo(LARGEST_PACK, body, key);
  if (bytes) return bytes;
  throw corrupt(key, `at most ${LARGEST_PACK} bytes`, 'more');
}

/**
 * The parts of a pack, in order: their numbers are proven here, all else where they are used.
 * @param headersOnly of sealed parts there are no records
 * @throws CairnError `corrupt`, `newer-format`
 */
export async function readPack(
  object: StoredObject,
  key: string,
  pack: Pack,
  headersOnly: boolean,
): Promise<PackedPart[]> {
  try {
    return splitPack(await expandPack(object.body, key), key, pack, headersOnly);
  } finally {
    object.close();
  }
}

/** The same of the uncompressed bytes. */
export function splitPack(bytes: Uint8Array, key: string, pack: Pack, headersOnly: boolean): PackedPart[] {
  const parts: PackedPart[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw corrupt(key, 'a header line', 'a torn one');
    const header = parseHeader(Buffer.from(bytes.subarray(at, end)).toString('utf8'), key);
    if (header.seq !== pack.first + parts.length)
      throw corrupt(key, `part ${pack.first + parts.length}`, `${header.seq}`);
    at = end + 1;
    if (headersOnly && header.sealed) parts.push({ header });
    else {
      if (at + header.bytes > bytes.length) throw corrupt(key, `${header.bytes} bytes of part ${header.seq}`, 'fewer');
      parts.push({ header, lines: bytes.subarray(at, at + header.bytes) });
      at += header.bytes;
    }
  }
  if (pack.first + parts.length - 1 !== pack.last) throw corrupt(key, `parts up to ${pack.last}`, `${parts.length}`);
  return parts;
}

/** The pack that part `seq` is read from: the first in the order of keys that has it. */
export function packOf(packs: readonly Pack[], seq: number): Pack | undefined {
  return packs.find(({ first, last }) => first <= seq && seq <= last);
}

function corrupt(key: string, expected: string, got: string): CairnError {
  return new CairnError('corrupt', `expected ${expected} in the pack ${key}, got ${got}`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}
