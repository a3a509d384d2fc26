/** Whether a name that tells of a secret is followed by a value that may be one. */
import { byteAt, GAP, is, isAlphanumeric, isCapital, isDigit, isLetter, isPlainWord, OPERATOR, skipBackslashes, skipWord, stands, WORD } from './characters';
import { isInMark, markAt } from './escapes';
import { isFollowedByValue } from './following';
import { isFourByFour, isNextLikely, isRunLikely } from './value';
import { listOf, standsOne } from './word-list';

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
  if ((before == 0x3a || before == 0x2d) && isInMark(from)) return false;
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
  if (byteAt(at) == 0x2e && stands('.base', at, false)) at += 5;
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
  for (let i = 0; i < 3; i++) {
    let end = at;
    while (end < at + 40 && byteAt(end) != 0x20 && byteAt(end) != 0x0a) end++;
    const length = <u32>(end - at);
    if (isNextLikely(at, max<u32>(length, 24)) && (length >= 24 || isNextLikely(at, length) || isFourByFour(end)))
      return true;
    // `Unseal Key 1: ...`
    if (isDigit(byteAt(at)) && end <= at + 3) return is(byteAt(end - 1), OPERATOR) || isNextLikely(end, 64);
    const word = standsOne(connecting, at);
    if (byteAt(at) != 0x2d && (word == 0 || isPlainWord(byteAt(at + word)))) return false;
    at = end;
    while (at < end + 40 && byteAt(at) == 0x20) at++;
  }
  return false;
}
