import type { Tokens } from './events.ts';

const fields = ['input', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'output', 'thinking'] as const;

export const noTokens: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/** Field by field; one that neither side tells stays untold. */
function combine(a: Tokens, b: Tokens, of: (a: number, b: number) => number): Tokens {
  const result: Partial<Record<(typeof fields)[number], number>> = {};
  for (const name of fields) {
    if (a[name] !== undefined || b[name] !== undefined) result[name] = of(a[name] ?? 0, b[name] ?? 0);
  }
  return { ...noTokens, ...result };
}

export function addTokens(a: Tokens, b: Tokens): Tokens {
  return combine(a, b, (x, y) => x + y);
}

/** What `a` has beyond `b`. */
export function tokensBeyond(a: Tokens, b: Tokens): Tokens {
  return combine(a, b, (x, y) => Math.max(0, x - y));
}

/** The higher one of each field: of two statements about one request. */
export function highestTokens(a: Tokens, b: Tokens): Tokens {
  return combine(a, b, Math.max);
}

/** All tokens that passed: the fields that are parts of others are not counted again. */
export function sumTokens({ input, cacheRead, cacheWrite, output }: Tokens): number {
  return input + cacheRead + cacheWrite + output;
}
