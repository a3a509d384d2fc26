/** Long runs of base64 characters that hold text. */

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
