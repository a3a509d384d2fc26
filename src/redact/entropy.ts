/** What the characters of a value say about how it was made. */
export interface Shape {
  readonly length: number;
  readonly digits: number;
  readonly lower: number;
  readonly upper: number;
  readonly other: number;
  /** Neighbours of different kind (lower, upper, digit, other): a random text has many. */
  readonly changes: number;
  readonly distinct: number;
}

/** The round in which each character was seen last: a set that needs no clearing. */
const seen = new Uint32Array(256);
let round = 0;

/** Of latin1. */
export function shapeOf(value: string): Shape {
  const counts = [0, 0, 0, 0];
  let distinct = 0;
  round += 1;
  let changes = 0;
  let last = -1;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    const kind = kindOf(code);
    counts[kind] = (counts[kind] as number) + 1;
    if (last >= 0 && kind !== last) changes += 1;
    last = kind;
    if (seen[code & 0xff] !== round) distinct += 1;
    seen[code & 0xff] = round;
  }
  const [lower = 0, upper = 0, digits = 0, other = 0] = counts;
  return { length: value.length, digits, lower, upper, other, changes, distinct };
}

function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return 0;
  if (code >= 65 && code <= 90) return 1;
  if (code >= 48 && code <= 57) return 2;
  return 3;
}

/** Bits a character, after Shannon. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/**
 * Pairs of letters that words hardly have (of 70,000 words in manuals and programs less than one pair in 8,000 each):
 * a letter, and those that do not follow it. A quarter of all pairs, so a fourth of those in random letters.
 */
const strange = new Set(
  `ajq bqwx cjqwxz dkqxz ej fjkqvxz gjkqwx hghjkqvz ihjwy jbcdfghjklmnpqrtvwxyz kjkqvxz ljqxz mghjqxz nxz oqz pjqxz
  qabcefghijkmnopqtvwxyz rjqxz sj tjq ujkquvwyz vhjkqxyz wfjkqvwxyz xbghjkquwyz yjkqvwxyz zbcdfghjklmnpqrstuvwxyz`
    .split(/\s+/)
    .flatMap(([first = '', ...others]) => others.map((second) => first + second)),
);

/** Of its pairs of letters that stand within one word, more than one in ten are such as no word has. */
function isStrange(value: string): boolean {
  let pairs = 0;
  let odd = 0;
  for (const [word] of value.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)) {
    const letters = word.toLowerCase();
    for (let i = 1; i < letters.length; i += 1) {
      pairs += 1;
      if (strange.has(letters.slice(i - 1, i + 1))) odd += 1;
    }
  }
  return odd >= 2 && odd > pairs / 10;
}

/** The words of a name, each with its capital (`NodeJS.ArrayBufferView`, `isValidBase64Key`), at most one odd one. */
export function isName(value: string): boolean {
  const humps = value.match(/[A-Z]+[a-z]*/g) ?? [];
  if (humps.length === 0 || (value.match(/\d+/g)?.length ?? 0) > 2 || /\d{5}/.test(value)) return false;
  const odd = humps.filter(
    (hump) =>
      !/^[A-Z]{1,6}[a-z]{2,}$|^[A-Z]{2,5}$|^(?:Id|Of|To|By|In|Is|On|Or|At|Ip|Db|Ui|Io|Js|Os|Vm|Up|No|My|As|An)$/.test(
        hump,
      ),
  ).length;
  const acronyms = humps.filter((hump) => /^[A-Z]{2}/.test(hump)).length;
  return odd <= (humps.length >= 5 ? 1 : 0) && acronyms <= 1 + humps.length / 4 && !isStrange(value);
}

/** No person and no programmer wrote this: letters and digits mixed all through. */
export function isRandom(value: string, least = 16): boolean {
  const shape = shapeOf(value);
  if (shape.length < least || shape.digits + shape.lower + shape.upper < 0.6 * shape.length) return false;
  if (shape.distinct < Math.min(8, 0.5 * shape.length) || isName(value)) return false;
  if (shape.digits >= 2 && shape.lower + shape.upper >= 2)
    return shape.changes >= (/^[A-Z0-9]{24,}$/.test(value) ? 0.12 : 0.22) * shape.length;
  // Letters of one case, as base32 mostly is: no words, if their pairs are none.
  if (shape.other === 0 && (shape.upper === 0 || shape.lower === 0) && shape.length >= 16 + 4 * (2 - shape.digits))
    return isStrange(value);
  return shape.upper >= 3 && shape.lower >= 3 && shape.changes >= 0.35 * shape.length;
}
