import { expect, test } from 'vitest';
import { rules } from '../../src/redact/rules/all.ts';
import type { Rule } from '../../src/redact/rules/rule.ts';
import { createScanner, type Finding } from '../../src/redact/scanner.ts';
import { secretSamples } from './corpus/corpus.ts';
import { createMaker } from './corpus/maker.ts';

/** What may stand between a name and its value, and much that may not. */
const pieces = [
  ...' :="\'`,;|()[]{}<>-_./@#!$%&*+?~aA01',
  ...['\\"', '\\n', '\\t', '\\\\n', '\\u0022', '\\u001b[1m', '  ', ' = ', ': ', '=> ', '-> ', ':= ', '||'],
  ...['is ', 'to ', 'set ', 'value', 'the ', ' or '],
];
/** Of a thousand changed lines. */
const mostMissed = 4;

const withLooks = createScanner(rules);
const without = createScanner(rules.map(({ likely: _, ...rule }): Rule => rule));

/** What the rules find in a line and their looks dismiss. */
function dismissed(line: string): { readonly found: number; readonly gone: string | undefined } {
  const text = Buffer.from(`${line}\n`);
  const find = (scanner: typeof without) => {
    const found: Finding[] = [];
    scanner.scan(text, (finding) => found.push(finding));
    return found.filter(({ secret }) => secret !== '');
  };
  const expected = find(without);
  const found = expected.length === 0 ? [] : find(withLooks);
  const gone = expected.find(({ from, to }) => !found.some((it) => it.from <= from && it.to >= to));
  return {
    found: expected.length,
    gone: gone && `${gone.rule} ${JSON.stringify(text.toString('latin1', gone.from - 40, gone.from))}`,
  };
}

test('looks dismiss no secret that the rules would find', () => {
  const gone = [...secretSamples(2025, 4)].map(({ line }) => dismissed(line).gone).filter((it) => it !== undefined);
  expect(gone).toEqual([]);
});

test('looks dismiss hardly any, whatever is changed before it', () => {
  const m = createMaker(2026);
  /** Inserts, replaces or removes a character or two of the last before `end`. */
  const change = (line: string, end: number): string => {
    let changed = line;
    for (let edits = 1 + m.number(3); edits > 0; edits -= 1) {
      const at = Math.max(1, end - m.number(24));
      const kind = m.number(3);
      changed = changed.slice(0, at) + (kind < 2 ? m.pick(pieces) : '') + changed.slice(kind === 0 ? at : at + 1);
    }
    return changed;
  };
  let lines = 0;
  const missed: string[] = [];
  for (const { line, secrets } of secretSamples(2026, 4)) {
    const at = line.indexOf((secrets[0] ?? '').slice(0, 12));
    for (let i = 0; i < 2 && at > 0; i += 1) {
      const { found, gone } = dismissed(change(line, at));
      if (found > 0) lines += 1;
      if (gone) missed.push(gone);
    }
  }
  expect(lines).toBeGreaterThan(8_000);
  expect(missed.length, missed.join('\n')).toBeLessThan((mostMissed * lines) / 1000);
});
