/** Cheap looks at raw bytes: they may say yes too often, never no to a secret. */

const word = 1;
const gap = 2;
const operator = 4;
const digit = 8;
const stop = 16;
const run = 32;
const capitalOrDigit = 64;
/** In passwords and tokens, and rarely in the words of a program. */
const telling = 128;

const kinds = new Uint8Array(256);
function mark(characters: string, kind: number): void {
  for (const byte of Buffer.from(characters, 'latin1')) kinds[byte] = (kinds[byte] as number) | kind;
}
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
mark(`${letters}0123456789_-`, word);
mark(' \t\\"\'`])?!*', gap);
mark('=:|>,', operator);
mark('0123456789', digit);
mark('0123456789#^%~!$', telling);
mark(`${letters.slice(26)}0123456789`, capitalOrDigit);
mark(' \t\n\r"\'`<>', stop);
mark(`${letters}0123456789_-+/=.%~`, run);

function isWord(byte: number | undefined): boolean {
  return byte !== undefined && ((kinds[byte] as number) & word) !== 0;
}

export function isRun(byte: number | undefined): boolean {
  return byte !== undefined && ((kinds[byte] as number) & run) !== 0;
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

function isAlphanumeric(byte: number | undefined): boolean {
  return isWord(byte) && byte !== 0x5f && byte !== 0x2d;
}

/**
 * Whether the letter or digit before `at` belongs to the same word, and is not the end of an escape
 * (`\n`, `\u003d`, `%3D`) or of a colour sequence (`[1m`).
 */
export function isInsideWord(raw: Uint8Array, at: number): boolean {
  const before = raw[at - 1];
  if (!isAlphanumeric(before)) return false;
  const second = raw[at - 2];
  if (second === 0x5c || raw[at - 3] === 0x25) return false;
  if (before === 0x6d && second !== undefined && (((kinds[second] as number) & digit) !== 0 || second === 0x5b))
    return false;
  return !(raw[at - 5] === 0x75 && raw[at - 6] === 0x5c);
}

/** The true-case `prefix` stands at `from` on its own, and `least` bytes of a token or an escape follow. */
export function tokenLikely(raw: Uint8Array, from: number, prefix: string, least: number): boolean {
  for (let i = 0; i < prefix.length; i += 1) if (raw[from + i] !== prefix.charCodeAt(i)) return false;
  if (isInsideWord(raw, from)) return false;
  const to = from + prefix.length;
  let mixed = false;
  for (let i = to; i < to + least || (!mixed && i < to + 24); i += 1) {
    const byte = raw[i];
    if (byte === 0x5c || byte === 0x1b) return true;
    if (!isRun(byte) && byte !== 0x24) return false;
    if (byte !== undefined && ((kinds[byte] as number) & capitalOrDigit) !== 0) mixed = true;
  }
  return mixed;
}

/** How a name may go on behind the word that tells: `passwordProd`, `SECRET_B64`, `authorization`; not `keyof`. */
const rest =
  /^(?:(?:w(?:or|d)|phrase|code|e\W|orization|s?$|s?\W|ential|uid)|[_-]?\d|[_.-]?(?:val|prod|stag|dev|test|live|old|new|cur|prev|prim|sec|def|main|back|b64|base64|base|hex|raw|plain|text|str|env|local|int|ext|data|eu|us|id))/i;
/** Words of a sentence that lead to a value. */
const leading = /^(?:is|was|are|to|for|of|on|value)\b/i;

/**
 * A key word stands at the end of a name (`apiKey`, `API_KEY`, not `keyof`) and is followed by a
 * value that has something no word of a program has.
 */
export function assignmentLikely(raw: Uint8Array, from: number, to: number): boolean {
  const first = (raw[from] as number) | 0x20;
  const before = raw[from - 1];
  // A plain `key` counts behind a word, or in a query.
  if (first === 0x6b && !isWord(before) && ![0x20, 0x2e, 0x3f, 0x26].includes(before ?? 0)) return false;
  if (first === 0x73 && to - from === 3 && isAlphanumeric(before) && raw[from - 2] !== 0x5c) return false;
  if (isWord(raw[to])) {
    const next = raw[to] as number;
    const goesOn =
      isLetter(next) && isLetter(raw[to - 1] as number) && (next & 0x20) === ((raw[to - 1] as number) & 0x20);
    const text = ascii(raw, to, to + 10);
    if (!rest.test(text) && (goesOn || /^[_-]?[A-Za-z]/.test(text))) return false;
  }
  return valueLikely(raw, to);
}

/** An operator, or words that lead to a value, then a digit or rare punctuation before the line ends. */
function valueLikely(raw: Uint8Array, from: number): boolean {
  let at = from;
  while (at < from + 40 && isWord(raw[at])) at += 1;
  const nameEnd = at;
  while (
    at < nameEnd + 40 &&
    ((kinds[raw[at] as number] as number) & gap) !== 0 &&
    !(raw[at] === 0x5c && raw[at + 1] === 0x6e)
  )
    at += 1;
  const byte = raw[at];
  if (byte === undefined) return false;
  if (byte === 0x5c || byte === 0x2c) return nameEnd + 24 > at && isFollowedByValue(raw, at);
  // What a property list or a variable's block puts before the value is longer than the usual look.
  if (byte === 0x3c && raw[at + 1] === 0x2f && raw[at + 2] === 0x6b) return true;
  if (byte === 0x7b && raw[at - 1] === 0x20 && raw[at - 2] === 0x22)
    return ascii(raw, at, at + 200).includes('default');
  if (((kinds[byte] as number) & operator) === 0 && byte < 0x80) {
    if (at === nameEnd) return false;
    if (!leading.test(ascii(raw, at, at + 6))) return isRunLikely(raw, at) || isNextLikely(raw, at, 24);
  }
  return isNextLikely(raw, byte === 0x3a ? skipLines(raw, at + 1) : at, 64);
}

/** Behind the line ends, quotes and spaces that stand between `the key:` and a value below. */
function skipLines(raw: Uint8Array, from: number): number {
  let at = from;
  while (at < from + 32 && (raw[at] === 0x20 || raw[at] === 0x5c || raw[at] === 0x2a)) {
    if (raw[at] === 0x5c) {
      while (raw[at] === 0x5c) at += 1;
      if (raw[at] !== 0x6e && raw[at] !== 0x72) return from;
    }
    at += 1;
  }
  return at;
}

function isNextLikely(raw: Uint8Array, from: number, reach: number): boolean {
  const limit = Math.min(raw.length, from + reach);
  let humps = 0;
  let capitals = 0;
  for (let at = from; at < limit; at += 1) {
    const byte = raw[at] as number;
    if (byte === 0x0a || (byte === 0x5c && raw[at + 1] === 0x6e)) return false;
    if (((kinds[byte] as number) & telling) !== 0) return true;
    if (byte === 0x5c && raw[at + 1] === 0x75) return true;
    // Words of four letters, as some mail services make them.
    if (byte === 0x20 && raw[at + 5] === 0x20 && raw[at + 10] === 0x20 && isLetter(raw[at + 1] as number)) return true;
    // Letters in a case that no name of a program has: `xRLnWbSVXiO`.
    if (!isLetter(byte)) {
      humps = 0;
      capitals = 0;
    } else if ((byte & 0x20) === 0 && isLetter(raw[at - 1] as number)) {
      if (((raw[at - 1] as number) & 0x20) !== 0) humps += 1;
      else capitals += 1;
      if (humps >= 2 && capitals >= 1) return true;
    }
  }
  return false;
}

const valueNext = /^[\\n\s"',:{-]{0,60}value/i;

/** The next argument, or `value:` on the next line. */
function isFollowedByValue(raw: Uint8Array, at: number): boolean {
  const text = ascii(raw, at, at + 100);
  const argument = /^,[\s\\]{0,16}["'`]([^\\"'`]{0,60})/.exec(text)?.[1];
  if (argument !== undefined) return /[\d#^%~]|[a-z][A-Z][a-z]?[A-Z]/.test(argument) || valueNext.test(text);
  return valueNext.test(text) || /^,\\*"?(?=[^\s,"'\\]{8})[^\s,"'\\]*\d/.test(text);
}

function isRunLikely(raw: Uint8Array, from: number): boolean {
  let digits = 0;
  let at = from;
  for (; at < from + 24 && isRun(raw[at]); at += 1)
    if (((kinds[raw[at] as number] as number) & digit) !== 0) digits += 1;
  return (at - from >= 16 && digits >= 1) || raw[at] === 0x5c;
}

function ascii(raw: Uint8Array, from: number, to: number): string {
  return Buffer.from(raw.buffer, raw.byteOffset + from, Math.max(0, Math.min(to, raw.length) - from)).toString(
    'latin1',
  );
}

/** `@` stands behind `://` before anything that ends an authority. */
export function userinfoLikely(raw: Uint8Array, _from: number, to: number): boolean {
  const limit = Math.min(raw.length, to + 300);
  for (let at = to; at < limit; at += 1) {
    const byte = raw[at] as number;
    if (byte === 0x40) return at > to;
    if (byte === 0x3a && raw[at + 1] === 0x2f && raw[at + 2] === 0x2f) return false;
    if (byte === 0x5c && raw[at + 1] === 0x75) return true;
    if (((kinds[byte] as number) & stop) !== 0 || (byte === 0x5c && raw[at + 1] !== 0x2f)) return false;
  }
  return false;
}

/** `\u00..` that hides a character of a word, a token or a URL. */
export function hiddenLikely(raw: Uint8Array, _from: number, to: number): boolean {
  const code = hexDigit(raw[to]) * 16 + hexDigit(raw[to + 1]);
  return isRun(code) || code === 0x3a || code === 0x40;
}

function hexDigit(byte = 0): number {
  return byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
}

/** A colour sequence that stands between two characters of one token. */
export function gluedLikely(raw: Uint8Array, from: number, to: number): boolean {
  if (!isWord(raw[from - 1]) || raw[from - 2] === 0x5c) return false;
  for (let at = to; at < to + 12; at += 1) {
    const byte = raw[at];
    if (byte !== 0x5b && byte !== 0x3b && !(byte !== undefined && ((kinds[byte] as number) & digit) !== 0)) {
      return isWord(raw[at + 1]);
    }
  }
  return false;
}

/** Where the run of token characters that reaches `at` ends; `limit` where it goes on beyond. */
export function runEnd(raw: Uint8Array, at: number, limit: number): number {
  let end = at;
  while (end < limit && (isRun(raw[end]) || (raw[end] === 0x5c && raw[end + 1] === 0x2f))) end += 1;
  return end;
}
