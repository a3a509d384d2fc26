/** What looks like a secret and is none: by form, never by the name of a field. */

const placeholder =
  /x{4}|\*{3}|\.{3}|0{8}|(?:1?23456|abcdef|qwerty)|example|placeholder|change.?me|your[-_a-z]|dummy|correct.?horse|sample|redacted|insert|replace|todo|fixme|foobar|lorem/i;

/** Text that stands where a value would stand: `<token>`, `${TOKEN}`, `{{ token }}`, `xxxx`, `your-key`. */
export function isPlaceholder(value: string): boolean {
  return placeholder.test(value) || /^(?:[<[{]|%[A-Za-z_]+%|\$[({A-Za-z_])/.test(value) || /^(.)\1*$/.test(value);
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
