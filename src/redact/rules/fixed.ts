import type { View } from '../view.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';

export interface ShapeOptions {
  readonly likely?: Rule['likely'];
  readonly reach?: number;
  readonly rank?: number;
  /** Characters before the trigger that the pattern may begin with; default 0. */
  readonly back?: number;
  /** Characters behind the trigger that a pattern that begins before it may cover; default 64. */
  readonly after?: number;
  readonly valid?: (secret: string, view: View) => boolean;
}

/**
 * A secret in a fixed setting. `pattern` begins at the trigger, or, with `back`, within `back`
 * characters before it and covers it; the secrets are its groups.
 */
export function shape(name: string, triggers: readonly string[], pattern: string, options: ShapeOptions = {}): Rule {
  const back = options.back ?? 0;
  const expression = new RegExp(pattern, back > 0 ? 'dg' : 'dy');
  return {
    name,
    triggers: triggers.map((word) => word.toLowerCase()),
    ...(options.likely === undefined ? {} : { likely: options.likely }),
    reach: options.reach ?? 480,
    rank: options.rank ?? rank.structure,
    facts: pattern,
    find(view, from, to) {
      const begin = Math.max(0, from - back);
      const text = back === 0 ? view.text : view.text.slice(begin, to + (options.after ?? 64));
      const offset = back === 0 ? 0 : begin;
      const match = matchAt(expression, text, from - offset, to - offset);
      if (match?.indices === undefined) return nothing;
      const spans: Span[] = [];
      for (const group of match.indices.slice(1)) {
        if (group === undefined) continue;
        const [start, end] = group;
        if (end > start && options.valid?.(text.slice(start, end), view) !== false) {
          spans.push({ from: start + offset, to: end + offset });
        }
      }
      return spans;
    },
  };
}

/** The first match that covers the trigger. */
function matchAt(expression: RegExp, text: string, from: number, to: number): RegExpExecArray | undefined {
  expression.lastIndex = expression.sticky ? from : 0;
  let match = expression.exec(text);
  while (match !== null && expression.global && match.index + match[0].length < to) match = expression.exec(text);
  return match !== null && match.index <= from ? match : undefined;
}
