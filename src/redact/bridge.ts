import { isRandom } from './entropy.ts';
import { characterTable } from './rules/characters.ts';
import type { Rule, Span } from './rules/rule.ts';
import type { View } from './view.ts';

const runCharacters = characterTable('A-Za-z0-9_.+/=-');
/** The halves of a token are no shorter, and no longer. */
const shortestHalf = 6;
const longestHalf = 400;
/** Between two text parts of one message, or over the edge of a box that a terminal drew. */
const joint =
  /"\s{0,2}\}\s{0,2},\s{0,2}\{\s{0,2}"type"\s{0,2}:\s{0,2}"text"\s{0,2},\s{0,2}"text"\s{0,2}:\s{0,2}"|[ \t]{0,80}(?:\||\u00e2\u0094\u0082|\u00ff)[ \t]{0,80}\n[ \t]{0,16}(?:\||\u00e2\u0094\u0082|\u00ff)[ \t]{0,16}/y;
/** How much of the second half a rule may see. */
const reach = 400;

/** The two halves of a token that begins at `[from, to)` and is cut in two by what it was put into. */
export function findCut(view: View, rule: Rule, from: number, to: number, found: readonly Span[]): readonly Span[] {
  // What begins within a word is no token of its own, however far it goes on.
  const cut = /[A-Za-z0-9_-]/.test(view.text[from - 1] ?? ' ') ? undefined : cutAt(view, from);
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
function cutAt(view: View, from: number): { readonly end: number; readonly next: number } | undefined {
  const end = runEnd(view, from);
  if (end - from < shortestHalf || end - from > longestHalf) return undefined;
  joint.lastIndex = end;
  const match = joint.exec(view.text);
  return match === null ? undefined : { end, next: end + match[0].length };
}

/** Tokens that begin in the run that was looked at last end where it ends. */
function runEnd({ text, run }: View, from: number): number {
  if (from >= run.from && from < run.to) return run.to;
  let end = from;
  while (runCharacters[text.charCodeAt(end)] === 1) end = end === run.from ? run.to : end + 1;
  run.from = from;
  run.to = end;
  return end;
}
