import { CairnError } from '../errors.ts';
import { collect } from './payload.ts';
import type { Seal } from './seal.ts';
import { openPartBody } from './sealed-part.ts';

/** No pack has more parts: its numbers would not fit into what is read of it. */
const mostParts = 1 << 20;

/** Joins sealed parts, each as it is stored: no identity is needed, and what their headers say of them stays true. */
export function joinSealed(parts: readonly Uint8Array[]): Uint8Array {
  const line = JSON.stringify({ cairn: 'pack', v: 1, sizes: parts.map((part) => part.length) });
  return Buffer.concat([Buffer.from(`${line}\n`), ...parts]);
}

/** The inverse of `joinSealed`. @throws CairnError `corrupt`, `newer-format` */
export function splitSealed(bytes: Uint8Array, key: string): Uint8Array[] {
  const end = bytes.indexOf(10);
  const sizes = end < 0 ? undefined : sizesIn(Buffer.from(bytes.subarray(0, end)).toString('utf8'), key);
  if (!sizes) throw corrupt(key, 'a line with the sizes of its parts');
  let at = end + 1;
  const parts = sizes.map((size) => {
    at += size;
    return bytes.subarray(at - size, at);
  });
  if (at !== bytes.length) throw corrupt(key, `${at} bytes`, String(bytes.length));
  return parts;
}

function sizesIn(line: string, key: string): number[] | undefined {
  let head: { cairn?: unknown; v?: unknown; sizes?: unknown } | null;
  try {
    head = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof head?.v === 'number' && head.v > 1) {
    throw new CairnError('newer-format', `${key} has format version ${head.v}, this program reads 1`, {
      hint: 'update cairn on this host',
    });
  }
  const { sizes } = head ?? {};
  if (head?.cairn !== 'pack' || !Array.isArray(sizes) || sizes.length > mostParts) return undefined;
  return sizes.every((size) => Number.isSafeInteger(size) && size >= 0) ? sizes : undefined;
}

/**
 * Turns a pack of sealed parts into an ordinary one, gzip member by gzip member.
 * @param headersOnly no records, which takes no identity
 */
export async function* openPackBody(
  seal: Seal,
  body: AsyncIterable<Uint8Array>,
  key: string,
  headersOnly: boolean,
): AsyncGenerator<Uint8Array> {
  for (const part of splitSealed(await collect(body), key)) yield* openPartBody(seal, once(part), key, headersOnly);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function corrupt(key: string, expected: string, got = 'something else'): CairnError {
  return new CairnError('corrupt', `expected ${expected} at ${key}, got ${got}`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}
