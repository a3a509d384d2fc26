import { assignmentLook } from '../looks.ts';
import type { View } from '../view.ts';
import { type Expectation, expectationOf } from './key-name.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';
import { isSecret, type Setting } from './value.ts';

const keyReach = 64;
const longestValue = 4096;
const wordCharacter = /[A-Za-z0-9_$.-]/;
const wordBefore = /([A-Za-z]{2,16}) $/;
const keyRest = /[A-Za-z0-9_-]{0,48}(?:\.base(?=[=: ]))?/y;

/** What may stand between a key and its value, the most telling first. */
const operators: readonly { readonly pattern: RegExp; readonly setting: Setting }[] = [
  // `"name": "DB_PASSWORD", "value": "..."`, `- name: DB_PASSWORD` and `value: ...` on the next line
  {
    pattern:
      /["']?[ \t]{0,8}(?:,|:\s{0,4}\{)?\s{0,40}(?:["'][\w-]{1,20}["']\s{0,4}:\s{0,4}["']?[^"'{}\n]{0,60}["']?,\s{0,40}){0,2}["']?\b[a-z_]{0,12}value["']?[ \t]{0,8}[:=][ \t]{0,8}/iy,
    setting: 'bare',
  },
  // `<setting name="Token"><value>`
  { pattern: /["'][^>\n]{0,60}>\s{0,16}<value>/y, setting: 'bare' },
  // `"token"]=> string(40) "..."`, as PHP shows what it has
  { pattern: /["']?\]\s{0,2}=>\s{0,12}string\(\d{1,5}\)\s{1,4}(?=["'])/y, setting: 'bare' },
  // What takes the place of what: `token = "old" -> "new"`
  { pattern: /"?[ \t]{0,32}[:=][ \t]{0,4}(?:"[^"\n]{0,200}"|\([a-z ]{1,24}\)) -> (?=")/y, setting: 'bare' },
  // `const apiKey string = "..."`, `string Token { get; set; } = "..."`
  {
    pattern: /[ \t]{1,4}(?:\*?string|&str|\[\]byte|\{ ?get;[^}\n]{0,40}\})[ \t]{0,4}=(?![=>])[ \t]{0,4}/iy,
    setting: 'bare',
  },
  // A block of YAML
  { pattern: /["']?:[ \t]{0,4}[>|][+-]?\d?[ \t]{0,4}\r?\n[ \t]{1,24}/y, setting: 'bare' },
  // `api_key = <<EOT`, and the value below
  { pattern: /[ \t]{0,32}=[ \t]{0,4}<<[-~]?["']?[A-Z]{2,12}["']?\r?\n[ \t]{0,24}/y, setting: 'below' },
  // `"--api-key", default="..."`
  {
    pattern: /["'],[ \t]{0,4}(?:[a-z_]{1,12}=[^,"'\n]{1,20},[ \t]?){0,2}(?:default|value|const)=(?=["'])/y,
    setting: 'bare',
  },
  // `token === "..."`, `expect(token).toBe("...")`
  { pattern: /[ \t]{0,4}[!=]==?[ \t]{0,4}(?=["'`])|\)\.to(?:Be|Equal|StrictEqual)\((?=["'`])/y, setting: 'argument' },
  // A list of arguments, one a line
  { pattern: /["']?,?[ \t]{0,4}\r?\n[ \t]{0,24}-[ \t]{1,4}(?=\S)/y, setting: 'below' },
  // `apiKey: string = "..."`
  { pattern: /[?!]?[ \t]{0,4}:[ \t]{0,4}[&'A-Za-z<>| ]{1,40}=(?![=>])[ \t]{0,4}/y, setting: 'bare' },
  {
    pattern:
      /(?:[ \t]\d{1,2})?["'`*_]{0,3}[\])]{0,2}(?:[ \t]\[[^\]\n]{0,24}\])?[ \t]{0,32}(?:[:?+]=|\|\|=|\?\?=|=>|->|=(?![=>])|:(?!:)|\u00ef\u00bc\u009a)[*_]{0,2}[ \t]{0,32}(?:&[a-z]\w{0,20}[ \t])?/y,
    setting: 'bare',
  },
  { pattern: /["'`],[ \t]{0,16}(?=["'`])/y, setting: 'bare' },
  // `.api_key("...")`
  { pattern: /\((?=[bruf]?["'`])/y, setting: 'argument' },
  // `process.env.API_KEY ?? "..."`
  { pattern: /["'\])]{0,3}[ \t]{0,4}(?:\|\||\?\?|or )[ \t]{0,4}(?=["'`])/y, setting: 'bare' },
  // `<key>apiKey</key> <string>...` of a property list
  { pattern: /<\/key>\s{0,40}<string>/y, setting: 'bare' },
  // `variable "api_key" { type = string default = "..." }`
  {
    pattern:
      /" {0,4}\{\s{0,20}(?:(?:type|description|sensitive|nullable) {0,12}= {0,4}[^\n]{0,100}\n\s{0,16}){0,4}default {0,12}= {0,4}/y,
    setting: 'bare',
  },
  {
    pattern:
      /(?:[*_"'`]{0,3}[ \t]{1,3}(?:for|of|on|to|in|from|at)[ \t][^\n"'`:=]{1,40}?|[ \t]{1,3}(?:here|there|again|currently|now))?[*_"'`]{0,3}(?:[ \t]{1,3}(?:(?:is|was|are|\u00c3[\u00a8\u00a9]|(?:should|must|will) be)(?: (?:now|set to|still))?|to|with|equals|=|est|ist|lautet|es)[ \t:]{1,3}|[ \t](?:created|generated|issued|set|changed|reset)(?: to)?[ \t:]{1,3}|'s |:[ \t]{1,3}|[ \t]\()/iy,
    setting: 'prose',
  },
  { pattern: /[*_`]{0,2}[ \t]{0,32}(?:\||\u00e2\u0094[\u0082\u0083]|\u00e2\u0095\u0091)[ \t]{0,8}/y, setting: 'prose' },
  { pattern: /["']?[ \t]{0,2}(?:(?:type|encoding)=["'][a-z0-9]{1,12}["'][ \t]{0,2})?>(?![@:/])/y, setting: 'prose' },
  // `the api key:`, and the key alone on a line below
  { pattern: /["'`*_]{0,3}:[*_]{0,2}[ \t]{0,4}(?:\r?\n){1,3}[ \t>]{0,8}/y, setting: 'below' },
  // A row of a table of names and values
  { pattern: /"?,"?(?=[^\s,"'])/y, setting: 'cell' },
  { pattern: /[ \t]{2,40}(?=\S{16,200}[ \t]{0,20}(?:\n|$))/y, setting: 'cell' },
  {
    pattern:
      /["'`]?[ \t]{1,32}(?:(?:-string|-b|--body|--value|production|preview|development|<<<)[ \t=]{0,4}){0,2}(?=\S)/y,
    setting: 'spaced',
  },
];

const scheme =
  /(?:Bearer|AWS4-HMAC-SHA256|Splunk|DPoP|Api-Token|Basic|Token|ApiKey|Api-Key|Digest|Negotiate|SSWS|GenieKey|Klaviyo-API-Key|Bot)[ \t]+/iy;
const nextParameter = /&[A-Za-z_][\w.-]{0,40}=/;
const nextField = /;(?:$|[A-Za-z ]{1,40}=)|,[A-Za-z_ ]{1,40}[=:]|&[A-Za-z_][\w.-]{0,40}=/;
const opening = /(?:[bfruRBFU@$]{1,2}(?=["'`]))?(["'`]{1,3})/y;
/** A call around a literal: `SecretStr("...")`. */
const wrapper = /[A-Za-z_][\w.:]{0,40}!?\((?=[bruf]?["'`])/y;
const aloneValue = /[^\s"'`<>\\\u0001:]{8,400}["'`]{0,3}[ \t]{0,8}(?:\r?\n|$|")/y;
const bareValue = /[^\s"'`<>\\\u0001]{1,4096}/y;
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
    while (start > 0 && from - start < keyReach && wordCharacter.test(text[start - 1] as string)) start -= 1;
    keyRest.lastIndex = to;
    const end = to + (keyRest.exec(text)?.[0].length ?? 0);
    const name = text.slice(start, end);
    // `Secret access key`: what makes a plain key a secret one is the word before it.
    const key = /^key$/i.test(name) ? `${wordAhead(text, start)}_${name}` : name;
    // A segment of a colon-separated name, such as an ARN, is no assignment.
    if (text[start - 1] === ':' && text[end] === ':' && text[end + 1] !== ' ') return nothing;
    if (isNested(text, start)) return nothing;
    const expectation = expectationOf(key);
    if (expectation === undefined) return nothing;
    for (const { pattern, setting } of operators) {
      pattern.lastIndex = end;
      const match = pattern.exec(text);
      if (match === null || (setting === 'cell' && !isLine(text, start))) continue;
      const span = valueAt(
        view,
        start,
        end,
        end + match[0].length,
        expectation,
        settingOf(setting, name, isLine(text, start)),
      );
      if (span !== undefined) return [span];
      if ((setting === 'bare' || setting === 'spaced') && !/[\r\n]/.test(text[end + match[0].length] ?? '')) break;
    }
    return nothing;
  },
};

/** A flag or a name of the environment has its value behind it, however that looks; of other names only compound ones. */
function settingOf(setting: Setting, name: string, isFirst: boolean): Setting {
  if (setting === 'below' && /^--?[A-Za-z]/.test(name)) return 'bare';
  if (setting !== 'spaced') return setting;
  if (/^(?:--?[A-Za-z]|_auth|[A-Z][A-Z0-9]*_[A-Z0-9_]+$)/.test(name)) return 'bare';
  if (name === 'password' && isFirst) return 'below';
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
  let quote = opening.exec(text);
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
  scheme.lastIndex = from;
  from += scheme.exec(text)?.[0].length ?? 0;
  if (to === undefined) {
    const value = /mail|smtp|app|pass|secret/i.test(text.slice(keyStart, keyEnd))
      ? grouped(text, from)
      : bareAt(text, from);
    if (given === 'bare' && isLine(text, keyStart)) setting = 'line';
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
  bareStart.lastIndex = from;
  const start = bareStart.exec(text)?.[0] ?? '';
  if (start.length < 256 || nextField.test(start)) return start;
  bareValue.lastIndex = from;
  return bareValue.exec(text)?.[0] ?? '';
}

/** `a=b=c=d` without a break is no list of settings: the fourth name is part of a value. */
function isNested(text: string, keyStart: number): boolean {
  let operators = 0;
  for (let at = keyStart - 1; at >= 0 && keyStart - at < keyReach; at -= 1) {
    const character = text[at] as string;
    if (' \n\t&;,?{}"\'`|'.includes(character)) return false;
    if ((character === '=' || character === ':') && ++operators === 3) return true;
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

/** The key stands first in its line, as in a file of settings, or behind a word that sets the environment. */
function isLine(text: string, keyStart: number): boolean {
  const before = text.slice(Math.max(0, keyStart - 24), keyStart);
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
  const query = before === '?' || before === '&' ? value.search(/[&#]/) : value.search(nextParameter);
  if (query >= 0) end = Math.min(end, query);
  const next = value.search(nextField);
  if (next >= 0) end = Math.min(end, next);
  const cut = value.slice(0, end);
  if (setting === 'line') return cut.replace(/[,;]$/, '');
  let length = cut.length;
  while (length > 0 && ',;:.?)]}|*'.includes(cut[length - 1] as string)) length -= 1;
  return cut.slice(0, length);
}
