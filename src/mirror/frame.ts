import { CairnError } from '../errors.ts';
import type { StreamAddress } from '../store/keys.ts';
import type { Pack } from '../store/part-names.ts';
import { chunksOf } from '../store/payload.ts';
import { splitSealed } from '../store/sealed-pack.ts';
import { expandPack, splitPack } from './pack.ts';
import { chainHash, contentHash, type PartHeader, parseHeader } from './part.ts';

/** A part with its very bytes: uncompressed, or in an encrypted project as they are stored. */
export interface Frame {
  readonly header: PartHeader;
  /** The header line and what stands below. */
  readonly bytes: Uint8Array;
}

/**
 * Takes bytes for the part of this number, and proves that they are: place, chain, hash, counts. `content` is the hash
 * of what stands below the header here, sealed or not.
 * @param prev chain of the part before, where it is known
 * @throws CairnError `corrupt`, `newer-format`
 */
export function proveFrame(
  bytes: Uint8Array,
  at: StreamAddress & { readonly epoch: number; readonly seq: number },
  key: string,
  prev: string | undefined,
): Frame {
  const header = frameHeader(bytes, key);
  const below = bytes.subarray(bytes.indexOf(10) + 1);
  for (const name of ['harness', 'session', 'stream', 'epoch', 'seq'] as const) {
    if (header[name] !== at[name]) throw corrupt(key, `${name} ${at[name]}`, String(header[name]));
  }
  if (contentHash(below) !== header.content) throw corrupt(key, `content ${header.content}`, 'another');
  if (header.chain !== chainHash(header.prev, header.content)) throw corrupt(key, 'a chain of its content', 'another');
  if (prev !== undefined && header.prev !== prev) throw corrupt(key, `to continue ${prev}`, header.prev);
  if (!header.sealed && below.length !== header.bytes) throw corrupt(key, `${header.bytes} bytes`, `${below.length}`);
  return { header, bytes };
}

/** The parts in a pack, each with its very bytes. @throws CairnError `corrupt`, `newer-format` */
export async function framesIn(
  stored: Uint8Array,
  key: string,
  pack: Pack,
  sealed: boolean,
): Promise<readonly Uint8Array[]> {
  if (sealed) return splitSealed(stored, key);
  const bytes = await expandPack(chunksOf(stored), key);
  let at = 0;
  return splitPack(bytes, key, pack, false).map(({ lines }) => {
    const start = at;
    at = bytes.indexOf(10, at) + 1 + (lines?.length ?? 0);
    return bytes.subarray(start, at);
  });
}

/** Proves the parts of a pack: each for itself, and that they follow each other. @throws CairnError `corrupt` */
export function provePack(
  frames: readonly Uint8Array[],
  at: StreamAddress & { readonly epoch: number },
  key: string,
  { first, last }: Pack,
): void {
  let prev: string | undefined;
  for (const [n, bytes] of frames.entries())
    prev = proveFrame(bytes, { ...at, seq: first + n }, key, prev).header.chain;
  if (frames.length !== last - first + 1) throw corrupt(key, `${last - first + 1} parts`, String(frames.length));
}

/** Header of a part with its very bytes. @throws CairnError `corrupt`, `newer-format` */
export function frameHeader(bytes: Uint8Array, key: string): PartHeader {
  const end = bytes.indexOf(10);
  if (end < 0) throw corrupt(key, 'a header line', 'none');
  return parseHeader(Buffer.from(bytes.subarray(0, end)).toString('utf8'), key);
}

function corrupt(key: string, expected: string, got: string): CairnError {
  return new CairnError('corrupt', `expected ${expected} in part of ${key}, got ${got.slice(0, 200)}`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}
