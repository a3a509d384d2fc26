/**
 * A cheap look at the raw bytes around a word, which the engine takes by itself (`wasm/looks.ts` here): it may say yes too
 * often, never no to a secret.
 */
export interface Look {
  /** What the engine is told for `word`: the number of a look, and its bytes. */
  program(word: string): readonly number[];
}

const ALWAYS = 1;
const TOKEN = 2;
const TOKEN_BEHIND = 3;
const ASSIGNMENT = 4;
const USERINFO = 5;
const COMMAND = 6;
const BYTES = 7;
const HEADING = 8;
const NEAR = 9;
const PAIR = 10;

/** Says yes to every place. */
export const always: readonly number[] = [ALWAYS];

/** Kinds of characters of a token, in the order of their bits in the engine. */
const kinds = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ', '-', '_', '/+=.%~$'];
const everything = (1 << kinds.length) - 1;

/**
 * One of the true-case `prefixes` stands on its own, and `least` bytes as `body` begins, or an escape, follow: of a
 * pattern such as `[a-z0-9]{32}` those of its characters, at most as many as it says; of any other those of all tokens.
 */
export function tokenLook(prefixes: readonly string[], body: string, least: number): Look {
  const [, set, count = least] = /^(\[[^\]]+\])\{(\d+)/.exec(body) ?? [];
  const allowed = set === undefined ? everything : kindsOf(set);
  return {
    program: (word) =>
      prefixes
        .filter((prefix) => prefix.toLowerCase() === word)
        .flatMap((prefix) => {
          const bytes = Buffer.from(prefix, 'latin1');
          return [TOKEN, Math.min(least, Number(count)), allowed, bytes.length, ...bytes];
        }),
  };
}

function kindsOf(set: string): number {
  let bits = known.get(set);
  if (bits === undefined) {
    const pattern = new RegExp(set);
    bits = kinds.reduce(
      (all, characters, bit) => all | ([...characters].some((one) => pattern.test(one)) ? 1 << bit : 0),
      0,
    );
    known.set(set, bits);
  }
  return bits;
}

const known = new Map<string, number>();

/** The word is followed by `least` bytes of a token or an escape. */
export function tokenBehind(least: number): Look {
  return { program: () => [TOKEN_BEHIND, least] };
}

/** The word ends a name, and what follows may be the value of a secret. */
export const assignmentLook: Look = { program: () => [ASSIGNMENT] };

/** `@` stands behind the word before anything that ends an authority. */
export const userinfoLook: Look = { program: () => [USERINFO] };

/** A program's name on its own, with arguments behind it, `sign` in one of them. */
export function commandLook(sign = ''): Look {
  return { program: () => [COMMAND, ...signOf(sign)] };
}

/** `sign` stands in the next `reach` bytes behind the word; default those that rules see there. */
export function nearLook(sign: string, reach = 480): Look {
  return { program: () => [NEAR, Math.ceil(reach / 16), ...signOf(sign)] };
}

function signOf(sign: string): readonly number[] {
  return [sign.length, ...Buffer.from(sign, 'latin1')];
}

/** An operator behind the word, and behind that two texts with `/`, `|` or `:` between them. */
export const pairLook: Look = { program: () => [PAIR] };

/** A cell of a heading: a separator or the end of the line stands behind the word, and one or a beginning before it. */
export const headingLook: Look = { program: () => [HEADING] };

/** One of the `words` stands there in its true case. */
export function exactLook(words: readonly string[]): Look {
  return {
    program: (lower) =>
      words
        .filter((word) => word.toLowerCase() === lower)
        .flatMap((word) => bytesLook([...word].map((is, at) => ({ at, is }))).program(lower)),
  };
}

/** A byte `at` so many bytes from the word's beginning, or so many `behind` its end; `is`: a character or a range of them. */
export type Place = ({ readonly at: number } | { readonly behind: number }) & { readonly is: string };

/** All places of one of `choices` have the bytes they should have. */
export function bytesLook(...choices: readonly (readonly Place[])[]): Look {
  return {
    program: (word) =>
      choices.flatMap((places) => [
        BYTES,
        places.length,
        ...places.flatMap((place) => {
          const offset = 'at' in place ? place.at : word.length + place.behind;
          return [offset & 0xff, place.is.charCodeAt(0), place.is.charCodeAt(place.is.length - 1)];
        }),
      ]),
  };
}
