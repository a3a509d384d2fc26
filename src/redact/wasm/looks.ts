/** Cheap looks at raw bytes: they may say yes too often, never no to a secret. */
import { assignmentLikely } from './assignment';
import {
  byteAt,
  CAPITAL_OR_DIGIT,
  is,
  isAlphanumeric,
  isDigit,
  RUN,
  STOP,
  stands,
} from './characters';

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

/** Whether a look of `program` says yes to the word at `[from, to)`. */
export function isLikely(program: usize, from: usize, to: usize): bool {
  let at = program;
  while (true) {
    switch (byteAt(at++)) {
      case ALWAYS:
        return true;
      case TOKEN: {
        const least = byteAt(at);
        const length = byteAt(at + 1);
        if (tokenLikely(from, at + 2, length, least)) return true;
        at += 2 + length;
        break;
      }
      case TOKEN_BEHIND:
        if (tokenLikely(to, at, 0, byteAt(at))) return true;
        at++;
        break;
      case ASSIGNMENT:
        if (assignmentLikely(from, to)) return true;
        break;
      case USERINFO:
        if (userinfoLikely(to)) return true;
        break;
      case COMMAND:
        if (byteAt(to) == 0x20 && byteAt(from - 1) != 0x2d && !isInsideWord(from) && isNear(to, byteAt(at))) return true;
        at++;
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
        if (isNear(to, byteAt(at))) return true;
        at++;
        break;
      case HEADING:
        if (headingLikely(from, to)) return true;
        break;
      default:
        return false;
    }
  }
}

/** Whether `byte`, or an escape that may hide it, stands in what is seen behind a word; zero is not looked for. */
function isNear(from: usize, byte: u32): bool {
  if (byte == 0) return true;
  const sign = i8x16.splat(<i8>byte);
  const backslash = i8x16.splat(0x5c);
  const letter = i8x16.splat(0x75);
  for (let at = from; at < from + 480; at += 16) {
    const bytes = v128.load(at);
    const escape = v128.and(i8x16.eq(bytes, backslash), i8x16.eq(v128.load(at, 1), letter));
    if (v128.any_true(v128.or(i8x16.eq(bytes, sign), escape))) return true;
  }
  return false;
}

/** A separator or the end of the line stands behind the word, and a separator or a beginning before it. */
function headingLikely(from: usize, to: usize): bool {
  const next = byteAt(to);
  if (!isSeparator(next) && next != 0x5c && !(next == 0x20 && byteAt(to + 1) == 0x7c)) return false;
  const last = byteAt(from - 1);
  const before = byteAt(from - 2);
  return isSeparator(last) || last == 0x22 || last == 0x5f || before == 0x5c || (last == 0x20 && before == 0x7c);
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

/** The true-case prefix stands at `from` on its own, and `least` bytes of a token or an escape follow. */
function tokenLikely(from: usize, prefix: usize, length: u32, least: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (byteAt(from + i) != byteAt(prefix + i)) return false;
  if (isInsideWord(from)) return false;
  const to = from + length;
  let mixed = false;
  for (let at = to; at < to + least || (!mixed && at < to + 40); at++) {
    const byte = byteAt(at);
    if (byte == 0x5c || byte == 0x1b) return true;
    if (!is(byte, RUN) && byte != 0x24) return false;
    if (is(byte, CAPITAL_OR_DIGIT)) mixed = true;
  }
  return mixed;
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
