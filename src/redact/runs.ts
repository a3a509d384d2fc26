/** Long runs of base64 characters: text in base64, which is looked through once more, and keys without any mark. */

/** Value of a base64 character, either alphabet; 64 for all others. */
const values = new Uint8Array(256).fill(64);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1').forEach((byte, value) => {
  values[byte] = value;
});
values[0x2d] = 62;
values[0x5f] = 63;

/** Characters below which base64 holds no secret worth the look. */
const shortest = 40;
/** Characters that are decoded to see whether a run is text. */
const sample = 32;
/** Decoded at once: a multiple of four. */
const chunk = 1 << 18;
/** Decoded again with the next chunk, for what lies across the border. */
const overlap = 1 << 12;

/**
 * Calls `report` for each run of at least forty base64 characters. Of a stretch without such runs only every fortieth byte or so is read: a run of forty cannot hide between two of them.
 */
export function findRuns(bytes: Uint8Array, report: (from: number, to: number) => void): void {
  const length = bytes.length;
  let from = 0;
  while (from + shortest <= length) {
    let at = from + shortest - 1;
    while (at >= from && (values[bytes[at] as number] as number) < 64) at -= 1;
    if (at >= from) {
      from = at + 1;
      continue;
    }
    let to = from + shortest;
    while (to < length && (values[bytes[to] as number] as number) < 64) to += 1;
    // The letter of an escape such as `\n` is not part of the run behind it.
    const start = bytes[from - 1] === 0x5c ? from + 1 : from;
    report(start, to);
    from = to + 1;
  }
}

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
