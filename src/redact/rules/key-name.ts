import { Answers } from '../answers.ts';

/**
 * What a name promises about its value. `human`: a person may have chosen it, so it need not look
 * random. `random`: made by a machine. `vague`: only a long random text counts.
 */
export type Expectation = 'human' | 'random' | 'vague';

const human = /(?:password|passwd|passwort|passphrase|passcode|pwd|pass|passe|passw|pw|psk|contrasena|secret)$/;
const random =
  /(?:token|apikey|secretkey|accesskey|privatekey|privkey|accountkey|authkey|encryptionkey|signingkey|masterkey|sharedkey|sessionkey|appkey|servicekey|clientkey|credentials?|creds?|bearer|jwt|hmac|authorization|auth|sig)$/;
/** Words that make a secret of a following `key`. */
const keyKind = new Set(
  `api app application secret access private priv encryption encrypt encrypted enc crypt crypto auth account storage signing sign signature
  master server service client admin deploy deployment ssh rsa ec jwt token session webhook hmac aes gpg pgp tls ssl cert shared root integration
  consumer merchant secure security subscription function write ingest license signer unseal recovery wallet seed cookie fernet nextauth authkey`.split(
    /\s+/,
  ),
);
/** Words that make a plain `key` harmless. */
const otherKind = new Set(
  `primary foreign public publishable pub cache sort partition row column index group composite unique map dict object translation locale item
  idempotency file path query hot short shortcut arrow registry event board issue project hash range range tab enter up down escape lookup
  site from for with the of by in to same this that restored build image object commit version git artifact context storagekey parent child node entry record field prop property config setting header param host known trace span lock dedupe`.split(
    /\s+/,
  ),
);
/** Words before a token that is none: pages of lists, parts of text, halves of protocols. */
const otherToken = new Set(
  'page next prev starting continuation sync max min num total lexer cancel cancellation stop pad eos bos unk mask sep special pagination'.split(
    ' ',
  ),
);
/** Words before a secret that stands for the name of one, as in Kubernetes. */
const namedSecret = new Set('existing pull tls image named ref'.split(' '));
/** Words behind the one that counts. */
const trailing = new Set(
  `value val prod production staging stage dev development test testing live old new current previous primary secondary default main backup
  b64 base64 hex raw plain plaintext text string str env base local internal external data eu us secure value1 value2`.split(
    /\s+/,
  ),
);
const nobody = /public|publishable|hash$|digest$|fingerprint/;

export function expectationOf(key: string): Expectation | undefined {
  let seen = known.get(key);
  if (seen === undefined) {
    seen = judge(key) ?? null;
    known.set(key, seen);
  }
  return seen ?? undefined;
}

/** Names come again and again in a session. */
const known = new Answers<Expectation | null>(4096);

function judge(key: string): Expectation | undefined {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let last = words.length - 1;
  while (last > 0 && (trailing.has(words[last] as string) || /^\d+$/.test(words[last] as string))) last -= 1;
  const name = (words[last] ?? '').replace(/\d{1,2}$/, '');
  const before = words[last - 1] ?? '';
  if (name === 'hash' && before === 'api') return 'random';
  if (name === 'pepper' || name === 'salt') return 'random';
  if (words.some((word) => nobody.test(word)) || words[last] === 'auth0') return undefined;
  if (name === 'secret' && namedSecret.has(before)) return undefined;
  if (human.test(name) && !/(?:com|by|tres|sur|under|over)pass$/.test(name)) return 'human';
  if (name === 'token' && otherToken.has(before)) return undefined;
  if (random.test(name)) return 'random';
  if (name === 'key') {
    if (keyKind.has(before)) return 'random';
    if (before === '' || otherKind.has(before)) return undefined;
    // A setting of the environment that is named after a service: `HEROKU_KEY`.
    return /^[A-Z][A-Z0-9]+_KEY$/.test(key) ? 'random' : 'vague';
  }
  if (name === 'seed')
    return /^(?:t?otp|mfa|2fa|wallet|master|hd|account|private|bip\d+)$/.test(before) ? 'random' : undefined;
  if (name === 'cookie') return /^(?:session|auth|login|access|remember)$/.test(before) ? 'random' : undefined;
  if (name === 'id' && before === 'secret') return 'random';
  if (name === 'id' && before === 'key') return 'vague';
  return /(?:^|[a-z])apikey$/.test(name) ? 'random' : undefined;
}
