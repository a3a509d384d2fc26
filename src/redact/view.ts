/**
 * A stretch of a record as its writer meant it: JSON escapes of any depth undone, terminal colours
 * and zero-width characters left out, a mark of an earlier redaction reduced to one control
 * character. Every character knows the raw bytes it came from, so that a finding can be cut out of
 * the bytes themselves and nothing is ever written anew.
 */
export interface View {
  /** One latin1 character a byte; code points above U+00FF become U+00FF. */
  readonly text: string;
  /** The same characters as bytes. Valid until the next view is made. */
  readonly bytes: Uint8Array;
  readonly raw: Uint8Array;
  /** The line goes on behind the view. */
  readonly cut: boolean;
  /** First raw byte of character `index`. */
  start(index: number): number;
  /** Raw offset behind character `index`. */
  end(index: number): number;
  /** Backslashes in front of character `index`: 0 is a quote of the record's own JSON. */
  depth(index: number): number;
}

const backslash = 0x5c;
const lower = 0x20;
/** Even, so that cutting a longer run here keeps its parity. */
const backslashRunLimit = 64;
const markPattern = /\[REDACTED:[a-z0-9-]{2,40}:[0-9a-f]{8}\]/y;
const markLength = 64;

let bytesPool = new Uint8Array(1 << 16);
let startsPool = new Int32Array(1 << 16);

/** The view of `raw[from, to)`, which must lie within one line of `raw`; `lineEnd` is that line's. */
export function createView(raw: Uint8Array, from: number, to: number, lineEnd: number): View {
  const begin = alignStart(raw, from, to);
  if (to - begin > bytesPool.length) {
    bytesPool = new Uint8Array(2 * (to - begin));
    startsPool = new Int32Array(2 * (to - begin));
  }
  const bytes = bytesPool;
  const starts = startsPool;
  let length = 0;
  let at = begin;
  while (at < to) {
    const byte = raw[at] as number;
    let character = byte;
    let next = at + 1;
    if (byte === backslash) {
      const unit = readEscape(raw, at, lineEnd);
      character = unit >> 8;
      next = at + (unit & 0xff);
    } else if (byte === 0x1b) character = 0x1b;
    else if (byte === 0x5b && raw[at + 1] === 0x52) {
      const mark = markAt(raw, at);
      if (mark > 0) {
        character = 1; // stands for a mark, and for nothing else
        next = at + mark;
      }
    } else if (byte === 1) character = 0;
    else if ((byte === 0xe2 || byte === 0xef) && isZeroWidth(raw, at)) {
      at += 3;
      continue;
    }
    if (character === 0x1b) {
      const sequence = colourLength(raw, next);
      if (sequence > 0) {
        at = next + sequence;
        continue;
      }
    }
    if (character === removed) {
      at = next;
      continue;
    }
    bytes[length] = character;
    starts[length] = at;
    length += 1;
    at = next;
  }
  const text = Buffer.from(bytes.buffer, 0, length).toString('latin1');
  const ends = at;
  const own = starts.slice(0, length);
  return {
    text,
    bytes: bytes.subarray(0, length),
    raw,
    cut: ends < lineEnd,
    start: (index) => (index < length ? (own[index] as number) : ends),
    end: (index) => unitEnd(raw, own[index] as number, lineEnd),
    depth: (index) => backslashes(raw, own[index] as number, lineEnd),
  };
}

/** Moves a start that lies within an escape behind that escape. */
function alignStart(raw: Uint8Array, from: number, to: number): number {
  let at = from;
  for (let back = 1; back <= 5 && at - back >= 0; back += 1) {
    if (raw[at - back] === 0x75 && raw[at - back - 1] === backslash) return Math.min(to, at - back + 5);
  }
  if (at > 0 && raw[at - 1] === backslash) {
    while (at < to && raw[at] === backslash) at += 1;
    at += raw[at] === 0x75 ? 5 : 1;
  }
  return Math.min(at, to);
}

/** Given as the character of an escape that leaves nothing in the view. */
const removed = 0x1ff;

/**
 * One escape that begins at `at`: the character it means in the upper bits, its length in the lower
 * eight. An even run of backslashes before a quote is itself text: the quote then ends the string.
 */
function readEscape(raw: Uint8Array, at: number, lineEnd: number): number {
  const run = backslashes(raw, at, lineEnd);
  const follower = raw[at + run];
  if (follower === undefined || at + run >= lineEnd || run === backslashRunLimit) return (backslash << 8) | run;
  const unit = run + 1;
  switch (follower) {
    case 0x6e:
      return (0x0a << 8) | unit;
    case 0x72:
      return (0x0d << 8) | unit;
    case 0x74:
      return (0x09 << 8) | unit;
    case 0x22:
      return run % 2 === 0 ? (backslash << 8) | run : (0x22 << 8) | unit;
    case 0x75:
      return readCodePoint(raw, at + unit, unit);
    case 0x78:
      return raw[at + unit] === 0x31 && raw[at + unit + 1] === 0x62 ? (0x1b << 8) | (unit + 2) : (backslash << 8) | run;
    case 0x30:
      return raw[at + unit] === 0x33 && raw[at + unit + 1] === 0x33 ? (0x1b << 8) | (unit + 2) : (backslash << 8) | run;
    default:
      return isPunctuation(follower) ? (follower << 8) | unit : (backslash << 8) | run;
  }
}

function readCodePoint(raw: Uint8Array, at: number, unit: number): number {
  let code = 0;
  for (let i = 0; i < 4; i += 1) {
    const digit = hexDigit(raw[at + i]);
    if (digit < 0) return (backslash << 8) | (unit - 1);
    code = code * 16 + digit;
  }
  if ((code >= 0x200b && code <= 0x200f) || code === 0x2060 || code === 0xfeff) return (removed << 8) | (unit + 4);
  if (code === 1) code = 0;
  return (Math.min(code, 0xff) << 8) | (unit + 4);
}

function unitEnd(raw: Uint8Array, at: number, lineEnd: number): number {
  const byte = raw[at] as number;
  if (byte === backslash) return at + (readEscape(raw, at, lineEnd) & 0xff);
  if (byte === 0x5b) return at + Math.max(1, markAt(raw, at));
  return at + 1;
}

function backslashes(raw: Uint8Array, at: number, lineEnd: number): number {
  let end = at;
  const limit = Math.min(lineEnd, at + backslashRunLimit);
  while (end < limit && raw[end] === backslash) end += 1;
  return end - at;
}

/** Length of the mark at `at`, 0 where there is none. */
function markAt(raw: Uint8Array, at: number): number {
  if (raw[at + 1] !== 0x52 || raw[at + 2] !== 0x45 || raw[at + 3] !== 0x44) return 0;
  const text = Buffer.from(raw.buffer, raw.byteOffset + at, Math.min(markLength, raw.length - at)).toString('latin1');
  markPattern.lastIndex = 0;
  return markPattern.exec(text)?.[0].length ?? 0;
}

/** Length of what follows ESC in a control sequence such as `[1;32m`, 0 where it is none. */
function colourLength(raw: Uint8Array, at: number): number {
  if (raw[at] !== 0x5b) return 0;
  for (let i = 1; i < 24; i += 1) {
    const byte = raw[at + i];
    if (byte === undefined) return 0;
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0x3b || byte === 0x3f) continue;
    return (byte | lower) >= 0x61 && (byte | lower) <= 0x7a ? i + 1 : 0;
  }
  return 0;
}

function isZeroWidth(raw: Uint8Array, at: number): boolean {
  const second = raw[at + 1];
  const third = raw[at + 2] ?? 0;
  if (raw[at] === 0xef) return second === 0xbb && third === 0xbf;
  return (second === 0x80 && third >= 0x8b && third <= 0x8f) || (second === 0x81 && third === 0xa0);
}

function isPunctuation(byte: number): boolean {
  return (
    byte > 0x20 &&
    byte < 0x7f &&
    !((byte >= 0x30 && byte <= 0x39) || ((byte | lower) >= 0x61 && (byte | lower) <= 0x7a))
  );
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | lower;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
