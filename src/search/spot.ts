import type { Phrase, Query } from './query.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A line of a text that was found, and where in it what was searched for stands: pairs of start and end. */
export interface SpotLine {
  /** From 1, in the event's text. */
  readonly line: number;
  readonly text: string;
  readonly marks: readonly (readonly [start: number, end: number])[];
}

/** Lines above so many characters are cut to what surrounds the first mark. */
const longestLine = 400;

/** Finds what is searched for in a text: marks ascending. */
export type FindMarks = (text: string) => readonly (readonly [start: number, end: number])[];

/** Marks what a query finds. */
export function queryMarks(query: Query): FindMarks {
  return (text) => {
    const tokens = tokensOf(text);
    const marks: [number, number][] = [];
    for (const phrase of query.all) {
      tokens.forEach(({ start }, at) => {
        if (!stands(phrase, tokens, at)) return;
        const last = tokens[at + phrase.length - 1];
        // A pair of a script without gaps covers the character after it as well.
        const wide = Math.max(last?.end ?? start, (last?.start ?? start) + (last?.term.length ?? 0));
        marks.push([start, phrase.at(-1)?.prefix ? (last?.end ?? start) : Math.min(wide, text.length)]);
      });
    }
    return marks.sort(([a], [b]) => a - b);
  };
}

/** Whether a text has all phrases of a query and none of those that it excludes. */
export function matchesQuery({ all, none }: Query): (text: string) => boolean {
  return (text) => {
    const tokens = tokensOf(text);
    const has = (phrase: Phrase) => tokens.some((_, at) => stands(phrase, tokens, at));
    return all.every(has) && !none.some(has);
  };
}

function stands(phrase: Phrase, tokens: readonly Token[], at: number): boolean {
  return phrase.every(({ term, prefix }, i) => {
    const token = tokens[at + i]?.term;
    return token !== undefined && (prefix ? token.startsWith(term) : token === term);
  });
}

/** The lines with marks, each with `context` lines around it, at most `most` marked ones. */
export function spotLines(text: string, find: FindMarks, context: number, most: number): SpotLine[] {
  const marks = find(text);
  const lines = text.split('\n');
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  const marked = new Map<number, [number, number][]>();
  let at = 0;
  for (const [from, to] of marks) {
    while (at + 1 < lines.length && (starts[at + 1] ?? 0) <= from) at++;
    const begin = starts[at] ?? 0;
    const own = marked.get(at) ?? [];
    marked.set(at, own);
    own.push([from - begin, Math.min(to - begin, lines[at]?.length ?? 0)]);
  }
  const shown = new Set<number>();
  // Where nothing is marked, as with a filter alone, it is the beginning that tells.
  const chosen = marked.size > 0 ? [...marked.keys()].slice(0, most) : [0, 1].slice(0, lines.length);
  for (const line of chosen) {
    for (let i = Math.max(0, line - context); i <= Math.min(lines.length - 1, line + context); i++) shown.add(i);
  }
  return [...shown].sort((a, b) => a - b).map((i) => cut(i + 1, lines[i] ?? '', marked.get(i) ?? []));
}

function cut(line: number, text: string, marks: readonly (readonly [number, number])[]): SpotLine {
  if (text.length <= longestLine) return { line, text, marks };
  const from = Math.max(0, Math.min((marks[0]?.[0] ?? 0) - longestLine / 4, text.length - longestLine));
  const to = from + longestLine;
  const lead = from > 0 ? '…' : '';
  return {
    line,
    text: `${lead}${text.slice(from, to)}${to < text.length ? '…' : ''}`,
    marks: marks
      .filter(([start, end]) => start >= from && end <= to)
      .map(([start, end]) => [start - from + lead.length, end - from + lead.length] as const),
  };
}
