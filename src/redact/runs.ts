/** Base64 that holds readable text, which is looked through once more. */

const alphabet = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', 'latin1'))
  alphabet[byte] = 1;

/** Characters below which base64 holds no secret worth the look. */
const shortest = 40;
/** What is decoded to see whether it is text. */
const sample = 32;
/** Decoded at once; a multiple of four. */
const chunk = 1 << 18;

/**
 * Calls `report` for each run of at least 40 base64 characters. Of text with shorter runs only every
 * fortieth byte or so is read: a run of that length cannot hide between two of them.
 */
export function findRuns(bytes: Uint8Array, report: (from: number, to: number) => void): void {
  let from = 0;
  while (from + shortest <= bytes.length) {
    let at = from + shortest - 1;
    while (at >= from && alphabet[bytes[at] as number] === 1) at -= 1;
    if (at >= from) {
      from = at + 1;
      continue;
    }
    let to = from + shortest;
    while (to < bytes.length && alphabet[bytes[to] as number] === 1) to += 1;
    report(from, to);
    from = to + 1;
  }
}

/** The text that the base64 in `[from, to)` holds, in pieces, or nothing where it is no text. */
export function* decodedText(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<{ readonly at: number; readonly text: Buffer }> {
  if (!isText(decode(bytes, from, from + sample))) return;
  for (let at = from; at < to; at += chunk)
    yield { at, text: decode(bytes, at, Math.min(to, at + chunk + shortest * 16)) };
}

function decode(bytes: Uint8Array, from: number, to: number): Buffer {
  return Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'), 'base64');
}

function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09);
}
