/** What a secret looks like to a cheap look: a digit, rare punctuation, or capitals where no word has them. */
import { byteAt, DIGIT, inSet, is, isAlphanumeric, isLetter, RUN, skipBackslashes, TELLING } from './characters';
import { isHidingEscape } from './escapes';

/** Bytes below which no value is a secret. */
export const shortest: usize = 6;

/** A value with a digit, rare punctuation or capitals in odd places begins before the line ends, and is no number of its own. */
export function isNextLikely(from: usize, reach: u32): bool {
  const limit = from + reach;
  let start = from;
  while (start < limit && isDull(start)) start += 16;
  if (start >= limit) return false;
  while (start > from && byteAt(start - 1) != 0x20) start--;
  let humps = 0;
  let capitals = 0;
  let told = false;
  for (let at = start; at < limit; at++) {
    const byte = byteAt(at);
    const ends = byte == 0x0a || (byte == 0x5c && byteAt(skipBackslashes(at)) == 0x6e);
    if (ends) return false;
    if (byte == 0x20) {
      start = at + 1;
      told = false;
    }
    // `!given` and `!=` are operators of a program.
    if (is(byte, TELLING) && (byte != 0x21 || (at > start && byteAt(at + 1) != 0x3d))) told = true;
    if (told && at + 1 - start >= shortest) return true;
    if (byte == 0x5c && byteAt(at + 1) == 0x75) return true;
    if (isFourByFour(at)) return true;
    // Letters in a case that no name of a program has: `xRLnWbSVXiO`.
    if (!isLetter(byte)) {
      humps = 0;
      capitals = 0;
    } else if ((byte & 0x20) == 0 && isLetter(byteAt(at - 1))) {
      if ((byteAt(at - 1) & 0x20) != 0) humps++;
      else capitals++;
      if (humps >= 2 && capitals >= 1) return true;
    }
  }
  return told;
}

/** What is TELLING, as `inSet` has it. */
const telling = i8x16(8, 12, 8, 12, 12, 12, 8, 8, 8, 8, 0, 0, 0, 0, -96, 0);

/** Sixteen bytes of a sentence: nothing telling, no two capitals side by side, no line end or escape, no words of four letters. */
// @ts-ignore: decorator
@inline
function isDull(at: usize): bool {
  const bytes = v128.load(at);
  const space = v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x2d)));
  const four = v128.and(v128.and(space, i8x16.eq(bytes, v128.load(at, 5))), i8x16.eq(bytes, v128.load(at, 10)));
  const end = v128.or(i8x16.eq(bytes, i8x16.splat(0x5c)), i8x16.eq(bytes, i8x16.splat(0x0a)));
  const capitals = v128.and(areCapitals(bytes), areCapitals(v128.load(at, 1)));
  return !v128.any_true(v128.or(v128.or(four, end), v128.or(inSet(bytes, telling), capitals)));
}

// @ts-ignore: decorator
@inline
function areCapitals(bytes: v128): v128 {
  return v128.lt<u8>(v128.sub<u8>(bytes, i8x16.splat(0x41)), i8x16.splat(26));
}

/** Words of four letters, as some mail services make them: `at` is between the first two. */
export function isFourByFour(at: usize): bool {
  const byte = byteAt(at);
  if (byte != 0x20 && byte != 0x2d) return false;
  if (byteAt(at + 5) != byte || byteAt(at + 10) != byte || isAlphanumeric(byteAt(at + 15))) return false;
  if (isAlphanumeric(byteAt(at - 5)) && byteAt(at - 6) != 0x5c) return false;
  return isGroup(at - 4) && isGroup(at + 1) && isGroup(at + 6) && isGroup(at + 11);
}

function isGroup(at: usize): bool {
  for (let i = 0; i < 4; i++) if (!isAlphanumeric(byteAt(at + i))) return false;
  return true;
}

export function isRunLikely(from: usize): bool {
  let digits = false;
  let at = from;
  for (; at < from + 24 && is(byteAt(at), RUN); at++) if (is(byteAt(at), DIGIT)) digits = true;
  return (at - from >= 16 && digits) || (byteAt(at) == 0x5c && isHidingEscape(at));
}
