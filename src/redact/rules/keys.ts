import { bytesLook } from '../looks.ts';
import type { View } from '../view.ts';
import { characterTable } from './characters.ts';
import { shape } from './fixed.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';

/** Longest key block that is looked for: a 16,384 bit RSA key in PEM has 12,700 characters. */
const blockReach = 24_000;

const header = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
const footer = /-----END (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/;

/** In front of a line of a key: number and arrow of a file viewer, diff signs, quotes of source code, indent. */
const margin = `(?:[ \\t]{0,64}(?:\\d{1,6}(?:\\u00e2\\u0086\\u0092|\\u00ff|[\\t:|]))?[ \\t>|"'\`+*#/-]{0,64})`;
/** Behind it: the end of a literal and its concatenation. */
const tail = `(?:["'\`]?[ \\t]{0,8}[,+.;)\\\\]{0,3}[ \\t|]{0,64})`;
const attribute = '(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash|MessageID)[:][^\\n]{0,200}';
const bodyLine = new RegExp(`${margin}(?:[A-Za-z0-9+/=]{1,200}|${attribute})?${tail}(?:\\r?\\n|$|(?="))`, 'y');
/** A body shorter than this is an ellipsis in some document. */
const leastBody = 24;
/** Nothing but line ends up to the end of the string. */
const stringEnd = /[\r\n]{0,4}(?:$|(?="))/y;
const base64 = characterTable('A-Za-z0-9+/=');
const bodyCharacters = characterTable('A-Za-z0-9+/=\\s"\'`|>\\u00e2\\u0086\\u0092-');

/** PEM, OpenSSH and PGP private keys, whole or with their end cut off. */
const pem: Rule = {
  name: 'private-key',
  triggers: ['-----begin '],
  likely: isPrivate,
  reach: blockReach,
  rank: rank.key,
  facts: header.source + bodyLine.source,
  find(view, from) {
    header.lastIndex = from;
    const head = header.exec(view.text);
    if (head === null) return nothing;
    const body = from + head[0].length;
    const next = view.text.indexOf('-----BEGIN ', body);
    const limit = Math.min(body + blockReach, next < 0 ? view.text.length : next);
    const foot = view.text.slice(body, limit).search(footer);
    if (foot >= 0) {
      const end = view.text.indexOf('KEY', body + foot);
      const to = view.text.indexOf('-----', end) + 5;
      return hasBody(view.text, body, body + foot) ? [{ from, to }] : nothing;
    }
    const end = linesEnd(view.text, body);
    if (hasBody(view.text, body, end)) return [{ from, to: end }];
    // Its lines may stand in the records behind this one: a finding without a length, which is open.
    return isLast(view, body) ? [{ from: body, to: body }] : nothing;
  },
};

/** The end of a key whose beginning is out of sight: its lines are found backwards. */
const pemEnd: Rule = {
  name: 'private-key',
  triggers: ['-----end '],
  likely: isPrivate,
  back: blockReach,
  reach: 80,
  rank: rank.key,
  facts: 'backwards',
  find(view, from) {
    const foot = footer.exec(view.text.slice(from, from + 100));
    if (foot === null || foot.index !== 0) return nothing;
    const start = linesStart(view, from);
    return hasBody(view.text, start, from) ? [{ from: start, to: from + foot[0].length }] : nothing;
  },
};

function isLast(view: View, at: number): boolean {
  stringEnd.lastIndex = at;
  if (!stringEnd.test(view.text)) return false;
  const end = stringEnd.lastIndex;
  return end === view.text.length ? !view.cut : view.depth(end) === 0;
}

function isPrivate(raw: Uint8Array, _from: number, to: number): boolean {
  return Buffer.from(raw.buffer, raw.byteOffset + to, Math.min(48, raw.length - to)).includes('PRIVATE');
}

/** Whether the body of a key stands in `[from, to)`. */
function hasBody(text: string, from: number, to: number): boolean {
  let length = 0;
  for (let at = from; at < to && length < leastBody; at += 1) length += base64[text.charCodeAt(at)] as number;
  return length >= leastBody;
}

function linesEnd(text: string, from: number): number {
  let at = from;
  let end = from;
  bodyLine.lastIndex = at;
  for (let match = bodyLine.exec(text); match !== null && match[0].length > 0; match = bodyLine.exec(text)) {
    at += match[0].length;
    if (/[A-Za-z0-9+/=]/.test(match[0])) end = at;
  }
  return end;
}

/** Back over what base64, line ends and margins are made of, to the quote that opens the string. */
function linesStart(view: View, from: number): number {
  let at = from;
  while (at > 0 && from - at < blockReach) {
    const character = view.text[at - 1] as string;
    if (character === '"' && view.depth(at - 1) === 0) break;
    if (character === '-' && view.text[at - 2] === '-') break;
    if (bodyCharacters[character.charCodeAt(0)] !== 1) break;
    at -= 1;
  }
  return at;
}

const hexLine = '[0-9a-f]{32}';
const base64Line = '[A-Za-z0-9+/=]{8,80}';

export const keys: readonly Rule[] = [
  pem,
  pemEnd,
  shape(
    'private-key',
    ['private-lines:'],
    `Private-Lines: \\d{1,4}\\s{1,4}((?:${margin}${base64Line}\\s{1,4}){1,200})`,
    { reach: blockReach, rank: rank.key },
  ),
  shape(
    'private-key',
    ['begin openvpn static key'],
    `BEGIN OpenVPN Static key V1-----\\s{1,4}((?:${margin}${hexLine}\\s{1,4}){1,40})`,
    { reach: 2400, rank: rank.key },
  ),
  shape(
    'private-key',
    ['---- begin ssh2 encrypted private key ----'],
    `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\\s{1,4}(?:[A-Z][A-Za-z-]{1,20}: [^\\n]{0,200}\\s{1,4}){0,4}((?:${margin}${base64Line}\\s{0,4}){1,400})`,
    { reach: blockReach, rank: rank.key },
  ),
  shape('private-key', ['rwrty0iy', 'rwrcsw'], '(?<![A-Za-z0-9+/])((?:RWRTY0Iy|RWRCSw)[A-Za-z0-9+/]{90,400}={0,2})', {
    rank: rank.key,
  }),
  shape(
    'private-key',
    ['ls0tls1crudjtib'],
    '(LS0tLS1CRUdJTi[A-Za-z0-9+/=]{30,22000}(?:\\r?\\n[ \\t]{0,16}[A-Za-z0-9+/=]{8,200}(?=[\\s"]|$)){0,300})',
    {
      reach: blockReach,
      rank: rank.key,
      ahead: (text, at) =>
        Buffer.from(text.slice(at, at + 80), 'base64')
          .toString('latin1')
          .includes('PRIVATE KEY'),
    },
  ),
  shape(
    'jwt',
    ['eyj'],
    '(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{10,4000}\\.(?:eyJ[A-Za-z0-9_-]{4,12000}\\.[A-Za-z0-9_-]{8,2000}|[A-Za-z0-9_-]{0,2000}\\.[A-Za-z0-9_-]{8,200}\\.[A-Za-z0-9_-]{8,12000}\\.[A-Za-z0-9_-]{8,200}))',
    {
      reach: 4096,
      rank: rank.token,
      likely: bytesLook([
        { at: 0, is: 'e' },
        { at: 2, is: 'J' },
        { at: 3, is: '0-\u00ff' },
      ]),
    },
  ),
  jwk(),
];

/** Private members of a JSON Web Key (RFC 7517): `d`, the primes, and `k` of a symmetric key. */
function jwk(): Rule {
  const member = /["'](?:d|p|q|dp|dq|qi|k)["']\s{0,4}:\s{0,4}["']([A-Za-z0-9_-]{20,2000})["']/g;
  return {
    name: 'jwk',
    triggers: ['"kty', "'kty"],
    back: 3000,
    reach: 6000,
    rank: rank.key,
    facts: member.source,
    find(view, from, to) {
      if (!view.text.startsWith('kty', from + 1)) return nothing;
      // An earlier member of the same set was read this far.
      if (view.text.slice(Math.max(0, from - 300), from).includes('kty')) return nothing;
      const earliest = Math.max(0, from - 2800);
      const start = earliest + Math.max(0, view.text.slice(earliest, from).lastIndexOf('{'));
      const text = view.text.slice(start, to + 6000);
      const spans: Span[] = [];
      for (const match of text.matchAll(member)) {
        const value = match[1] as string;
        const at = start + match.index + match[0].length - value.length - 1;
        spans.push({ from: at, to: at + value.length });
      }
      return spans;
    },
  };
}
