import { createHmac } from 'node:crypto';
import type { Allowance, OwnRule, RedactionSettings } from '../config/redaction.ts';
import { CairnError } from '../errors.ts';
import { longestWord } from './engine.ts';
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

/** Sessions of one configuration share its policy: each engine takes megabytes, and a process has room for few. */
const compiled = new WeakMap<RedactionSettings, { readonly key: Uint8Array; readonly policy: Policy }>();

/** The policy of a configuration, the same one for the same object. @throws CairnError `config` as `compilePolicy` */
export function policyOf({
  key,
  settings,
}: {
  readonly key: Uint8Array;
  readonly settings?: RedactionSettings;
}): Policy {
  if (!settings) return builtInPolicy;
  const known = compiled.get(settings);
  if (known && Buffer.compare(known.key, key) === 0) return known.policy;
  const policy = compilePolicy(settings, key);
  compiled.set(settings, { key, policy });
  return policy;
}

/** @throws CairnError `config` for a rule that cannot be used, a name that no rule has, or more than there is room for */
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
  const own: readonly Rule[] = [...settings.rules.map(ownRule), ...settings.names.map(nameRule)];
  checkRoom(new Set(own.flatMap(({ triggers }) => triggers)));
  const set = [...rules, ...own];
  const instead = new Map(settings.names.map((name) => [name.rule as string, name.instead]));
  const scopes = scopesOf(settings.rules);
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
      if (scopes.get(rule)?.some((own) => isWithin(own, scope)) === false) return false;
      return !allowances.some((allows) => allows(rule, secret, scope));
    },
    instead: (rule) => instead.get(rule),
  };
}

/** Rules of one name, from two files say, hold where one of them does. */
function scopesOf(own: readonly OwnRule[]): ReadonlyMap<string, readonly OwnRule[]> {
  const scopes = new Map<string, OwnRule[]>();
  for (const rule of own) {
    if ((rule.tools || rule.paths) && rules.some(({ name }) => name === rule.name)) {
      throw new CairnError('config', `expected another name for a rule with tools or paths, got ${rule.name}`, {
        hint: 'a rule that is built in has this name, and would hold nowhere else',
      });
    }
    scopes.set(rule.name, [...(scopes.get(rule.name) ?? []), rule]);
  }
  return scopes;
}

/** Bytes of words of the user's: with those of the rules that are built in they are fewer than the engine has states. */
const mostOwnBytes = 50_000;

function checkRoom(words: ReadonlySet<string>): void {
  let bytes = 0;
  for (const word of words) {
    bytes += word.length;
    if (word.length > longestWord) {
      const shown = JSON.stringify(Buffer.from(word.slice(0, 40), 'latin1').toString());
      throw new CairnError('config', `expected names of at most ${longestWord} bytes, got ${word.length}: ${shown} …`, {
        hint: 'a part of it that stands nowhere else is enough',
      });
    }
  }
  if (bytes > mostOwnBytes) {
    throw new CairnError(
      'config',
      `expected names, and the plain beginnings of patterns, of at most ${mostOwnBytes} bytes together, got ${bytes}`,
      { hint: 'one [[rule]] finds all that begin alike; leave out names that are not looked for' },
    );
  }
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
