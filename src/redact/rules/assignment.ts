import { assignmentLook } from '../looks.ts';
import type { View } from '../view.ts';
import { characterTable } from './characters.ts';
import { type Expectation, expectationOf } from './key-name.ts';
import { operators, operatorsAt } from './operators.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';
import { isSecret, type Setting } from './value.ts';

const keyReach = 64;
const longestValue = 4096;
const wordBefore = /([A-Za-z]{2,16}) $/;
const nameCharacters = characterTable('A-Za-z0-9_$.-');
const keyRest = /[A-Za-z0-9_-]{0,48}(?:\.base(?=[=: ]))?/y;

const scheme =
  /(?:Bearer|AWS4-HMAC-SHA256|Splunk|DPoP|Api-Token|Basic|Token|ApiKey|Api-Key|Digest|Negotiate|SSWS|GenieKey|Klaviyo-API-Key|Bot)[ \t]+/iy;
const nextParameter = /&[A-Za-z_][\w.-]{0,40}=/;
const nextField = /;(?:$|[A-Za-z ]{1,40}=)|,[A-Za-z_ ]{1,40}[=:]|&[A-Za-z_][\w.-]{0,40}=/;
const opening = /(?:[bfruRBFU@$]{1,2}(?=["'`]))?(["'`]{1,3})/y;
const openingCharacters = characterTable('bfruRBFU@$"\'`');
/** A call around a literal: `SecretStr("...")`. */
const wrapper = /[A-Za-z_][\w.:]{0,40}!?\((?=[bruf]?["'`])/y;
const aloneValue = /[^\s"'`<>\\\u0001:]{8,400}["'`]{0,3}[ \t]{0,8}(?:\r?\n|$|")/y;
const bareValue = /[^\s"'`<>\\\u0001]{1,4096}/y;
const bareBeginning = /[^\s"'`<>\\\u0001]{1,48}/y;
const bareStart = /[^\s"'`<>\\\u0001]{1,256}/y;

/** `KEY=value` in all the ways that files, commands, code and people write it. */
export const assignment: Rule = {
  name: 'secret-value',
  triggers: [
    'pass',
    'pwd',
    'secret',
    'token',
    'key',
    'auth',
    'cred',
    'salt',
    'jwt',
    'sig',
    '_pw',
    ' pw',
    'psk',
    'contrase',
    '-pw',
    'bindpw',
    'dbpw',
    'userpw',
    'rootpw',
    'pepper',
    'cookie',
    'seed',
    'api_hash',
  ],
  likely: assignmentLook,
  reach: 320,
  rank: rank.assignment,
  facts: operators.map(({ pattern }) => pattern.source).join(' '),
  find(view, from, to) {
    const text = view.text;
    let start = from;
    while (start > 0 && from - start < keyReach && nameCharacters[text.charCodeAt(start - 1)] === 1) start -= 1;
    const end = nameCharacters[text.charCodeAt(to)] === 1 ? reachOf(keyRest, text, to) : to;
    const name = text.slice(start, end);
    // `Secret access key`: what makes a plain key a secret one is the word before it.
    const key = name.length === 3 && /^key$/i.test(name) ? `${wordAhead(text, start)}_${name}` : name;
    // A segment of a colon-separated name, such as an ARN, is no assignment.
    if (text[start - 1] === ':' && text[end] === ':' && text[end + 1] !== ' ') return nothing;
    if (isNested(text, start)) return nothing;
    const expectation = expectationOf(key);
    if (expectation === undefined) return nothing;
    for (const { pattern, setting } of operatorsAt(text, end)) {
      const at = reachOf(pattern, text, end);
      if (at === end || (setting === 'cell' && !isLine(text, start))) continue;
      const span = valueAt(view, start, end, at, expectation, settingOf(setting, name, text, start));
      if (span !== undefined) return [span];
      if ((setting === 'bare' || setting === 'spaced') && text[at] !== '\n' && text[at] !== '\r') break;
    }
    return nothing;
  },
};

/** Behind what a sticky `pattern` matches at `at`; `at` where that is nothing. */
function reachOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** A flag or a name of the environment has its value behind it, however that looks; of other names only compound ones. */
function settingOf(setting: Setting, name: string, text: string, start: number): Setting {
  if (setting === 'below' && /^--?[A-Za-z]/.test(name)) return 'bare';
  if (setting !== 'spaced') return setting;
  if (/^(?:--?[A-Za-z]|_auth|[A-Z][A-Z0-9]*_[A-Z0-9_]+$)/.test(name)) return 'bare';
  if (name === 'password' && isLine(text, start)) return 'below';
  return /[_-]|[a-z][A-Z]/.test(name) ? 'beside' : 'spaced';
}

/** What makes a plain key a secret one: the word before it, or that it stands in a query. */
function wordAhead(text: string, start: number): string {
  const before = text[start - 1];
  if (before === '?' || before === '&') return 'parameter';
  return wordBefore.exec(text.slice(Math.max(0, start - 20), start))?.[1] ?? '';
}

function valueAt(
  view: View,
  keyStart: number,
  keyEnd: number,
  at: number,
  expectation: Expectation,
  given: Setting,
): Span | undefined {
  const text = view.text;
  opening.lastIndex = at;
  let quote = openingCharacters[text.charCodeAt(at)] === 1 ? opening.exec(text) : null;
  let from = at;
  let to: number | undefined;
  let setting = given;
  if (quote === null) {
    wrapper.lastIndex = at;
    opening.lastIndex = at + (wrapper.exec(text)?.[0].length ?? 0);
    quote = opening.lastIndex > at ? opening.exec(text) : null;
    if (quote !== null) {
      from = wrapper.lastIndex;
      setting = 'argument';
    }
  }
  if (quote !== null) {
    from += quote[0].length;
    to = closingQuote(view, from, quote[1] as string);
    if (setting === 'argument' && to === undefined) return undefined;
    if (
      to !== undefined &&
      setting !== 'argument' &&
      ((given !== 'spaced' && given !== 'beside') || /pass/i.test(text.slice(keyStart, keyEnd)))
    )
      setting = 'quoted';
  }
  if (quote !== null && setting === 'spaced') setting = 'beside';
  if (setting === 'below' && !isAlone(text, from)) return undefined;
  from = reachOf(scheme, text, from);
  if (to === undefined) {
    const value =
      text[from + 4] === ' ' && /mail|smtp|app|pass|secret/i.test(text.slice(keyStart, keyEnd))
        ? grouped(text, from)
        : bareAt(text, from);
    if (given === 'bare' && isLine(text, keyStart)) setting = 'line';
    view.readTo = from + value.length;
    // A number of the record's own JSON: a mark in its place would break the line.
    if (text[keyEnd] === '"' && view.depth(keyEnd) === 0 && quote === null) return undefined;
    to = from + trimmed(value, text, keyStart, setting).length;
  }
  return isSecret(text.slice(from, to), expectation, setting) ? { from, to } : undefined;
}

/** What some services show in groups of four with spaces between them, or a bare value as any other. */
function grouped(text: string, from: number): string {
  const groups =
    /^(?:[a-z]{4}(?: [a-z]{4}){3}|[A-Z2-7]{4}(?: [A-Z2-7]{4}){3,7}|[A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){5})(?![A-Za-z0-9])/;
  return groups.exec(text.slice(from, from + 40))?.[0] ?? bareAt(text, from);
}

/** Everything up to a space or quote; no further than to a sign of the next assignment. */
function bareAt(text: string, from: number): string {
  const beginning = text.slice(from, reachOf(bareBeginning, text, from));
  if (beginning.length < 48) return beginning;
  const field = nextField.exec(beginning);
  if (field !== null && field.index + field[0].length < beginning.length) return beginning;
  const start = text.slice(from, reachOf(bareStart, text, from));
  return start.length < 256 || nextField.test(start) ? start : text.slice(from, reachOf(bareValue, text, from));
}

const breaks = characterTable(' \\n\\t&;,?{}"\'`|');

/** `a=b=c=d` without a break is no list of settings: the fourth name is part of a value. */
function isNested(text: string, keyStart: number): boolean {
  let operators = 0;
  for (let at = keyStart - 1; at >= 0 && keyStart - at < keyReach; at -= 1) {
    const code = text.charCodeAt(at);
    if (breaks[code] === 1) return false;
    if ((code === 0x3d || code === 0x3a) && ++operators === 3) return true;
  }
  return false;
}

/** The quote that closes a string: of the same kind, and not deeper in escapes than the one that opened it. */
function closingQuote(view: View, from: number, quote: string): number | undefined {
  const depth = view.depth(from - 1);
  const character = quote[0] as string;
  const text = view.text.slice(from, from + longestValue);
  let at = text.indexOf(character);
  while (at >= 0 && view.depth(from + at) > depth) at = text.indexOf(character, at + 1);
  if (at < 0) return undefined;
  const line = text.indexOf('\n');
  return line >= 0 && line < at ? undefined : from + at;
}

/** What may stand in a line before its key. */
const leadCharacters = characterTable(' \\t0-9|+=exportsnvENVARG\\u00e2\\u0086\\u0092\\u00ff-');

/** The key stands first in its line, as in a file of settings, or behind a word that sets the environment. */
function isLine(text: string, keyStart: number): boolean {
  const earliest = Math.max(0, keyStart - 24);
  let start = keyStart;
  while (start > earliest && leadCharacters[text.charCodeAt(start - 1)] === 1) start -= 1;
  if (start > earliest && !'\n"\'`'.includes(text[start - 1] as string)) return false;
  const before = text.slice(earliest, keyStart);
  return /(?:^|[\n"'`])[ \t]*(?:\d+(?:\u00e2\u0086\u0092|\u00ff|[\t|]))?[+ -]{0,2}(?:(?:export|set|setenv|ENV|ARG|-e|--env)[ =])?[ \t]*$/.test(
    before,
  );
}

/** Nothing but the value stands in its line. */
function isAlone(text: string, from: number): boolean {
  aloneValue.lastIndex = from;
  return aloneValue.test(text);
}

/** Cuts off what belongs to the text around a bare value. */
function trimmed(value: string, text: string, keyStart: number, setting: Setting): string {
  const before = text[keyStart - 1];
  let end = value.length;
  if (/[&#;,]/.test(value)) {
    const query = before === '?' || before === '&' ? value.search(/[&#]/) : value.search(nextParameter);
    if (query >= 0) end = Math.min(end, query);
    const next = value.search(nextField);
    if (next >= 0) end = Math.min(end, next);
  }
  const cut = value.slice(0, end);
  if (setting === 'line') return cut.replace(/[,;]$/, '');
  let length = cut.length;
  while (length > 0 && ',;:.?)]}|*'.includes(cut[length - 1] as string)) length -= 1;
  return cut.slice(0, length);
}
