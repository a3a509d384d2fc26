import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';

const longest = 120;
const longestStem = 80;
const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;
const plain = /^[a-z0-9_][a-z0-9_-]*$/;
const encoded = /^(?:[a-z0-9_-]|=[0-9a-f]{2})+$/;
const shortened = /^(?:[a-z0-9_-]|=[0-9a-f]{2}){1,80}=~[0-9a-f]{32}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * One part of a key for a name. Injective, and safe on file systems that fold case or normalise:
 * bytes `a-z 0-9 _ -` of the UTF-8 form stay, every other byte becomes `=` and two hex digits, and so
 * does the first byte of what would start with `-` or be a device name of Windows. A result over 120
 * characters becomes its first 80 (whole units), `=~` and 32 hex digits of the name's SHA-256.
 * @throws CairnError `usage` for an empty string or one with a lone surrogate
 */
export function encodeName(name: string): string {
  if (name === '' || /\p{Surrogate}/u.test(name)) {
    throw new CairnError('usage', `expected a name of well-formed Unicode, got ${JSON.stringify(name)}`);
  }
  // Most names: nothing in them has to be escaped.
  if (plain.test(name) && name.length <= longest && !reserved.test(name)) return name;
  const bytes = Buffer.from(name);
  const units = Array.from(bytes, (byte) => (isPlain(byte) ? String.fromCharCode(byte) : escapeByte(byte)));
  if (bytes[0] !== undefined && (bytes[0] === 0x2d || reserved.test(units.join('')))) units[0] = escapeByte(bytes[0]);
  const result = units.join('');
  if (result.length <= longest) return result;
  let stem = '';
  for (const unit of units) {
    if (stem.length + unit.length > longestStem) break;
    stem += unit;
  }
  return `${stem}=~${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
}

/**
 * The name behind a part of a key, or `undefined` where `encodeName` does not make that part of any
 * name that can be told: a shortened name (`=~`) cannot be decoded, its true form is in the body.
 */
export function decodeName(part: string): string | undefined {
  if (!encoded.test(part)) return undefined;
  const bytes = Buffer.from(
    part.replace(/=(..)|([^=])/g, (_, hex, plain) => hex ?? plain.charCodeAt(0).toString(16)),
    'hex',
  );
  try {
    const name = utf8.decode(bytes);
    return encodeName(name) === part ? name : undefined;
  } catch {
    return undefined; // not UTF-8
  }
}

/** Whether `encodeName` can have made this part of a key. */
export function isEncodedName(part: string): boolean {
  return shortened.test(part) || decodeName(part) !== undefined;
}

function isPlain(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x2d;
}

function escapeByte(byte: number): string {
  return `=${byte.toString(16).padStart(2, '0')}`;
}
