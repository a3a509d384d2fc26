/** A value that stands apart from its name: the next argument, field, item or cell. */
import { byteAt, is, isCapital, isDigit, isQuote, isSpace, skipBackslashes, skipWord, stands, TELLING } from './characters';
import { isHidingEscape } from './escapes';
import { isFourByFour, isNextLikely, shortest } from './value';

/** The next argument, or `value:` on the next line. */
export function isFollowedByValue(from: usize): bool {
  if (isValueNext(from) || isItemLikely(from)) return true;
  if (byteAt(from) != 0x2c && byteAt(from) != 0x28) return false;
  let at = from + 1;
  while (at < from + 17 && (isSpace(byteAt(at)) || byteAt(at) == 0x5c)) at++;
  if (isQuote(byteAt(at))) {
    at++;
    // A string within the string.
    const inner = skipBackslashes(at);
    return isArgumentLikely(inner > at && isQuote(byteAt(inner)) ? inner + 1 : at);
  }
  if (byteAt(from) == 0x28) return false;
  if (stands('default=', at, true) || stands('value=', at, true) || stands('const=', at, true)) return true;
  return isCellLikely(from + 1, from + 100);
}

/** `value`, or a name that ends so, behind at most two other fields such as `"type":"text",`. */
function isValueNext(from: usize): bool {
  if (!isVNear(from)) return false;
  let at = skipSeparators(from, 60);
  for (let field = 0; field < 3; field++) {
    const name = skipWord(at, 18);
    if (name >= at + 5 && stands('value', name - 5, true)) {
      const end = skipSeparators(name, 80);
      return isOperatorBefore(end, name) && isNextLikely(end, 64);
    }
    if (name == at || name > at + 12) return false;
    const between = skipSeparators(name, 12);
    const end = skipWord(between, 16);
    const next = skipSeparators(end, 20);
    if (between == name || next == end) return false;
    at = next;
  }
  return false;
}

/** Whether `:` or `=` stands in `[from, at)`, or at `at`. */
function isOperatorBefore(at: usize, from: usize): bool {
  for (let i = from; i <= at; i++) if (byteAt(i) == 0x3a || byteAt(i) == 0x3d) return true;
  return false;
}

/** Whether a `v` stands as far as `isValueNext` reads. */
function isVNear(from: usize): bool {
  const low = i8x16.splat(0x20);
  const letter = i8x16.splat(0x76);
  for (let at = from; at < from + 288; at += 16)
    if (v128.any_true(i8x16.eq(v128.or(v128.load(at), low), letter))) return true;
  return false;
}

/** Behind backslashes and the letters of line ends, spaces, quotes, commas, colons, braces and dashes. */
function skipSeparators(from: usize, most: u32): usize {
  let at = from;
  for (; at < from + most; at++) {
    const byte = byteAt(at);
    if (byte == 0x5c || byte == 0x22 || byte == 0x27 || byte == 0x2c) continue;
    if (byteAt(at - 1) == 0x5c && (byte == 0x6e || byte == 0x72 || byte == 0x74)) continue;
    if (!(isSpace(byte) || byte == 0x3a || byte == 0x7b || byte == 0x2d)) break;
  }
  return at;
}

/** The next item of a list of arguments, one a line, with a digit. */
function isItemLikely(from: usize): bool {
  let at = skipBackslashes(from);
  if (at == from || (byteAt(at) != 0x6e && byteAt(at) != 0x72)) return false;
  for (const limit = at + 40; at < limit; at++) {
    const byte = byteAt(at);
    if (byte != 0x5c && byte != 0x6e && byte != 0x72 && byte != 0x20) break;
  }
  if (byteAt(at) != 0x2d || byteAt(at + 1) != 0x20) return false;
  for (at += 2; isQuote(byteAt(at)) || byteAt(at) == 0x5c || byteAt(at) == 0x20; ) at++;
  for (const limit = at + 60; at < limit; at++) {
    const byte = byteAt(at);
    if (byte == 0x20 || byte == 0x5c || byte == 0 || isQuote(byte)) return false;
    if (isDigit(byte)) return true;
  }
  return false;
}

/** A string of six bytes or more with a digit, rare punctuation or capitals in odd places. */
function isArgumentLikely(from: usize): bool {
  let told = false;
  for (let at = from; at < from + 60; at++) {
    const byte = byteAt(at);
    if (byte == 0x5c || isQuote(byte) || byte == 0) return told && (at - from >= shortest || isHidingEscape(at));
    if (isDigit(byte) || byte == 0x23 || byte == 0x5e || byte == 0x25 || byte == 0x7e) told = true;
    if (isFourByFour(at)) return true;
    if (byte - 0x61 < 26 && isCapital(at + 1)) {
      if (isCapital(at + 2) || (byteAt(at + 2) - 0x61 < 26 && isCapital(at + 3))) told = true;
    }
  }
  return told;
}

/** The next cell of a table: eight characters or more, with a digit or rare punctuation, or words of four letters. */
function isCellLikely(from: usize, limit: usize): bool {
  let at = from;
  while (byteAt(at) == 0x5c) at++;
  if (byteAt(at) == 0x22) at++;
  if (isFourByFour(at + 4)) return true;
  const start = at;
  let told = false;
  for (; at < limit; at++) {
    const byte = byteAt(at);
    if (isSpace(byte) || byte == 0x2c || byte == 0x22 || byte == 0x27 || byte == 0x5c || byte == 0) break;
    if (is(byte, TELLING)) told = true;
  }
  return told && at - start >= 8;
}
