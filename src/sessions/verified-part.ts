import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { chainHash, type PartHeader, type PartPiece } from '../mirror/part.ts';
import type { FetchedPart } from '../mirror/parts.ts';
import { type PartAddress, partKey } from '../store/keys.ts';

/** Lines up to this size are handed out only when they are proven; a part holds 8 MiB, or one record. */
const HELD_BYTES = 16 << 20;

/**
 * Reads a part and proves on the way that it belongs where it lies and is what its header says: address,
 * chain, hash, counts. Lines of an ordinary part come in one piece, after the proof; those of a larger one
 * as they arrive, and then the proof. What decompresses to more than its header says is given up at once.
 * @param prev chain of the part before; `undefined` where that is not known
 * @throws CairnError `corrupt`, `newer-format`
 */
export async function* readVerified(
  fetched: FetchedPart,
  address: PartAddress,
  prev: string | undefined,
): AsyncGenerator<PartPiece> {
  const key = partKey(address);
  const hash = createHash('sha256');
  const held: Uint8Array[] = [];
  let header: PartHeader | undefined;
  let bytes = 0;
  let records = 0;
  let last: number | undefined;
  try {
    for await (const piece of fetched.pieces) {
      if (piece.header) {
        header = piece.header;
        checkPlace(header, address, prev);
        yield piece;
        continue;
      }
      const { lines } = piece;
      bytes += lines.length;
      if (!header || bytes > header.bytes) throw corrupt(key, `${header?.bytes ?? 0} bytes of lines`, 'more');
      hash.update(lines);
      records += countNewlines(lines);
      last = lines.at(-1);
      if (header.bytes <= HELD_BYTES) held.push(lines);
      else yield piece;
    }
  } finally {
    fetched.close();
  }
  if (!header) return; // openPart has thrown
  if (bytes !== header.bytes) throw corrupt(key, `${header.bytes} bytes of lines`, String(bytes));
  if (bytes > 0 && last !== 10) throw corrupt(key, 'its last line to end', 'a torn one');
  if (records !== header.records) throw corrupt(key, `${header.records} lines`, String(records));
  const content = hash.digest('hex');
  // Of sealed records the hash is of what is stored: it was proven when they were opened.
  if (!header.sealed && content !== header.content) throw corrupt(key, `content ${header.content}`, content);
  if (held.length > 0) yield { lines: held.length === 1 && held[0] ? held[0] : Buffer.concat(held) };
}

/** Whether a header stands where it says, and continues the part before. @throws CairnError `corrupt` */
function checkPlace(header: PartHeader, address: PartAddress, prev: string | undefined): void {
  const key = partKey(address);
  for (const name of ['harness', 'session', 'stream', 'epoch', 'seq'] as const) {
    if (header[name] !== address[name]) throw corrupt(key, `${name} ${address[name]}`, String(header[name]));
  }
  if (header.chain !== chainHash(header.prev, header.content)) {
    throw corrupt(key, 'a chain of its own content', header.chain);
  }
  if (prev !== undefined && header.prev !== prev) {
    throw corrupt(key, `to continue a part with chain ${prev || '(none)'}`, header.prev || '(none)');
  }
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

function corrupt(key: string, expected: string, got: string): CairnError {
  return new CairnError('corrupt', `expected ${expected} in ${key}, got ${got.slice(0, 200)}`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}
