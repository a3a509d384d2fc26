/**
 * A word and where it stands in the text, in UTF-16 offsets: from `start` to `end`. Its term is `termOf` the text from
 * `start` to `last`; `plain`: that is ASCII. Ends are excluded.
 */
export type VisitToken = (start: number, end: number, last: number, plain: boolean) => void;

/** A word as it is searched for, and where it stands. */
export interface Token {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** Longer words are known by their beginning. */
const longestTerm = 64;

/** What a character is to a word. `dense` scripts are written without gaps between words. */
const unseen = 0;
const gap = 1;
/** Of ASCII. */
const letter = 2;
const foreign = 3;
const dense = 4;

const letters = /[\p{L}\p{M}\p{N}]/u;
const denseScripts =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

/** Classes of the basic plane, filled as characters are met: asking a pattern for each would cost most of the time. */
const classes = new Uint8Array(0x10000);

/** Text as it is indexed and searched: letters that can be written in two ways are written in one. */
export function normalised(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : text.normalize('NFC');
}

/**
 * The words of a text, which is `normalised`. A word is a run of letters, marks and digits, in lower case. In a
 * script without gaps each character is a token together with the one after it, and the last of a run alone: so any
 * piece of such text is a phrase of its pairs, and a single character is the beginning of a token.
 */
export function tokenise(text: string, visit: VisitToken): void {
  const { length } = text;
  let at = 0;
  while (at < length) {
    let kind = classAt(text, at);
    if (kind === gap) {
      at++;
      continue;
    }
    if (kind === dense) {
      at = visitPairs(text, at, visit);
      continue;
    }
    const start = at;
    let plain = true;
    while (kind === letter || kind === foreign) {
      if (kind === foreign) plain = false;
      at += text.charCodeAt(at) >>> 10 === 0x36 ? 2 : 1;
      if (at >= length) break;
      kind = classAt(text, at);
    }
    const end = Math.min(at, length);
    visit(start, end, end - start > longestTerm ? cutAt(text, start + longestTerm) : end, plain);
  }
}

/** Not within a character. */
function cutAt(text: string, at: number): number {
  return text.charCodeAt(at - 1) >>> 10 === 0x36 ? at - 1 : at;
}

function visitPairs(text: string, from: number, visit: VisitToken): number {
  let at = from;
  let width = widthAt(text, at);
  for (;;) {
    const next = at + width;
    const more = next < text.length && classAt(text, next) === dense;
    const nextWidth = more ? widthAt(text, next) : 0;
    visit(at, next, next + nextWidth, false);
    at = next;
    if (!more) return at;
    width = nextWidth;
  }
}

function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const known = classes[code];
  if (known !== undefined && known !== unseen) return known;
  if (code >>> 10 === 0x36) return classOf(String.fromCodePoint(text.codePointAt(at) ?? code));
  const found = classOf(text.charAt(at));
  classes[code] = found;
  return found;
}

function classOf(character: string): number {
  if (!letters.test(character)) return gap;
  if (denseScripts.test(character)) return dense;
  return character <= '\x7f' ? letter : foreign;
}

function widthAt(text: string, at: number): number {
  return text.charCodeAt(at) >>> 10 === 0x36 && at + 1 < text.length ? 2 : 1;
}

/** Full-width and other forms of compatibility count as the plain ones. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The term of a word. */
export function termOf(text: string, start: number, last: number, plain: boolean): string {
  const word = text.slice(start, last);
  return plain ? word.toLowerCase() : fold(word);
}

/** All tokens of a text that is `normalised`, in order. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  tokenise(text, (start, end, last, plain) => tokens.push({ term: termOf(text, start, last, plain), start, end }));
  return tokens;
}

/** Whether a term is of a script in which it has to be one character to stand for the beginning of others. */
export function isDense(term: string): boolean {
  return classAt(term, 0) === dense;
}
