import { characterTable } from './characters.ts';
import type { Setting } from './value.ts';

export interface Operator {
  readonly pattern: RegExp;
  /** Characters with which it may begin, as they are written between brackets: most are dismissed by the first. */
  readonly first: string;
  /** The same of what is behind the spaces, where it may begin with some. */
  readonly next?: string;
  /** The same of what is behind a colon or an equals sign that it begins with, and spaces. */
  readonly behind?: string;
  readonly setting: Setting;
}

/** What may stand between a key and its value, the most telling first. */
export const operators: readonly Operator[] = [
  // `"name": "DB_PASSWORD", "value": "..."`, `- name: DB_PASSWORD` and `value: ...` on the next line
  {
    pattern:
      /["']?[ \t]{0,8}(?:,|:\s{0,4}\{)?\s{0,40}(?:["'][\w-]{1,20}["']\s{0,4}:\s{0,4}["']?[^"'{}\n]{0,60}["']?,\s{0,40}){0,2}["']?\b[a-z_]{0,12}value["']?[ \t]{0,8}[:=][ \t]{0,8}/iy,
    first: '\\s"\',:A-Za-z_',
    next: '\\s"\',:A-Za-z_',
    behind: '{\\s',
    setting: 'bare',
  },
  // `<setting name="Token"><value>`
  { pattern: /["'][^>\n]{0,60}>\s{0,16}<value>/y, first: '"\'', setting: 'bare' },
  // `"token"]=> string(40) "..."`, as PHP shows what it has
  { pattern: /["']?\]\s{0,2}=>\s{0,12}string\(\d{1,5}\)\s{1,4}(?=["'])/y, first: '"\'\\]', setting: 'bare' },
  // What takes the place of what: `token = "old" -> "new"`
  {
    pattern: /"?[ \t]{0,32}[:=][ \t]{0,4}(?:"[^"\n]{0,200}"|\([a-z ]{1,24}\)) -> (?=")/y,
    first: '" \\t:=',
    next: ':=',
    behind: '"(',
    setting: 'bare',
  },
  // `const apiKey string = "..."`, `string Token { get; set; } = "..."`
  {
    pattern: /[ \t]{1,4}(?:\*?string|&str|\[\]byte|\{ ?get;[^}\n]{0,40}\})[ \t]{0,4}=(?![=>])[ \t]{0,4}/iy,
    first: ' \\t',
    next: '*&{sS\\[',
    setting: 'bare',
  },
  // A block of YAML
  { pattern: /["']?:[ \t]{0,4}[>|][+-]?\d?[ \t]{0,4}\r?\n[ \t]{1,24}/y, first: '"\':', behind: '>|', setting: 'bare' },
  // `api_key = <<EOT`, and the value below
  {
    pattern: /[ \t]{0,32}=[ \t]{0,4}<<[-~]?["']?[A-Z]{2,12}["']?\r?\n[ \t]{0,24}/y,
    first: ' \\t=',
    next: '=',
    behind: '<',
    setting: 'below',
  },
  // `"--api-key", default="..."`
  {
    pattern: /["'],[ \t]{0,4}(?:[a-z_]{1,12}=[^,"'\n]{1,20},[ \t]?){0,2}(?:default|value|const)=(?=["'])/y,
    first: '"\'',
    setting: 'bare',
  },
  // `token === "..."`, `expect(token).toBe("...")`
  {
    pattern: /[ \t]{0,4}[!=]==?[ \t]{0,4}(?=["'`])|\)\.to(?:Be|Equal|StrictEqual)\((?=["'`])/y,
    first: ' \\t!=)',
    next: '!=',
    behind: '=',
    setting: 'argument',
  },
  // A list of arguments, one a line
  {
    pattern: /["']?,?[ \t]{0,4}\r?\n[ \t]{0,24}-[ \t]{1,4}(?=\S)/y,
    first: '"\', \\t\\r\\n',
    next: '\\r\\n',
    setting: 'below',
  },
  // `apiKey: string = "..."`
  {
    pattern: /[?!]?[ \t]{0,4}:[ \t]{0,4}[&'A-Za-z<>| ]{1,40}=(?![=>])[ \t]{0,4}/y,
    first: '?! \\t:',
    next: ':',
    behind: "&'A-Za-z<>|=",
    setting: 'bare',
  },
  {
    pattern:
      /(?:[ \t]\d{1,2})?["'`*_]{0,3}[\])]{0,2}(?:[ \t]\[[^\]\n]{0,24}\])?[ \t]{0,32}(?:[:?+]=|\|\|=|\?\?=|=>|->|=(?![=>])|:(?!:)|\u00ef\u00bc\u009a)[*_]{0,2}[ \t]{0,32}(?:&[a-z]\w{0,20}[ \t])?/y,
    first: ' \\t"\'`*_\\])[:?+|=\\-\\u00ef',
    next: '\\d"\'`*_\\])[:?+|=\\-\\u00ef',
    setting: 'bare',
  },
  { pattern: /["'`],[ \t]{0,16}(?=["'`])/y, first: '"\'`', setting: 'bare' },
  // `.api_key("...")`
  { pattern: /\((?=[bruf]?["'`])/y, first: '(', setting: 'argument' },
  // `process.env.API_KEY ?? "..."`
  {
    pattern: /["'\])]{0,3}[ \t]{0,4}(?:\|\||\?\?|or )[ \t]{0,4}(?=["'`])/y,
    first: '"\'\\]) \\t|?o',
    next: '|?o',
    setting: 'bare',
  },
  // `<key>apiKey</key> <string>...` of a property list
  { pattern: /<\/key>\s{0,40}<string>/y, first: '<', setting: 'bare' },
  // `variable "api_key" { type = string default = "..." }`
  {
    pattern:
      /" {0,4}\{\s{0,20}(?:(?:type|description|sensitive|nullable) {0,12}= {0,4}[^\n]{0,100}\n\s{0,16}){0,4}default {0,12}= {0,4}/y,
    first: '"',
    setting: 'bare',
  },
  {
    pattern:
      /(?:[*_"'`]{0,3}[ \t]{1,3}(?:for|of|on|to|in|from|at)[ \t][^\n"'`:=]{1,40}?|[ \t]{1,3}(?:here|there|again|currently|now))?[*_"'`]{0,3}(?:[ \t]{1,3}(?:(?:is|was|are|\u00c3[\u00a8\u00a9]|(?:should|must|will) be)(?: (?:now|set to|still))?|to|with|equals|=|est|ist|lautet|es)[ \t:]{1,3}|[ \t](?:created|generated|issued|set|changed|reset)(?: to)?[ \t:]{1,3}|'s |:[ \t]{1,3}|[ \t]\()/iy,
    first: ' \\t*_"\'`:',
    next: 'A-Za-z*_"\'`\\u00c3=:(',
    setting: 'prose',
  },
  {
    pattern: /[*_`]{0,2}[ \t]{0,32}(?:\||\u00e2\u0094[\u0082\u0083]|\u00e2\u0095\u0091)[ \t]{0,8}/y,
    first: '*_` \\t|\\u00e2',
    next: '|\\u00e2',
    setting: 'prose',
  },
  {
    pattern: /["']?[ \t]{0,2}(?:(?:type|encoding)=["'][a-z0-9]{1,12}["'][ \t]{0,2})?>(?![@:/])/y,
    first: '"\' \\tte>',
    next: 'tTeE>',
    setting: 'prose',
  },
  // `the api key:`, and the key alone on a line below
  {
    pattern: /["'`*_]{0,3}:[*_]{0,2}[ \t]{0,4}(?:\r?\n){1,3}[ \t>]{0,8}/y,
    first: '"\'`*_:',
    behind: '*_\\r\\n',
    setting: 'below',
  },
  // A row of a table of names and values
  { pattern: /"?,"?(?=[^\s,"'])/y, first: '",', setting: 'cell' },
  { pattern: /[ \t]{2,40}(?=\S{16,200}[ \t]{0,20}(?:\n|$))/y, first: ' \\t', next: '^ \\t', setting: 'cell' },
  {
    pattern:
      /["'`]?[ \t]{1,32}(?:(?:-string|-b|--body|--value|production|preview|development|<<<)[ \t=]{0,4}){0,2}(?=\S)/y,
    first: '"\'` \\t',
    next: '^ \\t',
    setting: 'spaced',
  },
];

/** Sets of no character and of all. */
const nothing = '^\\0-\\u00ff';
const anything = '\\0-\\u00ff';

type Lists = readonly (readonly Operator[])[];
const nobody: readonly Operator[] = [];

/** The operators that may begin with each character, and those that may begin with spaces and have it behind them. */
const byFirst = byCharacter(operators, ({ first }) => first, nothing);
const byNext = byCharacter(operators, ({ next }) => next, nothing);
/** Those that begin with a colon or an equals sign, by what is behind it and spaces. */
const byBehind = new Map([byFirst, byNext].flatMap((lists) => [...':='].map((sign) => refined(lists, sign))));

function refined(lists: Lists, sign: string): readonly [readonly Operator[], Lists] {
  const list = lists[sign.charCodeAt(0)] ?? nobody;
  return [list, byCharacter(list, ({ behind }) => behind, anything)];
}

/** Those of `list` in whose set each character is. */
function byCharacter(
  list: readonly Operator[],
  of: (operator: Operator) => string | undefined,
  otherwise: string,
): Lists {
  const tables = list.map((operator) => characterTable(of(operator) ?? otherwise));
  return Array.from({ length: 256 }, (_, code) => list.filter((_, i) => tables[i]?.[code] === 1));
}

/** Those that may stand at `at`, the most telling first. */
export function operatorsAt(text: string, at: number): readonly Operator[] {
  const sign = skipBlanks(text, at);
  const list = (sign > at ? byNext : byFirst)[text.charCodeAt(sign)] ?? nobody;
  return byBehind.get(list)?.[text.charCodeAt(skipBlanks(text, sign + 1))] ?? list;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at += 1;
  return at;
}
