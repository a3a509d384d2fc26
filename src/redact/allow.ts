import { isRandom } from './entropy.ts';

/** What looks like a secret and is none: by form, never by the name of a field. */

const placeholder =
  /\*{3}|\.{3}|example|placeholder|change.?me|correct.?horse|redacted|replace|foobar|(?<![a-z])your[-_]/i;
/**
 * Shorter ones come about by chance in a long token, `tOdO` in one of 30,000: somebody writes them in one case, they are
 * a good part of the value, and the rest of it is no token.
 */
const fragment =
  /x{4,}|X{4,}|0{8,}|1?23456|(?:abcdef|qwerty|dummy|sample|insert|todo|fixme|lorem)|(?:ABCDEF|QWERTY|DUMMY|SAMPLE|INSERT|TODO|FIXME|LOREM)|(?:Dummy|Sample|Insert|Todo|Fixme|Lorem)/;
const yours = /(?<![A-Za-z])(?:your|Your|YOUR)(?=[A-Za-z])/;
const leastShare = 1 / 10;

/** Text that stands where a value would stand: `<token>`, `${TOKEN}`, `{{ token }}`, `xxxx`, `your-key`. */
export function isPlaceholder(value: string): boolean {
  return (
    placeholder.test(value) ||
    isAround(fragment, value, leastShare) ||
    isAround(yours, value, 0) ||
    /^(?:[<[{]|%[A-Za-z_]+%|\$[({A-Za-z_])/.test(value) ||
    /^(.)\1*$/.test(value)
  );
}

function isAround(pattern: RegExp, value: string, share: number): boolean {
  const [part = ''] = pattern.exec(value) ?? [];
  return part.length > value.length * share && !isRandom(value.replace(part, ''), 12);
}

/** Hashes with their name in front, public keys, addresses and paths. */
const harmless =
  /^(?:sha(?:1|224|256|384|512)[-:=]|md5[-:]|h1:|arn:|urn:|projects\/|data:|[a-z][a-z0-9+.-]{1,20}:\/\/|\.{0,2}\/|~\/|[A-Za-z]:[\\/]|pk_(?:live|test)_|ssh-|ecdsa-|AAAA[BCE]3Nza|AAAAE2V|-----|ENC\[|\$(?:2[aby]|argon2|[156])\$|\d{4}-\d\d-\d\d)/;

export function isHarmless(value: string): boolean {
  return harmless.test(value);
}

export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}
