import { createHash } from 'node:crypto';
import { assignment } from './assignment.ts';
import { bare } from './bare.ts';
import { code } from './code.ts';
import { commands } from './commands.ts';
import { headers } from './headers.ts';
import { keys } from './keys.ts';
import { prose } from './prose.ts';
import { clouds, development, models, services } from './providers.ts';
import type { Rule } from './rule.ts';
import { settings } from './settings.ts';
import { sql } from './sql.ts';
import { tables } from './tables.ts';
import { urls } from './urls.ts';
import { vendors, wallets } from './vendors.ts';

export const rules: readonly Rule[] = [
  ...development,
  ...models,
  ...clouds,
  ...services,
  ...vendors,
  ...wallets,
  ...keys,
  ...urls,
  ...bare,
  ...commands,
  ...code,
  ...settings,
  ...sql,
  ...headers,
  ...prose,
  tables,
  assignment,
];

/** Rises with every change of how rules work that their facts do not show. */
const version = 5;

/** Name, version and hash of the rule set: parts that an older one made can be found by it. */
export const ruleSetId: string = idOf(rules);

function idOf(set: readonly Rule[]): string {
  const facts = set.map(({ name, triggers, facts }) => [name, triggers, facts]);
  return `cairn-${version}-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 8)}`;
}
