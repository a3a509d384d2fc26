import { isPlaceholder } from '../allow.ts';
import { entropy, isRandom } from '../entropy.ts';
import { tokenLook } from '../looks.ts';
import type { View } from '../view.ts';
import { characterTable } from './characters.ts';
import { nothing, type Rule, rank } from './rule.ts';

interface TokenOptions {
  /** Further demand on a match, such as a checksum. */
  readonly valid?: (token: string) => boolean;
  /** Characters that would make a longer word of the token; default letters, digits, `_` and `-`. */
  readonly charset?: string;
  readonly reach?: number;
  /** Default that of a token; lower where another rule knows the same token better. */
  readonly rank?: number;
}

/** Bytes that follow every prefix: no body is shorter. */
const leastBody = 12;
/** Bits a character below which a body is a placeholder such as `xxxxxxxx`. */
const leastEntropy = 2.2;

/**
 * A token known by its prefix: `prefixes` (separated by spaces, in their true case), then `body`, a
 * pattern of bounded length, then anything that cannot go on with the token.
 */
export function token(name: string, prefixes: string, body: string, options: TokenOptions = {}): Rule {
  const words = prefixes.split(' ');
  const charset = options.charset ?? 'A-Za-z0-9_-';
  const alternatives = words.map((word) => word.replace(/[.$/\\*+?()[\]{}|]/g, '\\$&')).join('|');
  const source = `(?:${alternatives})${body}(?![${charset}])`;
  // Of some hundreds few are ever tried.
  let pattern: RegExp | undefined;
  return {
    name,
    triggers: words.map((word) => word.toLowerCase()),
    likely: tokenLook(words, body, leastBody),
    reach: options.reach ?? 480,
    rank: options.rank ?? rank.token,
    facts: `${source} ${options.valid?.name ?? ''}`,
    find(view, from, to) {
      if (extendsLeft(view, from)) return nothing;
      pattern ??= new RegExp(source, 'y');
      pattern.lastIndex = from;
      const match = pattern.exec(view.text);
      if (match === null) return nothing;
      const text = match[0];
      const secret = text.slice(to - from);
      if (entropy(secret) < leastEntropy || isPlaceholder(secret) || options.valid?.(text) === false) return nothing;
      return [{ from, to: from + text.length }];
    },
  };
}

/** Digits and letters that change places often, as in no word and no version; or letters alone, as in no name. */
export function isMixed(text: string): boolean {
  if (!/\d/.test(text)) return isRandom(text, 20);
  return /[a-z]/.test(text) && (text.match(/\d[A-Za-z]|[A-Za-z]\d|[a-z][A-Z]/g)?.length ?? 0) >= 5;
}

const alphanumeric = characterTable('A-Za-z0-9');
const base64 = characterTable('A-Za-z0-9+/_-');
/** So many characters of base64 before it, and the prefix is there by chance. */
const longestLead = 48;

/** A letter or digit before the token makes it part of a longer word, and so does a long run of base64. */
function extendsLeft({ text, lead }: View, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (base64[before] !== 1) return false;
  if (alphanumeric[before] === 1 && !/%[0-9A-Fa-f]{2}$/.test(text.slice(Math.max(0, at - 3), at))) return true;
  if (at >= lead.to && at - lead.to < longestLead) {
    for (let i = lead.to; i < at; i += 1) if (base64[text.charCodeAt(i)] !== 1) lead.from = i + 1;
  } else {
    lead.from = at - 1;
    while (lead.from > 0 && at - lead.from < longestLead && base64[text.charCodeAt(lead.from - 1)] === 1)
      lead.from -= 1;
  }
  lead.to = at;
  return at - lead.from >= longestLead;
}
