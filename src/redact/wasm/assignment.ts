/** Whether a name that tells of a secret is followed by a value that may be one. */
import {
  byteAt,
  DIGIT,
  GAP,
  is,
  isAlphanumeric,
  isDigit,
  isLetter,
  OPERATOR,
  RUN,
  skipBackslashes,
  stands,
  TELLING,
  WORD,
} from './characters';
import { isHidingEscape, markAt } from './escapes';

/** Bytes below which no value is a secret. */
const shortest: usize = 6;

/** How a name may go on behind the word that tells: `passwordProd`, `SECRET_B64`, `authorization`; not `keyof`. */
const joined = listOf('code ential orization phrase uid wd wor ');
const added = listOf(
  'back b64 base cur data def dev env eu ext hex id int live local main new old plain prev prim prod raw sec stag str test text us val ',
);
/** Words and options that may stand between a name and its value. */
const connecting = listOf(
  'again apikey basic bearer changed created currently development digest est es generated ist issued lautet or preview production reset set s token to ',
);
/** Words of a sentence that lead to a value. */
const leading = listOf('are at byte equals for from here in is must now of on should string str there to value was will with ');

/** Words in order of their first letter, longer ones before their beginnings, each with a space behind it: where those of each letter begin, then the text. */
function listOf(words: string): usize {
  const list = heap.alloc(26 + words.length + 1);
  memory.fill(list, 0, 26 + words.length + 1);
  for (let i = words.length - 1; i >= 0; i--) {
    const character = words.charCodeAt(i);
    store<u8>(list + 26 + i, character);
    if (character != 0x20 && (i == 0 || words.charCodeAt(i - 1) == 0x20)) store<u8>(list + character - 0x61, 26 + i);
  }
  return list;
}

/** Bytes of the first word of the list that stands at `at`, in either case; 0 where none does. */
function standsOne(list: usize, at: usize): u32 {
  const first = byteAt(at) | 0x20;
  if (!isLetter(first)) return 0;
  const start = byteAt(list + first - 0x61);
  if (start == 0) return 0;
  for (let word = list + start; byteAt(word) == first; ) {
    let length: u32 = 0;
    while (byteAt(word + length) != 0x20 && byteAt(word + length) == lower(byteAt(at + length))) length++;
    if (byteAt(word + length) == 0x20) return length;
    while (byteAt(word) != 0x20) word++;
    word++;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function lower(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte | 0x20 : byte;
}

/** A letter, a digit or `_`. */
// @ts-ignore: decorator
@inline
function isPlainWord(byte: u32): bool {
  return is(byte, WORD) && byte != 0x2d;
}

function goesOnAsName(at: usize): bool {
  const byte = byteAt(at);
  const low = byte | 0x20;
  if (!isPlainWord(byte)) return true;
  if ((low == 0x73 || low == 0x65) && !isPlainWord(byteAt(at + 1))) return true;
  if (standsOne(joined, at) > 0) return true;
  const rest = byte == 0x5f ? at + 1 : at;
  return isDigit(byteAt(rest)) || standsOne(added, rest) > 0;
}

/**
 * A key word stands at the end of a name (`apiKey`, `API_KEY`, not `keyof`) and is followed by a
 * value that has something no word of a program has.
 */
export function assignmentLikely(from: usize, to: usize): bool {
  const first = byteAt(from) | 0x20;
  const before = byteAt(from - 1);
  // A plain `key` counts behind a word, or in a query.
  if (
    first == 0x6b &&
    !is(before, WORD) &&
    before != 0 &&
    before != 0x20 &&
    before != 0x2e &&
    before != 0x3f &&
    before != 0x26
  )
    return false;
  if (first == 0x73 && to - from == 3 && isAlphanumeric(before) && byteAt(from - 2) != 0x5c) return false;
  const next = byteAt(to);
  if (is(next, WORD)) {
    const end = byteAt(to - 1);
    const goesOn = isLetter(next) && isLetter(end) && (next & 0x20) == (end & 0x20);
    const letters = isLetter(next == 0x5f ? byteAt(to + 1) : next);
    if ((goesOn || letters) && !goesOnAsName(to)) return false;
  }
  return valueLikely(to);
}

/** An operator, or words that lead to a value, then a digit or rare punctuation before the line ends. */
function valueLikely(from: usize): bool {
  let at = from;
  while (at < from + 40 && is(byteAt(at), WORD)) at++;
  const nameEnd = at;
  if ((byteAt(at) == 0x3a || byteAt(at) == 0x3d) && isNothingBehind(at)) return false;
  // A number of the record's own JSON, as in its counts of tokens: a mark in its place would break the line.
  if (byteAt(at) == 0x22 && byteAt(at + 1) == 0x3a && isDigit(byteAt(byteAt(at + 2) == 0x20 ? at + 3 : at + 2)))
    return false;
  at = skipGap(at);
  if (byteAt(at) == 0x5b) at = skipGap(skipBrackets(at));
  const byte = byteAt(at);
  if (byte == 0x5c || byte == 0x2c) return nameEnd + 24 > at && isFollowedByValue(at);
  // What a property list or a variable's block puts before the value is longer than the usual look.
  if (byte == 0x3c && byteAt(at + 1) == 0x2f && byteAt(at + 2) == 0x6b) return true;
  if (byte == 0x7b && byteAt(at - 1) == 0x20 && byteAt(at - 2) == 0x22) return isDefaultNear(at);
  // `+=` and `->`
  const isPair = (byte == 0x2b && byteAt(at + 1) == 0x3d) || (byte == 0x2d && byteAt(at + 1) == 0x3e);
  if (!is(byte, OPERATOR) && byte < 0x80 && !isPair) {
    if (at == nameEnd) return byte == 0x28 && isFollowedByValue(at);
    if (!isLeading(at)) return isRunLikely(at) || isFirstLikely(at);
  }
  if (byte == 0x3a) at = skipLines(at + 1);
  else if (byte == 0x3d) at = skipLines(byteAt(at + 1) == 0x3e ? at + 2 : skipHeredoc(at));
  return isNextLikely(at, 64);
}

/** Behind the operator at `from` stands a mark, or so few characters before the next parameter that they are no secret. */
function isNothingBehind(from: usize): bool {
  let at = from + 1;
  while (at < from + 5 && byteAt(at) == 0x20) at++;
  if (markAt(at) > 0) return true;
  if (at > from + 1 || byteAt(from) == 0x3a) return false;
  while (at < from + 6 && isAlphanumeric(byteAt(at))) at++;
  if (at == from + 1 || byteAt(at) != 0x26 || !(isLetter(byteAt(at + 1)) || byteAt(at + 1) == 0x5f)) return false;
  return byteAt(skipWord(at + 1, 40)) == 0x3d;
}

/** Behind `= <<EOT`, where the value stands on the next line. */
function skipHeredoc(from: usize): usize {
  let at = byteAt(from + 1) == 0x20 ? from + 2 : from + 1;
  if (byteAt(at) != 0x3c || byteAt(at + 1) != 0x3c) return from;
  at += 2;
  if (byteAt(at) == 0x2d || byteAt(at) == 0x7e) at++;
  const word = at;
  while (at < word + 12 && isCapital(at)) at++;
  return at > word ? at : from;
}

/** Behind the spaces, tabs and quotes before an operator. */
function skipGap(from: usize): usize {
  let at = from;
  while (at < from + 40 && is(byteAt(at), GAP)) {
    if (byteAt(at) == 0x5c) {
      const follower = skipBackslashes(at);
      if (byteAt(at + 1) == 0x6e) break;
      if (byteAt(follower) == 0x74) at = follower;
    }
    at++;
  }
  return at;
}

/** Behind what a prompt shows of the value so far: `Secret Access Key [None]:`. */
function skipBrackets(from: usize): usize {
  for (let at = from + 1; at < from + 26; at++) if (byteAt(at) == 0x5d) return at + 1;
  return from;
}

function isLeading(at: usize): bool {
  const byte = byteAt(at);
  // `(value)`, `<<< value`, `{ get; set; } = value`
  if (byte == 0x28 || (byte == 0x3c && byteAt(at + 1) == 0x3c)) return true;
  if (byte == 0x7b) return stands('get;', byteAt(at + 1) == 0x20 ? at + 2 : at + 1, false);
  // `-string`, `*string`, `&str`
  const word = byte == 0x2d || byte == 0x2a || byte == 0x26 ? at + 1 : at;
  const length = standsOne(leading, word);
  return length > 0 && !isPlainWord(byteAt(word + length));
}

function isDefaultNear(from: usize): bool {
  for (let at = from; at < from + 193; at++) if (byteAt(at) == 0x64 && stands('default', at, false)) return true;
  return false;
}

/** Behind the line ends, quotes and spaces, and the marks of a block of YAML, between `the key:` and a value below. */
function skipLines(from: usize): usize {
  let at = from;
  while (at < from + 32 && isBetween(byteAt(at))) {
    if (byteAt(at) == 0x5c) {
      while (byteAt(at) == 0x5c) at++;
      if (byteAt(at) != 0x6e && byteAt(at) != 0x72) return from;
    }
    at++;
  }
  return at;
}

function isBetween(byte: u32): bool {
  return byte == 0x20 || byte == 0x5c || byte == 0x2a || byte == 0x3e || byte == 0x7c || byte == 0x2d;
}

/** The next word is likely, or one behind it where nothing but words that may stand there are between. */
function isFirstLikely(from: usize): bool {
  let at = from;
  for (let word = 0; word < 3; word++) {
    let end = at;
    while (end < at + 40 && byteAt(end) != 0x20 && byteAt(end) != 0x0a) end++;
    if (isNextLikely(at, 24) && (end >= at + 24 || isNextLikely(at, <u32>(end - at)) || isFourByFour(end))) return true;
    // `Unseal Key 1: ...`
    if (isDigit(byteAt(at)) && end <= at + 3) return is(byteAt(end - 1), OPERATOR) || isNextLikely(end, 64);
    const length = standsOne(connecting, at);
    if (byteAt(at) != 0x2d && (length == 0 || isPlainWord(byteAt(at + length)))) return false;
    at = end;
    while (at < end + 40 && byteAt(at) == 0x20) at++;
  }
  return false;
}

/** A value with a digit, rare punctuation or capitals in odd places begins before the line ends, and is no number of its own. */
function isNextLikely(from: usize, reach: u32): bool {
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

/** For each low half of a byte, the high halves with which it is telling, as bits. */
const tellingLows = i8x16(8, 12, 8, 12, 12, 12, 8, 8, 8, 8, 0, 0, 0, 0, -96, 0);
const highs = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);

/** Sixteen bytes of a sentence: nothing telling, no two capitals side by side, no line end or escape, no words of four letters. */
// @ts-ignore: decorator
@inline
function isDull(at: usize): bool {
  const bytes = v128.load(at);
  const space = v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x2d)));
  const four = v128.and(v128.and(space, i8x16.eq(bytes, v128.load(at, 5))), i8x16.eq(bytes, v128.load(at, 10)));
  const end = v128.or(i8x16.eq(bytes, i8x16.splat(0x5c)), i8x16.eq(bytes, i8x16.splat(0x0a)));
  const low = v128.swizzle(tellingLows, v128.and(bytes, i8x16.splat(15)));
  const high = v128.swizzle(highs, v128.shr<u8>(bytes, 4));
  const capitals = v128.and(areCapitals(bytes), areCapitals(v128.load(at, 1)));
  // A byte is telling where both halves have a bit in common.
  const telling = v128.not(i8x16.eq(v128.and(low, high), i8x16.splat(0)));
  return !v128.any_true(v128.or(v128.or(four, end), v128.or(telling, capitals)));
}

// @ts-ignore: decorator
@inline
function areCapitals(bytes: v128): v128 {
  return v128.lt<u8>(v128.sub<u8>(bytes, i8x16.splat(0x41)), i8x16.splat(26));
}

/** Words of four letters, as some mail services make them: `at` is between the first two. */
function isFourByFour(at: usize): bool {
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

// @ts-ignore: decorator
@inline
function isSpace(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5 || byte == 0xa0;
}

function isQuote(byte: u32): bool {
  return byte == 0x22 || byte == 0x27 || byte == 0x60;
}

/** The next argument, or `value:` on the next line. */
function isFollowedByValue(from: usize): bool {
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

function skipWord(from: usize, most: u32): usize {
  let at = from;
  while (at < from + most && isPlainWord(byteAt(at))) at++;
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

function isCapital(at: usize): bool {
  return byteAt(at) - 0x41 < 26;
}

/** The next cell of a table: eight characters or more, with a digit. */
function isCellLikely(from: usize, limit: usize): bool {
  let at = from;
  while (byteAt(at) == 0x5c) at++;
  if (byteAt(at) == 0x22) at++;
  const start = at;
  let digits = false;
  for (; at < limit; at++) {
    const byte = byteAt(at);
    if (isSpace(byte) || byte == 0x2c || byte == 0x22 || byte == 0x27 || byte == 0x5c || byte == 0) break;
    if (isDigit(byte)) digits = true;
  }
  return digits && at - start >= 8;
}

function isRunLikely(from: usize): bool {
  let digits = false;
  let at = from;
  for (; at < from + 24 && is(byteAt(at), RUN); at++) if (is(byteAt(at), DIGIT)) digits = true;
  return (at - from >= 16 && digits) || (byteAt(at) == 0x5c && isHidingEscape(at));
}
