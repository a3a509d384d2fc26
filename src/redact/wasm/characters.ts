/** Kinds of bytes, as bits of a table. */
export const WORD: u32 = 1;
export const GAP: u32 = 2;
export const OPERATOR: u32 = 4;
export const DIGIT: u32 = 8;
export const STOP: u32 = 16;
export const RUN: u32 = 32;
export const CAPITAL_OR_DIGIT: u32 = 64;
/** In passwords and tokens, and rarely in the words of a program. */
export const TELLING: u32 = 128;

const kinds = memory.data(256);

mark('abcdefghijklmnopqrstuvwxyz', WORD | RUN);
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', WORD | RUN | CAPITAL_OR_DIGIT);
mark('0123456789', WORD | RUN | CAPITAL_OR_DIGIT | DIGIT | TELLING);
mark('_-', WORD | RUN);
mark('/+=.%~', RUN);
mark(' \t\\"\'`])?!*', GAP);
mark('=:|>,', OPERATOR);
mark('#^%~!$', TELLING);
mark(' \t\n\r"\'`<>', STOP);

/** What the body of a token may have, one bit each: digits, `a` to `f`, other small letters, `A` to `F`, other capitals, `-`, `_`, the rest. */
const bodies = memory.data(256);
const BODY = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ', '-', '_', '/+=.%~$'];
for (let bit = 0; bit < 8; bit++) {
  const characters = BODY[bit];
  for (let i = 0; i < characters.length; i++) store<u8>(bodies + characters.charCodeAt(i), <u8>1 << <u8>bit);
}

/** Whether a token with a body of these kinds may have the byte. */
// @ts-ignore: decorator
@inline
export function isBody(byte: u32, kinds: u32): bool {
  return (load<u8>(bodies + byte) & kinds) != 0;
}

function mark(characters: string, bits: u32): void {
  for (let i = 0; i < characters.length; i++) {
    const at = kinds + characters.charCodeAt(i);
    store<u8>(at, load<u8>(at) | bits);
  }
}

// @ts-ignore: decorator
@inline
export function byteAt(at: usize): u32 {
  return load<u8>(at);
}

// @ts-ignore: decorator
@inline
export function is(byte: u32, bits: u32): bool {
  return (load<u8>(kinds + byte) & bits) != 0;
}

// @ts-ignore: decorator
@inline
export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

// @ts-ignore: decorator
@inline
export function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

/** 0 to 15, 16 for all others. */
export function hexDigit(byte: u32): u32 {
  if (isDigit(byte)) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 16;
}

/** Whether `text` stands at `at`; `fold`: in either case, `text` being without capitals. */
export function stands(text: string, at: usize, fold: bool): bool {
  for (let i = 0; i < text.length; i++) {
    let byte = byteAt(at + i);
    if (fold && byte - 0x41 < 26) byte += 0x20;
    if (byte != <u32>text.charCodeAt(i)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
export function isAlphanumeric(byte: u32): bool {
  return isLetter(byte) || isDigit(byte);
}

export function skipBackslashes(from: usize): usize {
  let at = from;
  while (at < from + 64 && byteAt(at) == 0x5c) at++;
  return at;
}

/** A letter, a digit or `_`. */
// @ts-ignore: decorator
@inline
export function isPlainWord(byte: u32): bool {
  return is(byte, WORD) && byte != 0x2d;
}

// @ts-ignore: decorator
@inline
export function isSpace(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5 || byte == 0xa0;
}

export function isQuote(byte: u32): bool {
  return byte == 0x22 || byte == 0x27 || byte == 0x60;
}

export function isCapital(at: usize): bool {
  return byteAt(at) - 0x41 < 26;
}

export function skipWord(from: usize, most: u32): usize {
  let at = from;
  while (at < from + most && isPlainWord(byteAt(at))) at++;
  return at;
}

const fifteen = i8x16.splat(15);
const highs = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);

/** Not zero where a byte is of a set, sixteen at once: `lows` has for each low half of a byte the high halves with it in the set, as bits. */
// @ts-ignore: decorator
@inline
export function inSet(bytes: v128, lows: v128): v128 {
  const low = v128.swizzle(lows, v128.and(bytes, fifteen));
  return v128.and(low, v128.swizzle(highs, v128.shr<u8>(bytes, 4)));
}
