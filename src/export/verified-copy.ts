import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { frameHeader, framesIn, provePack } from '../mirror/frame.ts';
import { chainHash, contentHash, openPart, type PartHeader } from '../mirror/part.ts';
import { readVerified } from '../sessions/verified-part.ts';
import { type PartAddress, packKey, partKey, pathKey } from '../store/keys.ts';
import { type PartNumbers, parsePartName } from '../store/part-names.ts';
import { sealedPartKey, unsealedPartKey } from '../store/sealed-keys.ts';

/** Chains of the parts that were seen, by their paths without a number. */
export type Chains = Map<string, { readonly seq: number; readonly chain: string }>;

/**
 * Proves a part before it is copied: that it is what its header says, stands where it belongs, and continues the part
 * that came before it. An encrypted one is proven as it is stored, without its key.
 * @throws CairnError `corrupt`, `newer-format`
 */
export async function verifyPart(path: string, bytes: Uint8Array, chains: Chains): Promise<void> {
  const header = path.endsWith('.age') ? sealedHeader(path, bytes) : await plainHeader(path, bytes);
  const address: PartAddress = { project: 'p', ...header };
  const key = partKey(address);
  if (pathKey('p', path) !== (header.sealed ? sealedPartKey(key) : key)) throw corrupt(path, 'is of another place');
  const epoch = path.slice(0, path.lastIndexOf('/'));
  const before = chains.get(epoch);
  if (before?.seq === header.seq - 1 && before.chain !== header.prev)
    throw corrupt(path, 'does not continue the one before it');
  chains.set(epoch, header);
  if (header.sealed) return;
  const part = { pieces: openPart(once(bytes), key), close() {} };
  for await (const _ of readVerified(part, address, undefined)); // it throws
}

/** The same of a pack, part by part. @throws CairnError `corrupt`, `newer-format` */
export async function verifyPack(path: string, bytes: Uint8Array): Promise<void> {
  const numbers = numbersIn(path);
  if (!numbers?.pack) throw corrupt(path, 'is no pack');
  const frames = await framesIn(bytes, path, numbers.pack, path.endsWith('.age'));
  const [first] = frames;
  if (!first) throw corrupt(path, 'is empty');
  const at = { project: 'p', ...frameHeader(first, path) };
  if (pathKey('p', unsealedPartKey(path)) !== packKey(at, at.epoch, numbers.pack))
    throw corrupt(path, 'is of another place');
  provePack(frames, at, path, numbers.pack);
}

/** Chain of part `seq` in the bytes of a part or a pack. @throws CairnError `corrupt`, `newer-format` */
export async function chainAt(path: string, bytes: Uint8Array, seq: number): Promise<string | undefined> {
  const pack = numbersIn(path)?.pack;
  if (!pack) return (path.endsWith('.age') ? sealedHeader(path, bytes) : await plainHeader(path, bytes)).chain;
  const frame = (await framesIn(bytes, path, pack, path.endsWith('.age')))[seq - pack.first];
  return frame && frameHeader(frame, path).chain;
}

/** The numbers of the parts that an object of an epoch has, by its path. */
export function numbersIn(path: string): PartNumbers | undefined {
  return parsePartName(unsealedPartKey(path).replace(/^.*\//, ''));
}

async function plainHeader(path: string, bytes: Uint8Array): Promise<PartHeader> {
  for await (const { header } of openPart(once(bytes), path)) if (header) return header;
  throw corrupt(path, 'is empty');
}

/** The line of plain JSON before what is encrypted: see `docs/format.md`. */
function sealedHeader(path: string, bytes: Uint8Array): PartHeader {
  const end = bytes.indexOf(10);
  let header: PartHeader | undefined;
  try {
    header = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8'));
  } catch {
    // It has none.
  }
  if (header?.sealed !== 'age') throw corrupt(path, 'has no header');
  const content = contentHash(bytes.subarray(end + 1));
  if (header.content !== content || header.chain !== chainHash(header.prev, content)) {
    throw corrupt(path, 'is not what its header says');
  }
  return header;
}

/** Bytes that are named by their SHA-256, as they pass. @throws CairnError `corrupt` at their end */
export async function* verifyBlob(path: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let last: Uint8Array | undefined;
  for await (const piece of bytes) {
    if (last) yield last;
    hash.update(piece);
    last = piece;
  }
  // The last piece is held back: without it nothing is stored.
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!name.startsWith(hash.digest('hex'))) throw corrupt(path, 'is not what its name says');
  if (last) yield last;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function corrupt(path: string, what: string): CairnError {
  return new CairnError('corrupt', `expected a sound object to copy, but ${path} ${what}`, {
    hint: 'run `cairn session verify` where it came from',
  });
}
