/** Cheap looks at raw bytes: they may say yes too often, never no to a secret. */

const word = 1;
const gap = 2;
const operator = 4;
const digit = 8;
const stop = 16;
const run = 32;
const capitalOrDigit = 64;

const kinds = new Uint8Array(256);
function mark(characters: string, kind: number): void {
  for (const byte of Buffer.from(characters, 'latin1')) kinds[byte] = (kinds[byte] as number) | kind;
}
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
mark(`${letters}0123456789_-`, word);
mark(' \t\\"\'`])?!*', gap);
mark('=:|>,', operator);
mark('0123456789', digit);
mark(`${letters.slice(26)}0123456789`, capitalOrDigit);
mark(' \t\n\r"\'`<>', stop);
mark(`${letters}0123456789_-+/=.%~`, run);

export function isWord(byte: number | undefined): boolean {
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

/** Words that go on in lower case and still name a secret: `password`, `authorization`, `credential`. */
const longer = /^(?:w|phrase|code|oriz|s?["'=: ]|ential)/i;

/**
 * A key word stands at the end of a name (`apiKey`, `API_KEY`, `passwordProd`, not `keyof`) and is
 * followed by a value that has something no word of a program has.
 */
export function assignmentLikely(raw: Uint8Array, from: number, to: number): boolean {
  const last = raw[to - 1] as number;
  const next = raw[to] as number;
  if (isLetter(next) && (next & 0x20) === (last & 0x20)) {
    const rest = String.fromCharCode(
      next,
      raw[to + 1] ?? 0,
      raw[to + 2] ?? 0,
      raw[to + 3] ?? 0,
      raw[to + 4] ?? 0,
      raw[to + 5] ?? 0,
    );
    if (!longer.test(rest)) return false;
  }
  const first = raw[from] as number;
  if ((first | 0x20) === 0x6b && !isWord(raw[from - 1]) && raw[from - 1] !== 0x20 && raw[from - 1] !== 0x2e)
    return false;
  if ((first | 0x20) === 0x73 && to - from === 3 && isAlphanumeric(raw[from - 1]) && raw[from - 2] !== 0x5c)
    return false;
  return valueLikely(raw, to);
}

/** An operator or a space behind the name, then a digit or rare punctuation before the line ends. */
function valueLikely(raw: Uint8Array, from: number): boolean {
  let at = from;
  const nameEnd = from + 40;
  while (at < nameEnd && isWord(raw[at])) at += 1;
  let separated = false;
  const limit = Math.min(raw.length, at + 64);
  for (const start = at; at < limit; at += 1) {
    const byte = raw[at] as number;
    const kind = kinds[byte] as number;
    if ((kind & (operator | gap)) !== 0 || byte >= 0x80) separated = true;
    else if (!separated) return false;
    if (byte === 0x0a) return false;
    if (byte === 0x5c && raw[at + 1] === 0x6e && at > start + 2) return false;
    if ((kind & digit) !== 0 || byte === 0x23 || byte === 0x5e || byte === 0x25 || byte === 0x7e) return true;
  }
  return false;
}

/** `@` stands behind `://` before anything that ends an authority. */
export function userinfoLikely(raw: Uint8Array, _from: number, to: number): boolean {
  const limit = Math.min(raw.length, to + 300);
  for (let at = to; at < limit; at += 1) {
    const byte = raw[at] as number;
    if (byte === 0x40) return at > to;
    if (byte === 0x5c && raw[at + 1] === 0x75) return true;
    if (((kinds[byte] as number) & stop) !== 0 || (byte === 0x5c && raw[at + 1] !== 0x2f)) return false;
  }
  return false;
}

/** `\u00..` that hides a character of a word, a token or a URL. */
export function hiddenLikely(raw: Uint8Array, _from: number, to: number): boolean {
  const code = Number.parseInt(String.fromCharCode(raw[to] ?? 0, raw[to + 1] ?? 0), 16);
  return isRun(code) || code === 0x3a || code === 0x40;
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
