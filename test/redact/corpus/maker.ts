import { anyChars, chars, createRandom } from '../secrets.ts';

/** Makes text of random parts from a seed: the same seed, the same corpus. */
export interface Maker {
  /** A whole number from 0 to `below - 1`. */
  number(below: number): number;
  pick<T>(list: readonly T[]): T;
  /**
   * Fills a template: `{alnum36}` becomes 36 letters and digits, `{hex8-12}` eight to twelve hex digits,
   * `{uuid}` a UUID, `{human}` a password as people choose it. So no file holds what looks like a token.
   */
  fill(template: string): string;
}

type Set = Parameters<typeof chars>[1];

const words =
  'winter river copper falcon sunset marble orange thunder garden pepper silver monkey dragon castle violet rocket harbor meadow tiger coffee'.split(
    ' ',
  );

export function createMaker(seed: number): Maker {
  const random = createRandom(seed);
  const number = (below: number) => Math.floor(random() * below);
  const pick = <T>(list: readonly T[]): T => list[number(list.length)] as T;
  const capital = (word: string) => `${word[0]?.toUpperCase()}${word.slice(1)}`;

  function human(): string {
    const first = pick(words);
    const second = pick(words);
    const digits = chars(random, 'digit', 2 + number(3));
    return pick([
      () => `${capital(first)}${digits}${pick(['!', '#', '$', '?', '*'])}`,
      () => `${first}-${second}-${digits}`,
      () => `${first.replace('a', '4').replace('e', '3').replace('o', '0')}_${capital(second)}${digits}`,
      () => `${chars(random, 'alnum', 5)}#${chars(random, 'alnum', 6)}`,
      () => `${capital(first)}${capital(second)}${digits}`,
      () => `${chars(random, 'alnum', 16)}`,
      () => `${first}.${chars(random, 'small', 6)}!${digits}`,
    ])();
  }

  function part(name: string, from: number, to: number): string {
    if (name === 'uuid') return ['8', '4', '4', '4', '12'].map((n) => chars(random, 'hex', Number(n))).join('-');
    if (name === 'human') return human();
    if (name === 'usd') return '$';
    if (name === 'tick') return '`';
    if (name === 'esc') return '\u001b';
    if (name === 'dashes') return '-'.repeat(5);
    if (name === 'word') return pick(words);
    return anyChars(random, name as Set, from + number(to - from + 1));
  }

  return {
    number,
    pick,
    fill: (template) =>
      template.replace(/\{([a-z]+(?:32|58|64)?)(?::(\d+)(?:-(\d+))?)?\}/g, (_, name: string, from = '0', to = from) =>
        part(name, Number(from), Number(to)),
      ),
  };
}
