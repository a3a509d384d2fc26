import { visible } from './text.ts';

/** `12: github-token 7, jwt 5`, the most frequent first. */
export function tallyOf(counts: Readonly<Record<string, number>>): string {
  const rules = Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const total = rules.reduce((sum, [, count]) => sum + count, 0);
  return `${total}: ${rules.map(([rule, count]) => `${visible(rule)} ${count}`).join(', ')}`;
}
