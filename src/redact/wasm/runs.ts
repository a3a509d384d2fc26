/** Runs of base64 characters, of either alphabet, found by sixteen bytes at once. */
import { byteAt, inSet, stands } from './characters';

/** A run that is worth a look has a whole stretch of this many bytes, at a multiple of it. */
const STEP: u32 = 16;
const shortest: u32 = 40;
/** Characters that are decoded to see whether a run is text. */
const sample: u32 = 32;

/** Base64 characters, as `inSet` has them: `+` `-` `/` are 2b 2d 2f, `_` is 5f. */
const lows = i8x16(-88, -8, -8, -8, -8, -8, -8, -8, -8, -8, -16, 0x54, 0x50, 0x54, 0x50, 0x74);

/** Bytes up to this one are no base64: one of them, a space or a quote, stands in nearly every stretch of text. */
const lowest = i8x16.splat(0x2a);

// @ts-ignore: decorator
@inline
function isWhole(at: usize): bool {
  const bytes = v128.load(at);
  if (v128.bitmask<i8>(v128.le<i8>(bytes, lowest)) != 0) return false;
  return v128.all_true<u8>(inSet(bytes, lows));
}

/** Value of a base64 character, 64 for all others. */
const values = memory.data(256);
memory.fill(values, 64, 256);
for (let i: u32 = 0; i < 62; i++) store<u8>(values + (i < 26 ? 0x41 + i : i < 52 ? 0x61 + i - 26 : 0x30 + i - 52), i);
store<u8>(values + 0x2b, 62);
store<u8>(values + 0x2d, 62);
store<u8>(values + 0x2f, 63);
store<u8>(values + 0x5f, 63);

// @ts-ignore: decorator
@inline
function isBase64(at: usize): bool {
  return load<u8>(values + byteAt(at)) < 64;
}

/** Whether the base64 at `from` begins with readable text. */
export function isText(from: usize): bool {
  for (let at = from; at < from + sample; at += 4) {
    const group = (valueAt(at) << 18) | (valueAt(at + 1) << 12) | (valueAt(at + 2) << 6) | valueAt(at + 3);
    if (!isReadable(group >> 16) || !isReadable((group >> 8) & 0xff) || !isReadable(group & 0xff)) return false;
  }
  return true;
}

function valueAt(at: usize): u32 {
  return load<u8>(values + byteAt(at));
}

function isReadable(byte: u32): bool {
  return byte - 0x20 < 0x5f || byte == 0x0a || byte == 0x0d || byte == 0x09;
}

let images: u32 = 0;

/** Images of which the base64 began in what `findRuns` has read since the last call. */
export function takeImages(): u32 {
  const taken = images;
  images = 0;
  return taken;
}

/** Base64 at `at` that is the beginning of a PNG, a JPEG, a GIF or a WebP. */
function countImage(at: usize): void {
  const from = byteAt(at - 1) == 0x5c ? at + 1 : at;
  const first = byteAt(from);
  if (first != 0x69 && first != 0x2f && first != 0x52 && first != 0x55) return;
  const isImage =
    stands('iVBORw0KGg', from, false) ||
    stands('/9j/', from, false) ||
    stands('R0lGODdh', from, false) ||
    stands('R0lGODlh', from, false) ||
    (stands('UklGR', from, false) && stands('RUJQ', from + 12, false));
  if (isImage && isWhole(from + STEP)) images++;
}

/**
 * Writes the ends of the runs in `[from, from + size)` to `runs`, as offsets from `from`: those of forty characters or
 * more that are worth a look, and any that touches an edge, for it may go on there. Returns the end of what was written.
 */
export function findRuns(from: usize, size: u32, runs: usize): usize {
  const end = from + size;
  let written = runs;
  let head = from;
  while (head < end && isBase64(head)) head++;
  if (head > from) {
    if (!isBase64(from - 1)) countImage(from);
    written = write(written, 0, head - from);
  }
  let at = head;
  while (at + STEP <= end) {
    if (!isWhole(at)) {
      at += STEP;
      continue;
    }
    let start = at;
    while (isBase64(start - 1)) start--;
    countImage(start);
    while (at + STEP <= end && isWhole(at)) at += STEP;
    while (at < end && isBase64(at)) at++;
    if (at == end || (at - start >= shortest && isWorthwhile(start, at))) written = write(written, start - from, at - from);
  }
  if (written > runs && load<u32>(written - 4) == size) return written;
  let tail = end;
  while (isBase64(tail - 1) && tail > head) tail--;
  if (tail == end) return written;
  countImage(tail);
  return write(written, tail - from, size);
}

/** It holds text, or has the length of a key for a wallet. The letter of an escape such as `\n` is not part of it. */
function isWorthwhile(start: usize, to: usize): bool {
  const from = byteAt(start - 1) == 0x5c ? start + 1 : start;
  return (to - from >= 50 && to - from <= 52) || isText(from);
}

function write(at: usize, from: usize, to: usize): usize {
  store<u32>(at, <u32>from);
  store<u32>(at, <u32>to, 4);
  return at + 8;
}
