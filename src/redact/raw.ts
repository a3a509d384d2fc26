/** Cheap looks at raw bytes: they may say yes too often, never no to a secret. */

const word = 1;
const digit = 2;
const run = 4;

const kinds = new Uint8Array(256);
function mark(characters: string, kind: number): void {
  for (const byte of Buffer.from(characters, 'latin1')) kinds[byte] = (kinds[byte] as number) | kind;
}
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
mark(`${letters}0123456789_-`, word);
mark('0123456789', digit);
mark(`${letters}0123456789_-+/=.%~`, run);

function isWord(byte: number | undefined): boolean {
  return byte !== undefined && ((kinds[byte] as number) & word) !== 0;
}

export function isRun(byte: number | undefined): boolean {
  return byte !== undefined && ((kinds[byte] as number) & run) !== 0;
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
