import { CairnError } from '../errors.ts';
import { type Phrase, phraseOf, type Query } from './query.ts';
import type { FindMarks } from './spot.ts';
import { normalised } from './tokens.ts';

/** @throws CairnError `usage` for a pattern that is none, or that matches nothing at all */
export function compilePattern(source: string, ignoreCase: boolean): RegExp {
  let pattern: RegExp;
  try {
    pattern = new RegExp(normalised(source), ignoreCase ? 'giu' : 'gu');
  } catch (cause) {
    throw new CairnError('usage', `expected a regular expression, got ${JSON.stringify(source)}`, {
      cause,
      hint: 'the syntax is that of JavaScript with the flag u: characters with a meaning are written with a backslash',
    });
  }
  if (pattern.test('')) {
    throw new CairnError('usage', `expected a pattern that needs some text, got ${JSON.stringify(source)}`);
  }
  return pattern;
}

/**
 * Words that a text must have to match, as a query for the index; `undefined` where the pattern promises none, and
 * every text has to be looked at. Only what is certain counts: whole words in plain text outside of groups, classes
 * and alternatives.
 */
export function requiredWords(source: string): Query | undefined {
  if (source.includes('|')) return undefined;
  const all = literals(normalised(source)).flatMap(wholeWords);
  return all.length === 0 ? undefined : { all, none: [] };
}

/** Pieces of plain text in a pattern, cut at everything that is none. */
function literals(source: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  const end = () => {
    pieces.push(piece);
    piece = '';
  };
  const characters = [...source];
  let at = 0;
  const skipTo = (last: string) => {
    while (at < characters.length && characters[at] !== last) at++;
  };
  for (; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const next = characters[at + 1] ?? '';
    if (character === '(' || character === '[') {
      end();
      at = closing(characters, at);
      while (/[?*+]/.test(characters[at + 1] ?? '')) at++;
    } else if (/[?*+{]/.test(character)) {
      // The character before it may be repeated, or be absent.
      piece = [...piece].slice(0, -1).join('');
      end();
      if (character === '{') skipTo('}');
    } else if (character === '\\') {
      at++;
      if (/[A-Za-z0-9]/.test(next)) {
        end();
        // \p{…}, \u{…}, \k<…>, \x41, \cA: what belongs to it is no text.
        if (characters[at + 1] === '{') skipTo('}');
        else if (next === 'k') skipTo('>');
        else at += { x: 2, u: 4, c: 1 }[next] ?? 0;
      } else piece += next;
    } else if (/[.^$]/.test(character)) end();
    else piece += character;
  }
  end();
  return pieces;
}

/** Index of the bracket that closes the one at `at`. */
function closing(characters: readonly string[], at: number): number {
  const isClass = characters[at] === '[';
  let depth = 0;
  let inClass = false;
  for (let i = at; i < characters.length; i++) {
    const character = characters[i];
    if (character === '\\') i++;
    else if (character === '[') inClass = true;
    else if (character === ']') {
      inClass = false;
      if (isClass) return i;
    } else if (!inClass && character === '(') depth++;
    else if (!inClass && character === ')' && --depth === 0) return i;
  }
  return characters.length;
}

/** Words with something on both sides: at an edge a word may go on. */
function wholeWords(piece: string): Phrase[] {
  return (
    piece.match(/(?<=[^\p{L}\p{M}\p{N}])[\p{L}\p{M}\p{N}]+(?=[^\p{L}\p{M}\p{N}])/gu)?.map((word) => phraseOf(word)) ??
    []
  );
}

/** Marks what a pattern matches. */
export function patternMarks(pattern: RegExp): FindMarks {
  return (text) => Array.from(text.matchAll(pattern), (match) => [match.index, match.index + match[0].length] as const);
}
