import { CairnError } from '../errors.ts';
import { isDense, normalised, tokensOf } from './tokens.ts';

/** A word of a query: the whole term, or the beginning of one. */
export interface Atom {
  readonly term: string;
  readonly prefix: boolean;
}

/** Words that stand one behind the other. */
export type Phrase = readonly Atom[];

/** A document matches if it has each of `all` and none of `none`. */
export interface Query {
  readonly all: readonly Phrase[];
  readonly none: readonly Phrase[];
}

/**
 * Reads `word "a phrase" -not begin*`. What is written in one piece but holds several words (`src/app.ts`, text in
 * a script without gaps) is a phrase of them.
 * @throws CairnError `usage` where there is nothing to search for
 */
export function parseQuery(text: string): Query {
  const all: Phrase[] = [];
  const none: Phrase[] = [];
  for (const [, minus, quoted, bare] of text.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const negative = minus === '-';
    const phrase = phraseOf(quoted ?? bare ?? '', quoted === undefined && (bare ?? '').endsWith('*'));
    if (phrase.length > 0) (negative ? none : all).push(phrase);
  }
  if (all.length === 0) {
    throw new CairnError('usage', `expected words to search for, got ${JSON.stringify(text)}`, {
      hint: 'a word has letters or digits; for other characters use --regex',
    });
  }
  return { all, none };
}

/** The words of a text as a phrase; `open`: its last word is the beginning of one. */
export function phraseOf(text: string, open = false): Phrase {
  const tokens = tokensOf(normalised(text));
  return tokens.flatMap(({ term, start }, i) => {
    const last = i === tokens.length - 1;
    // The last character of such a run stands alone; in a longer text it begins a pair, or ends the pair before it.
    const single = isDense(term) && [...term].length === 1;
    const before = tokens[i - 1];
    if (single && last && before?.end === start && isDense(before.term)) return [];
    return [{ term, prefix: last && (open || single) }];
  });
}
