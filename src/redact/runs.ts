/** Long runs of base64 characters: text in base64, which is looked through once more, and keys without any mark. */

/** Value of a base64 character, either alphabet; 64 for all others. */
const values = new Uint8Array(256).fill(64);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1').forEach((byte, value) => {
  values[byte] = value;
});
values[0x2d] = 62;
values[0x5f] = 63;

/** Characters that are decoded to see whether a run is text. */
const sample = 32;
/** Decoded at once: a multiple of four. */
const chunk = 1 << 18;
/** Decoded again with the next chunk, for what lies across the border. */
const overlap = 1 << 12;

/** The text that the base64 in `[from, to)` holds, in pieces that overlap; `at` is where a piece's base64 begins. */
export function* decodeText(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<{ readonly at: number; readonly text: Buffer }> {
  for (let at = from; at < to; at += chunk) {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(to, at + chunk + overlap) - at);
    yield { at, text: Buffer.from(piece.toString('latin1'), 'base64') };
  }
}

/** Whether the base64 at `from` begins with readable text. */
export function isText(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < from + sample; at += 4) {
    const group =
      ((values[bytes[at] as number] as number) << 18) |
      ((values[bytes[at + 1] as number] as number) << 12) |
      ((values[bytes[at + 2] as number] as number) << 6) |
      (values[bytes[at + 3] as number] as number);
    if (!isReadable(group >>> 16) || !isReadable((group >>> 8) & 0xff) || !isReadable(group & 0xff)) return false;
  }
  return true;
}

function isReadable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
