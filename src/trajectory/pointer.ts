import type { PayloadPlace } from './payload.ts';

/** The bytes at a payload's place in its record; nothing where there is no string. */
export function contentAt(line: Uint8Array, { pointer, inner, encoding }: PayloadPlace): Uint8Array | undefined {
  if (pointer === '') {
    const whole = parse(line);
    // A record that is a string, or one that is no JSON, is its text.
    return typeof whole === 'string' ? Buffer.from(whole) : line;
  }
  let found = valueAt(parse(line), pointer);
  if (inner !== undefined) found = typeof found === 'string' ? valueAt(parse(found), inner) : undefined;
  if (typeof found !== 'string') return undefined;
  if (encoding === undefined) return Buffer.from(found);
  return Buffer.from(encoding === 'base64' ? found : found.slice(found.indexOf(',') + 1), 'base64');
}

/** RFC 6901. */
function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

function parse(text: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
  } catch {
    return undefined; // there is nothing in it to point at
  }
}
