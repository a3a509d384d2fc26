import { isRandom } from './entropy.ts';
import type { Rule, Span } from './rules/rule.ts';
import type { View } from './view.ts';

const run = /[A-Za-z0-9_.+/=-]{6,400}/y;
/** Between two text parts of one message, or over the edge of a box that a terminal drew. */
const joint =
  /"\s{0,2}\}\s{0,2},\s{0,2}\{\s{0,2}"type"\s{0,2}:\s{0,2}"text"\s{0,2},\s{0,2}"text"\s{0,2}:\s{0,2}"|[ \t]{0,80}(?:\||\u00e2\u0094\u0082|\u00ff)[ \t]{0,80}\n[ \t]{0,16}(?:\||\u00e2\u0094\u0082|\u00ff)[ \t]{0,16}/y;
/** How much of the second half a rule may see. */
const reach = 400;

/** The two halves of a token that begins at `[from, to)` and is cut in two by what it was put into. */
export function findCut(view: View, rule: Rule, from: number, to: number, found: readonly Span[]): readonly Span[] {
  // What begins within a word is no token of its own, however far it goes on.
  const cut = /[A-Za-z0-9_-]/.test(view.text[from - 1] ?? ' ') ? undefined : cutAt(view.text, from);
  if (cut === undefined) return [];
  const second = view.text.slice(cut.next, cut.next + reach);
  const whole = found[0];
  if (whole !== undefined) {
    const rest = /^[A-Za-z0-9_+/=-]{16,400}/.exec(second)?.[0] ?? '';
    return whole.to === cut.end && isRandom(rest) ? [{ from: cut.next, to: cut.next + rest.length }] : [];
  }
  const text = view.text.slice(from, cut.end) + second;
  const length = rule.find({ ...view, text }, 0, to - from)[0]?.to ?? 0;
  const over = length - (cut.end - from);
  return over > 0
    ? [
        { from, to: cut.end },
        { from: cut.next, to: cut.next + over },
      ]
    : [];
}

/** Where the run of token characters at `from` ends at a joint, and where it may go on. */
function cutAt(text: string, from: number): { readonly end: number; readonly next: number } | undefined {
  run.lastIndex = from;
  const end = from + (run.exec(text)?.[0].length ?? 0);
  joint.lastIndex = end;
  const match = end > from ? joint.exec(text) : null;
  return match === null ? undefined : { end, next: end + match[0].length };
}
