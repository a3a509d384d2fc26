import { createHmac } from 'node:crypto';
import type { Allowance, OwnRule, RedactionSettings } from '../config/redaction.ts';
import { CairnError } from '../errors.ts';
import { entropy } from './entropy.ts';
import { matchesGlob } from './glob.ts';
import { ruleSetId, rules } from './rules/all.ts';
import { boundPattern } from './rules/bounded-pattern.ts';
import { nameRule, ownRule } from './rules/own.ts';
import type { Rule } from './rules/rule.ts';
import { createScanner, type Scanner } from './scanner.ts';
import type { Scope } from './scope.ts';

/** Which rules hold, and what of their findings is replaced by what. */
export interface Policy {
  /** Of the rule set, with a keyed hash of what the configuration changes in it. */
  readonly id: string;
  /** Decisions need the scope of a record. */
  readonly scoped: boolean;
  /** Bits a character from which a token is replaced wherever it stands. */
  readonly anywhere: number | undefined;
  /** Made at first use: costs ten milliseconds. */
  scanner(): Scanner;
  replaces(rule: string, secret: string, scope: Scope | undefined): boolean;
  /** What takes the place of a finding that gets no mark. */
  instead(rule: string): string | undefined;
}

let ownScanner: Scanner | undefined;

/** Without any configuration. Its scanner is one for the process: it holds no state of a session. */
const builtInPolicy: Policy = {
  id: ruleSetId,
  scoped: false,
  anywhere: undefined,
  scanner() {
    ownScanner ??= createScanner(rules);
    return ownScanner;
  },
  replaces: () => true,
  instead: () => undefined,
};

/** The policy of a configuration. @throws CairnError `config` as `compilePolicy` */
export function policyOf({
  key,
  settings,
}: {
  readonly key: Uint8Array;
  readonly settings?: RedactionSettings;
}): Policy {
  return settings ? compilePolicy(settings, key) : builtInPolicy;
}

/** @throws CairnError `config` for a rule that cannot be used, or a name that no rule has */
export function compilePolicy(settings: RedactionSettings, key: Uint8Array): Policy {
  const { disable, least, anywhere } = settings;
  const known = new Set([...[...rules, ...settings.rules].map(({ name }) => name), ...withoutTriggers]);
  for (const name of [...disable, ...settings.allow.flatMap((entry) => entry.rules ?? [])]) {
    if (!known.has(name)) {
      throw new CairnError('config', `expected the name of a rule, got ${JSON.stringify(name)}`, {
        hint: '`cairn redact test FILE` names the rule of every finding',
      });
    }
  }
  const set: readonly Rule[] = [...rules, ...settings.rules.map(ownRule), ...settings.names.map(nameRule)];
  const instead = new Map(settings.names.map((name) => [name.rule as string, name.instead]));
  const scopes = new Map(settings.rules.map((rule) => [rule.name, rule]));
  const allowances = settings.allow.map(compileAllowance);
  const hash = createHmac('sha256', key).update(JSON.stringify(settings)).digest('hex').slice(0, 8);
  let scanner: Scanner | undefined;
  return {
    id: `${ruleSetId}+${hash}`,
    scoped: [...settings.rules, ...settings.allow].some(({ tools, paths }) => tools || paths),
    anywhere,
    scanner() {
      scanner ??= createScanner(set);
      return scanner;
    },
    replaces(rule, secret, scope) {
      if (disable.includes(rule)) return false;
      if (rule === GUESSED && least !== undefined && entropy(secret) < least) return false;
      const own = scopes.get(rule);
      if (own && !isWithin(own, scope)) return false;
      return !allowances.some((allows) => allows(rule, secret, scope));
    },
    instead: (rule) => instead.get(rule),
  };
}

/** The rule that goes by the look of a value beside a telling name. */
const GUESSED = 'secret-value';
/** What is found by its entropy alone. */
export const UNKNOWN = 'unknown-token';
/** Names of what the redactor finds by itself. */
const withoutTriggers = ['wallet-key', UNKNOWN];

function compileAllowance(entry: Allowance): (rule: string, secret: string, scope: Scope | undefined) => boolean {
  const { rules: names, values, pattern } = entry;
  const expression = pattern === undefined ? undefined : new RegExp(`^(?:${boundPattern(pattern).source})$`);
  return (rule, secret, scope) =>
    (names === undefined || names.includes(rule)) &&
    (values === undefined || values.some((value) => Buffer.from(value).toString('latin1') === secret)) &&
    (expression === undefined || expression.test(secret)) &&
    isWithin(entry, scope);
}

function isWithin({ tools, paths }: Pick<OwnRule, 'tools' | 'paths'>, scope: Scope | undefined): boolean {
  if (tools && !tools.some((tool) => scope?.tools.has(tool))) return false;
  return !paths || [...(scope?.paths ?? [])].some((path) => paths.some((pattern) => matchesGlob(path, pattern)));
}
