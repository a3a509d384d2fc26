import { characterTable } from './characters.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';

interface ShapeOptions {
  readonly likely?: Rule['likely'];
  readonly reach?: number;
  readonly rank?: number;
  /** Characters that may lead from the beginning of the pattern to the trigger, at most `back` of them. */
  readonly lead?: string;
  readonly back?: number;
  /** Characters that a try reads at most before it fails, where they are many. */
  readonly far?: number;
  /** Asked before the pattern is tried, which may read far. */
  readonly ahead?: (text: string, at: number) => boolean;
  readonly valid?: (secret: string) => boolean;
}

/** So many characters may lead to a trigger where no `back` is given. */
const usualLead = 100;

/**
 * A secret in a fixed setting: `pattern` begins at the trigger, or, with `lead`, where the run of
 * leading characters before the trigger begins. The secrets are its groups.
 */
export function shape(name: string, triggers: readonly string[], pattern: string, options: ShapeOptions = {}): Rule {
  const back = options.back ?? usualLead;
  const lead = options.lead === undefined ? undefined : characterTable(options.lead);
  let expression: RegExp | undefined;
  let placed: RegExp | undefined;
  return {
    name,
    triggers: triggers.map((word) => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
    ...(options.likely === undefined ? {} : { likely: options.likely }),
    reach: options.reach ?? 480,
    rank: options.rank ?? rank.structure,
    facts: `${pattern} [${options.lead ?? ''}]`,
    find(view, from) {
      let start = from;
      if (lead !== undefined) {
        while (start > 0 && from - start <= back && lead[view.text.charCodeAt(start - 1)] === 1) start -= 1;
        if (from - start > back) return nothing;
      }
      if (options.ahead?.(view.text, start) === false) return nothing;
      expression ??= new RegExp(pattern, 'y');
      expression.lastIndex = start;
      const match = expression.exec(view.text);
      if (match === null) {
        view.readTo = start + (options.far ?? 0);
        return nothing;
      }
      view.readTo = start + match[0].length;
      const isSecret = (group: string | undefined) => group && options.valid?.(group) !== false;
      if (!match.slice(1).some(isSecret)) return nothing;
      // Where the groups stand is dear to know, and most matches have no secret.
      placed ??= new RegExp(pattern, 'dy');
      placed.lastIndex = start;
      const places = placed.exec(view.text)?.indices ?? [];
      return places.flatMap((place, group) => (place && group > 0 && isSecret(match[group]) ? [toSpan(place)] : []));
    },
  };
}

function toSpan([from, to]: [number, number]): Span {
  return { from, to };
}
