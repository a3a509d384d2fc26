import type { View } from '../view.ts';
import { shape } from './fixed.ts';
import { expectationOf } from './key-name.ts';
import { isPassword } from './password.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';
import { isSecret } from './value.ts';

/** Rows of an INSERT that are looked at. */
const mostRows = 200;
const columns = /insert\s{1,4}into\s{1,4}[\w."`[\]]{1,100}\s{0,4}\(([\w\s,"`[\]]{1,1000})\)\s{0,8}values\s{0,8}/iy;
const row = /\(((?:'(?:[^'\n]|''){0,2000}'|[^'()\n]){1,8000})\)\s{0,4}[,;]?\s{0,4}/y;
const field = /'((?:[^'\n]|''){0,2000})'|,/g;

/** Passwords and tokens in statements of SQL. */
export const sql: readonly Rule[] = [
  shape(
    'sql-password',
    ['identified '],
    `(?:IDENTIFIED|identified)\\s{1,4}(?:(?:WITH|with)\\s{1,4}\\S{1,40}\\s{1,4})?(?:BY|by|AS|as)\\s{1,4}(?:PASSWORD\\s{1,4})?N?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape(
    'sql-password',
    ['password for '],
    `(?:PASSWORD FOR|password for)\\s{1,4}\\S{1,80}\\s{0,4}=\\s{0,4}(?:PASSWORD\\()?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape(
    'sql-password',
    ['password = n', 'password=n', 'password n'],
    `(?:PASSWORD|password)\\s{0,4}=?\\s{0,4}[Nn]'([^'\\n]{4,200})'`,
    { valid: isPassword },
  ),
  shape(
    'secret-value',
    ['set value'],
    `[Ss][Ee][Tt] [Vv][Aa][Ll][Uu][Ee]\\s{0,4}=\\s{0,4}'([^'\\n]{8,2000})'(?=\\s{1,4}(?:WHERE|where)\\s{1,4}\\w{1,20}\\s{0,4}=\\s{0,4}'[\\w.-]{0,60}(?:token|secret|pass|pwd|key|auth|cred|TOKEN|SECRET|PASS|KEY))`,
    { valid: (secret) => isSecret(secret, 'random', 'quoted') },
  ),
  {
    name: 'secret-value',
    triggers: ['insert into '],
    reach: 8000,
    rank: rank.assignment,
    facts: columns.source + row.source,
    find: (view, from) => insertedSecrets(view, from),
  },
];

/** Values in the columns whose names promise a secret. */
function insertedSecrets({ text }: View, from: number): readonly Span[] {
  columns.lastIndex = from;
  const head = columns.exec(text);
  if (head === null) return nothing;
  const expected = (head[1] as string).split(',').map((name) => expectationOf(name.replace(/[^\w]/g, '')));
  if (expected.every((expectation) => expectation === undefined)) return nothing;
  const spans: Span[] = [];
  row.lastIndex = from + head[0].length;
  for (let rows = 0; rows < mostRows; rows += 1) {
    const match = row.exec(text);
    if (match === null) break;
    let column = 0;
    for (const { index, 1: value } of (match[1] as string).matchAll(field)) {
      if (value === undefined) {
        column += 1;
        continue;
      }
      const expectation = expected[column];
      if (expectation === undefined || !isSecret(value, expectation, 'quoted')) continue;
      const start = match.index + 1 + index + 1;
      spans.push({ from: start, to: start + value.length });
    }
  }
  return spans;
}
