/** Cheap looks at raw bytes: they may say yes too often, never no to a secret. */
import { assignmentLikely } from './assignment';
import {
  byteAt,
  CAPITAL_OR_DIGIT,
  is,
  isAlphanumeric,
  isBody,
  isDigit,
  isLetter,
  RUN,
  STOP,
  WORD,
} from './characters';
import { isHidingEscape } from './escapes';

/** How each look of a program begins, as `src/redact/looks.ts` writes them; anything else ends the program. */
const ALWAYS: u32 = 1;
const TOKEN: u32 = 2;
const TOKEN_BEHIND: u32 = 3;
const ASSIGNMENT: u32 = 4;
const USERINFO: u32 = 5;
const COMMAND: u32 = 6;
const BYTES: u32 = 7;
const HEADING: u32 = 8;
const NEAR: u32 = 9;
const PAIR: u32 = 10;

/** Whether a look of `program` says yes to the word at `[from, to)`. */
export function isLikely(program: usize, from: usize, to: usize): bool {
  let at = program;
  while (true) {
    switch (byteAt(at++)) {
      case ALWAYS:
        return true;
      case TOKEN: {
        const length = byteAt(at + 2);
        if (tokenLikely(from, at + 3, length, byteAt(at), byteAt(at + 1))) return true;
        at += 3 + length;
        break;
      }
      case TOKEN_BEHIND:
        if (tokenLikely(skipSpaces(to), at, 0, byteAt(at), 0xff)) return true;
        at++;
        break;
      case ASSIGNMENT:
        if (assignmentLikely(from, to)) return true;
        break;
      case USERINFO:
        if (userinfoLikely(to)) return true;
        break;
      case COMMAND:
        if (byteAt(to) == 0x20 && byteAt(from - 1) != 0x2d && !isInsideWord(from) && isNear(to, at, 30)) return true;
        at += 1 + byteAt(at);
        break;
      case BYTES: {
        const count = byteAt(at++);
        let all = true;
        for (let i: u32 = 0; i < count; i++, at += 3) {
          const byte = byteAt(from + load<i8>(at));
          if (byte < <u32>byteAt(at + 1) || byte > byteAt(at + 2)) all = false;
        }
        if (all) return true;
        break;
      }
      case NEAR:
        if (isNear(to, at + 1, byteAt(at))) return true;
        at += 2 + byteAt(at + 1);
        break;
      case PAIR:
        if (pairLikely(to)) return true;
        break;
      case HEADING:
        if (headingLikely(from, to)) return true;
        break;
      default:
        return false;
    }
  }
}

/**
 * Whether a text, or an escape that may hide it, stands in so many times sixteen bytes behind a word. The text is at
 * `sign`, behind its length: of more than two bytes only the first and the last two are compared; none is not looked for.
 */
function isNear(from: usize, sign: usize, stretches: u32): bool {
  const length: usize = byteAt(sign);
  if (length == 0) return true;
  const end = sign + length;
  const first = i8x16.splat(load<i8>(sign + 1));
  const before = i8x16.splat(load<i8>(length > 1 ? end - 1 : end));
  const last = i8x16.splat(load<i8>(end));
  const backslash = i8x16.splat(0x5c);
  const letter = i8x16.splat(0x75);
  for (let at = from; at < from + (stretches << 4); at += 16) {
    const bytes = v128.load(at);
    const escape = v128.and(i8x16.eq(bytes, backslash), i8x16.eq(v128.load(at, 1), letter));
    const begins = i8x16.eq(bytes, first);
    const goesOn = i8x16.eq(v128.load(at + (length > 1 ? length - 2 : 0)), before);
    const ends = i8x16.eq(v128.load(at + length - 1), last);
    if (v128.any_true(v128.or(v128.and(begins, v128.and(goesOn, ends)), escape))) return true;
  }
  return false;
}

/** A separator and a name, or the end of the line, stands behind the word, and a separator or a beginning before it. */
function headingLikely(from: usize, to: usize): bool {
  const next = byteAt(to);
  if (isSeparator(next) ? !isNameBehind(to) : next != 0x5c && !(next == 0x20 && byteAt(to + 1) == 0x7c)) return false;
  const last = byteAt(from - 1);
  const before = byteAt(from - 2);
  return isSeparator(last) || last == 0x22 || last == 0x5f || before == 0x5c || (last == 0x20 && before == 0x7c);
}

/** The next cell of a heading begins with a letter; the last bar ends its line. */
function isNameBehind(separator: usize): bool {
  const isBar = byteAt(separator) == 0x7c;
  let at = separator + 1;
  for (; at < separator + 12 && (byteAt(at) == 0x20 || byteAt(at) == 0x5c || isAroundName(byteAt(at))); at++)
    if (byteAt(at) == 0x5c && (byteAt(at + 1) == 0x6e || byteAt(at + 1) == 0x72)) return isBar;
  return isLetter(byteAt(at)) || isBar;
}

/** What may be around a name: a quote or a star. */
function isAroundName(byte: u32): bool {
  return byte == 0x22 || byte == 0x27 || byte == 0x60 || byte == 0x2a;
}

function isSeparator(byte: u32): bool {
  return byte == 0x2c || byte == 0x3b || byte == 0x7c;
}

/**
 * Whether the letter or digit before `at` belongs to the same word, and is not the end of an escape
 * (`\n`, `\u003d`, `%3D`) or of a colour sequence (`[1m`).
 */
function isInsideWord(at: usize): bool {
  const before = byteAt(at - 1);
  if (!isAlphanumeric(before)) return false;
  const second = byteAt(at - 2);
  if (second == 0x5c || byteAt(at - 3) == 0x25) return false;
  if (before == 0x6d && (isDigit(second) || second == 0x5b)) return false;
  return !(byteAt(at - 5) == 0x75 && byteAt(at - 6) == 0x5c);
}

function skipSpaces(from: usize): usize {
  let at = from;
  while (at < from + 8 && byteAt(at) == 0x20) at++;
  return at;
}

/** The true-case prefix stands at `from` on its own, and `least` bytes of these kinds, or an escape that hides some, follow. */
function tokenLikely(from: usize, prefix: usize, length: u32, least: u32, kinds: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (byteAt(from + i) != byteAt(prefix + i)) return false;
  if (isInsideWord(from)) return false;
  const to = from + length;
  let mixed = false;
  for (let at = to; at < to + least || (!mixed && at < to + 40); at++) {
    const byte = byteAt(at);
    if (byte == 0x1b) return true;
    // Behind a word of its own a quote may still come.
    if (byte == 0x5c) return length == 0 || isHidingEscape(at);
    if (!isBody(byte, at < to + least ? kinds : 0xff)) return false;
    if (is(byte, CAPITAL_OR_DIGIT)) mixed = true;
  }
  return mixed;
}

/** An operator is near, and behind it a name with `/`, `|` or `:` at its end. */
function pairLikely(to: usize): bool {
  let at = to - 1; // some words end with theirs
  if (byteAt(at) != 0x3a && !isGap(byteAt(to))) return false;
  while (at < to + 64 && byteAt(at) != 0x3a && byteAt(at) != 0x3d) {
    if (byteAt(at) == 0x0a) return false;
    at++;
  }
  const name = skipAround(at + 1);
  at = name;
  while (at < name + 64 && isUser(byteAt(at))) at++;
  if (at == name) return byteAt(at - 1) == 0x5c;
  const byte = byteAt(skipAround(at));
  return byte == 0x2f || byte == 0x7c || byte == 0x3a || byteAt(at) == 0x5c;
}

function isGap(byte: u32): bool {
  return byte == 0x3a || byte == 0x3d || byte == 0x20 || byte == 0x5c || byte == 0x09;
}

/** Behind spaces, quotes and their backslashes. */
function skipAround(from: usize): usize {
  let at = from;
  while (at < from + 16 && (byteAt(at) == 0x20 || byteAt(at) == 0x5c || (is(byteAt(at), STOP) && byteAt(at) > 0x20))) at++;
  return at;
}

function isUser(byte: u32): bool {
  return is(byte, WORD) || byte == 0x2e || byte == 0x40 || byte == 0x2b;
}

/** `@` stands behind `://` before anything that ends an authority. */
function userinfoLikely(to: usize): bool {
  for (let at = to; at < to + 300; at++) {
    const byte = byteAt(at);
    if (byte == 0x40) return at > to;
    if (byte == 0 || (byte == 0x3a && byteAt(at + 1) == 0x2f && byteAt(at + 2) == 0x2f)) return false;
    if (byte == 0x5c && byteAt(at + 1) == 0x75) return true;
    if (is(byte, STOP) || (byte == 0x5c && byteAt(at + 1) != 0x2f)) return false;
  }
  return false;
}
