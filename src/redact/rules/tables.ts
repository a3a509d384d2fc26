import { bytesLook, type Place } from '../looks.ts';
import type { View } from '../view.ts';
import { expectationOf } from './key-name.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';
import { isSecret } from './value.ts';

/** Rows that are looked at below a heading. */
const mostRows = 200;
const longestHeading = 1000;
const name = '["\'`* ]{0,3}[A-Za-z][\\w .-]{0,40}["\'`* ]{0,3}';
const heading = new RegExp(`^\\|?${name}(?:[,;\\t|]${name}){1,30}\\|?$`);

const behind: readonly (readonly Place[])[] = [
  ...[',', '|', ';', '\\'].map((is) => [{ behind: 0, is }]),
  [
    { behind: 0, is: ' ' },
    { behind: 1, is: '|' },
  ],
];
const before: readonly (readonly Place[])[] = [
  ...[',', '|', ';', '"', '_'].map((is) => [{ at: -1, is }]),
  [{ at: -2, is: '\\' }],
  [
    { at: -1, is: ' ' },
    { at: -2, is: '|' },
  ],
];
/** A separator or the end of the line stands behind the word, and a separator or a beginning before it. */
const headingLook = bytesLook(...behind.flatMap((end) => before.map((start) => [...end, ...start])));

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
    const end = text.indexOf('\n', to);
    if (end < 0 || end - to > longestHeading) return nothing;
    const depth = view.depth(end);
    const start = lineStart(view, from, depth);
    const line = text.slice(start, end).replace(/\r$/, '');
    if (end - start > longestHeading || !heading.test(line)) return nothing;
    const separator = /[|\t;,]/.exec(line)?.[0] ?? ',';
    const expected = line.split(separator).map((cell) => expectationOf(cell.replace(/["'`* ]/g, '')));
    if (expected.every((expectation) => expectation === undefined)) return nothing;
    // The first line of its kind is the heading: so each row is read once.
    if (start > 0 && text[start - 1] === '\n') {
      const above = text.slice(lineStart(view, start - 1, depth), start - 1);
      if (above.split(separator).length === expected.length) return nothing;
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

/** Behind the last line end, or the quote that opens the string: it is less deep in escapes than a line end. */
function lineStart(view: View, at: number, depth: number): number {
  const limit = Math.max(0, at - longestHeading);
  for (let start = at; start > limit; start -= 1) {
    const before = view.text[start - 1];
    if (before === '\n' || (before === '"' && view.depth(start - 1) < depth)) return start;
  }
  return limit;
}

/** At the line end, or at the quote that closes the string. */
function lineEnd(view: View, at: number, depth: number): number {
  const newline = view.text.indexOf('\n', at);
  const end = newline < 0 ? view.text.length : newline;
  for (let quote = view.text.indexOf('"', at); quote >= 0 && quote < end; quote = view.text.indexOf('"', quote + 1))
    if (view.depth(quote) < depth) return quote;
  return end;
}
