/** Runs of base64 characters, of either alphabet, found by sixteen bytes at once. */
import { byteAt, isDigit, isLetter } from './characters';

/** A run that is worth a look has a whole stretch of this many bytes, at a multiple of it. */
const STEP: u32 = 16;
const shortest: u32 = 40;

/**
 * For each low half of a byte, the high halves with which it is a base64 character, as bits: `+` `-` `/` are 2b 2d 2f,
 * `_` is 5f.
 */
const lows = i8x16(-88, -8, -8, -8, -8, -8, -8, -8, -8, -8, -16, 0x54, 0x50, 0x54, 0x50, 0x74);
const highs = i8x16(0, 0, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
const fifteen = i8x16.splat(15);

// @ts-ignore: decorator
@inline
function isWhole(at: usize): bool {
  const bytes = v128.load(at);
  const low = v128.swizzle(lows, v128.and(bytes, fifteen));
  const high = v128.swizzle(highs, v128.shr<u8>(bytes, 4));
  return v128.all_true<u8>(v128.and(low, high));
}

function isBase64(byte: u32): bool {
  return isLetter(byte) || isDigit(byte) || byte == 0x2b || byte == 0x2d || byte == 0x2f || byte == 0x5f;
}

/**
 * Writes the ends of the runs in `[from, from + size)` to `runs`, as offsets from `from`: those of forty characters or
 * more, and any that touches an edge, for it may go on there. Returns the end of what was written.
 */
export function findRuns(from: usize, size: u32, runs: usize): usize {
  const end = from + size;
  let written = runs;
  let head = from;
  while (head < end && isBase64(byteAt(head))) head++;
  if (head > from) written = write(written, 0, head - from);
  let at = head;
  while (at + STEP <= end) {
    if (!isWhole(at)) {
      at += STEP;
      continue;
    }
    let start = at;
    while (isBase64(byteAt(start - 1))) start--;
    while (at + STEP <= end && isWhole(at)) at += STEP;
    while (at < end && isBase64(byteAt(at))) at++;
    if (at - start >= shortest || at == end) written = write(written, start - from, at - from);
  }
  if (written > runs && load<u32>(written - 4) == size) return written;
  let tail = end;
  while (isBase64(byteAt(tail - 1)) && tail > head) tail--;
  return tail < end ? write(written, tail - from, size) : written;
}

function write(at: usize, from: usize, to: usize): usize {
  store<u32>(at, <u32>from);
  store<u32>(at, <u32>to, 4);
  return at + 8;
}
