import { isPlaceholder } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { isRun } from '../raw.ts';
import { shape } from './fixed.ts';
import { isPassword } from './password.ts';
import type { Rule } from './rule.ts';

/** A string in the place of a call where a secret belongs. */
function argument(names: string, before: string, valid = isKey): Rule {
  return shape(
    'code-secret',
    names.split(' ').map((name) => `${name}(`),
    `[A-Za-z_.:\\]]{3,24}\\(\\s{0,20}${before}[bru]?(?:"([^"\\s]{6,200})"|'([^'\\s]{6,200})')`,
    { likely: hasQuote, valid, ...(before !== '' && { ahead: hasComma }) },
  );
}

function isKey(secret: string): boolean {
  return isRandom(secret, 14) && !isPlaceholder(secret);
}

/** Another argument begins where the pattern looks for its comma. */
function hasComma(text: string, at: number): boolean {
  return text.slice(at, at + 128).includes(',');
}

/** A literal begins before the line ends: most such calls are given variables. */
function hasQuote(raw: Uint8Array, _from: number, to: number): boolean {
  for (let at = to; at < to + 100; at += 1) {
    const byte = raw[at];
    if (byte === 0x22 || byte === 0x27) return true;
    if (byte === undefined || byte === 0x0a || (byte === 0x5c && raw[at + 1] === 0x6e)) return false;
  }
  return false;
}

const first = '';
const second = `[^,\\n]{1,80},\\s{0,20}`;
const third = `[^,\\n]{1,80},\\s{0,20}[^,\\n]{1,80},\\s{0,20}`;

/** Keys and passwords written into programs without a name beside them. */
export const code: readonly Rule[] = [
  argument('hmac.new fernet .login bearer .type .fill bcrypt.hash', first),
  argument(
    'createhmac jwt.sign jwt.verify jwt.encode jwt.decode createcipheriv createdecipheriv httpbasicauth .login .fill',
    second,
  ),
  argument('getconnection', third),
  argument('set_password', third, isPassword),
  argument('networkcredential networkcredential]::new', second, isPassword),
  shape('code-secret', ['"ac', "'ac"], `["']AC[0-9a-f]{32}["'],\\s{0,4}["']([0-9a-f]{32})["']`, {
    likely: (raw, _from, to) => raw[to - 1] === 0x43 && isRun(raw[to + 31]) && !isRun(raw[to + 32]),
  }),
];
