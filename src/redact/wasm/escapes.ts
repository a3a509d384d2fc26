/** What the bytes of a record mean: JSON escapes of any depth undone, terminal colours and zero-width characters left out. */
import { byteAt, hexDigit, is, isAlphanumeric, isDigit, isLetter, RUN, skipBackslashes, stands } from './characters';
import { chainOf, doesTell, firstState, step } from './words';

const BACKSLASH: u32 = 0x5c;
const ESCAPE: u32 = 0x1b;
/** Even, so that cutting a longer run here keeps its parity. */
const runLimit: u32 = 64;
/** Given as the character of an escape that leaves nothing. */
const REMOVED: u32 = 0x1ff;

/** Something was left out or written as `\u`: words may be hidden. */
export let hidden: bool = false;
/** Behind the last byte that was read. */
export let readTo: usize = 0;

/** Places where a word ends among the characters that were written last: end and link, zero behind them. */
export let words: usize = 0;
let wordRoom: u32 = 0;

/** Room for the words of so many characters. */
export function reserveWords(characters: u32): void {
  wordRoom = (characters + 1) << 3;
  words = heap.alloc(wordRoom);
}

/**
 * Writes the characters of `[from, to)`, one byte each (code points above U+00FF as U+00FF, a mark of an earlier
 * redaction as 1), and where each of them begins, and finds the words in them. Returns their number.
 */
export function unescape(from: usize, to: usize, lineEnd: usize, characters: usize, starts: usize): u32 {
  let length: u32 = 0;
  let at = from;
  let state = firstState();
  let word = words;
  hidden = false;
  while (at < to) {
    const byte = byteAt(at);
    let character = byte;
    let next = at + 1;
    if (byte == BACKSLASH) {
      const unit = escapeAt(at, lineEnd);
      character = unit >> 8;
      next = at + (unit & 0xff);
    } else if (byte == 0x5b) {
      const mark = markAt(at);
      if (mark > 0) {
        character = 1; // stands for a mark, and for nothing else
        next = at + mark;
      }
    } else if (byte == 1) character = 0;
    else if ((byte == 0xe2 || byte == 0xef) && isZeroWidth(at)) {
      hidden = true;
      at += 3;
      continue;
    }
    if (character == ESCAPE) {
      hidden = true;
      const sequence = colourLength(next);
      if (sequence > 0) {
        at = next + sequence;
        continue;
      }
    }
    if (character != REMOVED) {
      store<u8>(characters + length, character);
      store<u32>(starts + (length << 2), at);
      length++;
      state = step(state, character);
      if (doesTell(state)) {
        store<u32>(word, length);
        store<u32>(word, chainOf(state), 4);
        word += 8;
      }
    }
    at = next;
  }
  store<u32>(word, 0);
  readTo = at;
  return length;
}

/** Moves a start that lies within an escape behind that escape. */
export function alignStart(from: usize, to: usize): usize {
  let at = from;
  for (let back = 1; back <= 5; back++) {
    if (byteAt(at - back) == 0x75 && byteAt(at - back - 1) == BACKSLASH) return min(to, at - back + 5);
  }
  if (byteAt(at - 1) == BACKSLASH) {
    while (at < to && byteAt(at) == BACKSLASH) at++;
    at += byteAt(at) == 0x75 ? 5 : 1;
  }
  return min(at, to);
}

/** Whether the escape at `at` may stand for a character of a token, or for none at all; not for a line end or a quote. */
export function isHidingEscape(at: usize): bool {
  const follower = byteAt(skipBackslashes(at));
  return follower == 0x75 || follower == 0x78 || follower == 0x30 || (is(follower, RUN) && !isAlphanumeric(follower));
}

/** Behind the escape, the mark or the byte at `at`. */
export function unitEnd(at: usize, lineEnd: usize): usize {
  const byte = byteAt(at);
  if (byte == BACKSLASH) return at + (escapeAt(at, lineEnd) & 0xff);
  return at + (byte == 0x5b ? max<usize>(1, markAt(at)) : 1);
}

export function backslashes(at: usize, lineEnd: usize): u32 {
  const limit = min(lineEnd, at + runLimit);
  let end = at;
  while (end < limit && byteAt(end) == BACKSLASH) end++;
  return <u32>(end - at);
}

/**
 * One escape that begins at `at`: the character it means in the upper bits, its length in the lower
 * eight. An even run of backslashes before a quote is itself text: the quote then ends the string.
 */
function escapeAt(at: usize, lineEnd: usize): u32 {
  const run = backslashes(at, lineEnd);
  const plain = (BACKSLASH << 8) | run;
  if (at + run >= lineEnd || run == runLimit) return plain;
  const follower = byteAt(at + run);
  const unit = run + 1;
  switch (follower) {
    case 0x6e:
      return (0x0a << 8) | unit;
    case 0x72:
      return (0x0d << 8) | unit;
    case 0x74:
      return (0x09 << 8) | unit;
    case 0x22:
      return run % 2 == 0 ? plain : (0x22 << 8) | unit;
    case 0x75:
      return codePointAt(at + unit, unit);
    case 0x78:
      return byteAt(at + unit) == 0x31 && byteAt(at + unit + 1) == 0x62 ? (ESCAPE << 8) | (unit + 2) : plain;
    case 0x30:
      return byteAt(at + unit) == 0x33 && byteAt(at + unit + 1) == 0x33 ? (ESCAPE << 8) | (unit + 2) : plain;
    default:
      return isPunctuation(follower) ? (follower << 8) | unit : plain;
  }
}

function codePointAt(at: usize, unit: u32): u32 {
  let code: u32 = 0;
  for (let i = 0; i < 4; i++) {
    const digit = hexDigit(byteAt(at + i));
    if (digit > 15) return (BACKSLASH << 8) | (unit - 1);
    code = code * 16 + digit;
  }
  hidden = true;
  if ((code >= 0x200b && code <= 0x200f) || code == 0x2060 || code == 0xfeff) return (REMOVED << 8) | (unit + 4);
  if (code == 1) code = 0;
  return (min<u32>(code, 0xff) << 8) | (unit + 4);
}

/** Length of `[REDACTED:<rule>:<eight hex digits>]` at `at`, 0 where there is none. */
export function markAt(at: usize): u32 {
  if (byteAt(at) != 0x5b || byteAt(at + 1) != 0x52 || !stands('[REDACTED:', at, false)) return 0;
  let end = at + 10;
  while (end < at + 50 && (byteAt(end) - 0x61 < 26 || isDigit(byteAt(end)) || byteAt(end) == 0x2d)) end++;
  if (end - at < 12 || byteAt(end) != 0x3a) return 0;
  for (let i = 1; i <= 8; i++) {
    const byte = byteAt(end + i);
    if (!isDigit(byte) && byte - 0x61 >= 6) return 0;
  }
  return byteAt(end + 9) == 0x5d ? <u32>(end + 10 - at) : 0;
}

/** Whether `at` lies in the name of a mark's rule. */
export function isInMark(at: usize): bool {
  let name = at;
  while (name > at - 33 && (byteAt(name - 1) - 0x61 < 26 || isDigit(byteAt(name - 1)) || byteAt(name - 1) == 0x2d)) name--;
  return byteAt(name - 1) == 0x3a && markAt(name - 10) > 0;
}

/** Length of what follows ESC in a control sequence such as `[1;32m`, 0 where it is none. */
function colourLength(at: usize): u32 {
  if (byteAt(at) != 0x5b) return 0;
  for (let i = 1; i < 24; i++) {
    const byte = byteAt(at + i);
    if (isDigit(byte) || byte == 0x3b || byte == 0x3f) continue;
    return isLetter(byte) ? i + 1 : 0;
  }
  return 0;
}

function isZeroWidth(at: usize): bool {
  const second = byteAt(at + 1);
  const third = byteAt(at + 2);
  if (byteAt(at) == 0xef) return second == 0xbb && third == 0xbf;
  return (second == 0x80 && third >= 0x8b && third <= 0x8f) || (second == 0x81 && third == 0xa0);
}

function isPunctuation(byte: u32): bool {
  return byte > 0x20 && byte < 0x7f && !isDigit(byte) && !isLetter(byte);
}
