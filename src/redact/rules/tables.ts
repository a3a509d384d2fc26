import { Answers } from '../answers.ts';
import { headingLook } from '../looks.ts';
import type { View } from '../view.ts';
import { characterTable } from './characters.ts';
import { type Expectation, expectationOf } from './key-name.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';
import { isSecret } from './value.ts';

/** Rows that are looked at below a heading. */
const mostRows = 200;
const longestHeading = 1000;
const name = '["\'`* ]{0,3}[A-Za-z][\\w .-]{0,40}["\'`* ]{0,3}';
const heading = new RegExp(`^\\|?${name}(?:[,;\\t|]${name}){1,30}\\|?$`);

const headingCharacters = characterTable('\\w .,;|"\'`*\\t\\r\\n-');

/** Columns of CSV, TSV and Markdown whose headings promise secrets. */
export const tables: Rule = {
  name: 'secret-value',
  triggers: ['password', 'passwd', 'secret', 'token', 'api_key', 'apikey'],
  likely: headingLook,
  back: 400,
  reach: 8000,
  rank: rank.assignment,
  facts: heading.source,
  find(view, from, to) {
    const { text } = view;
    if (headingCharacters[text.charCodeAt(to)] !== 1) return nothing;
    // Of what is near alone: the next line end may be far behind.
    const end = indexWithin(text, '\n', to, to + longestHeading + 1);
    if (end < 0) return nothing;
    const depth = view.depth(end);
    const start = lineStart(view, from, depth);
    const line = text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    const columns = end - start > longestHeading ? undefined : columnsOf(line);
    if (columns === undefined) return nothing;
    const { separator, expected } = columns;
    // The first line of its kind is the heading: so each row is read once.
    if (start > 0 && text[start - 1] === '\n') {
      const above = text.slice(lineStart(view, start - 1, depth), start - 1);
      if (cellsIn(above, separator) === expected.length) return nothing;
    }
    const spans: Span[] = [];
    for (let at = end + 1, rows = 0; rows < mostRows && at < text.length; rows += 1) {
      const next = lineEnd(view, at, depth);
      const cells = text.slice(at, next).split(separator);
      if (cells.length !== expected.length) break;
      let offset = at;
      cells.forEach((cell, column) => {
        const [lead = ''] = /^["'`\s]*/.exec(cell) ?? [];
        const value = cell.slice(lead.length).replace(/["'`\s]+$/, '');
        const expectation = expected[column];
        if (expectation !== undefined && isSecret(value, expectation, 'cell'))
          spans.push({ from: offset + lead.length, to: offset + lead.length + value.length });
        offset += cell.length + 1;
      });
      at = next + 1;
    }
    return spans;
  },
};

interface Columns {
  readonly separator: string;
  readonly expected: readonly (Expectation | undefined)[];
}

/** What a line promises of the lines below, if it is a heading and one of its columns promises something. */
function columnsOf(line: string): Columns | undefined {
  const seen = known.get(line);
  if (seen !== undefined) return seen ?? undefined;
  const columns = readHeading(line);
  known.set(line, columns ?? null);
  return columns;
}

/** Headings come again and again. */
const known = new Answers<Columns | null>(256);

function readHeading(line: string): Columns | undefined {
  if (!heading.test(line)) return undefined;
  const separator = /[|\t;,]/.exec(line)?.[0] ?? ',';
  const expected = line.split(separator).map((cell) => expectationOf(cell.replace(/["'`* ]/g, '')));
  return expected.some((expectation) => expectation !== undefined) ? { separator, expected } : undefined;
}

/** Behind the last line end, or the quote that opens the string: it is less deep in escapes than a line end. */
function lineStart(view: View, at: number, depth: number): number {
  const limit = Math.max(0, at - longestHeading);
  for (let start = at; start > limit; start -= 1) {
    const before = view.text.charCodeAt(start - 1);
    if (before === 0x0a || (before === 0x22 && view.depth(start - 1) < depth)) return start;
  }
  return limit;
}

/** At the line end, or at the quote that closes the string. */
function lineEnd(view: View, at: number, depth: number): number {
  const newline = view.text.indexOf('\n', at);
  const end = newline < 0 ? view.text.length : newline;
  let quote = indexWithin(view.text, '"', at, end);
  while (quote >= 0 && view.depth(quote) >= depth) quote = indexWithin(view.text, '"', quote + 1, end);
  return quote < 0 ? end : quote;
}

function cellsIn(line: string, separator: string): number {
  let cells = 1;
  for (let at = line.indexOf(separator); at >= 0; at = line.indexOf(separator, at + 1)) cells += 1;
  return cells;
}

function indexWithin(text: string, character: string, from: number, to: number): number {
  const at = text.slice(from, to).indexOf(character);
  return at < 0 ? at : from + at;
}
