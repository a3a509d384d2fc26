import type { MaskedName, OwnRule } from '../../config/redaction.ts';
import { CairnError } from '../../errors.ts';
import { boundPattern } from './bounded-pattern.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';

/** With fewer letters a pattern would be tried nearly everywhere. */
const shortestPrefix = 3;

/** A rule from the configuration: its pattern is tried where the text stands with which it begins. @throws CairnError `config` */
export function ownRule({ name, pattern, ignore_case }: OwnRule): Rule {
  const { source, length, prefix } = boundPattern(pattern);
  if (prefix.length < shortestPrefix) {
    throw new CairnError(
      'config',
      `expected a pattern that begins with ${shortestPrefix} plain characters, got ${JSON.stringify(pattern)} for ${name}`,
      { hint: "write what stands in front of the secret, and the secret as a group: 'acme_key=([a-z0-9]{32})'" },
    );
  }
  const expression = new RegExp(source, ignore_case ? 'diy' : 'dy');
  return {
    name,
    triggers: [prefix.toLowerCase()],
    reach: length + 16,
    rank: rank.token,
    facts: `${source} ${expression.flags}`,
    find(view, from) {
      expression.lastIndex = from;
      const match = expression.exec(view.text);
      if (match?.indices === undefined) return nothing;
      const [whole, ...groups] = match.indices;
      const named = groups.filter((group) => group !== undefined);
      return (named.length > 0 || whole === undefined ? named : [whole])
        .map(([begin, end]): Span => ({ from: begin, to: end }))
        .filter(({ from: begin, to }) => to > begin);
    },
  };
}

/** Finds a name where it stands as a word, or as the beginning of a path. */
export function nameRule({ rule, text }: MaskedName): Rule {
  const bytes = Buffer.from(text).toString('latin1');
  // In the raw bytes a separator may stand escaped: what follows the last one is looked for.
  const trigger = (/[^/\\]+$/.exec(bytes)?.[0] ?? bytes).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return {
    name: rule,
    triggers: [trigger],
    back: 2 * bytes.length + 16,
    reach: 16,
    rank: rank.assignment,
    facts: bytes,
    find({ text: seen }, _from, to) {
      const from = to - bytes.length;
      const whole =
        from >= 0 && seen.startsWith(bytes, from) && !/\w/.test(seen[from - 1] ?? '') && !/[\w]/.test(seen[to] ?? '');
      return whole ? [{ from, to }] : nothing;
    },
  };
}
