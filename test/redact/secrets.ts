/**
 * Secrets of every kind, made at run time from a seed: nothing that looks like a live token is ever
 * written down in this repository.
 */
export interface Sample {
  readonly rule: string;
  readonly text: string;
  /** What must not survive. */
  readonly secrets: readonly string[];
}

export type Random = () => number;

/** A small generator with a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const sets = {
  alnum: lower + upper + digits,
  hex: `${digits}abcdef`,
  url64: `${lower}${upper}${digits}_-`,
  base64: `${lower}${upper}${digits}+/`,
  base32: `${upper}234567`,
  capital: upper + digits,
  digit: digits,
  nonzero: '123456789',
  alpha: lower + upper,
  lower,
  base58: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
  small: lower + digits,
  hexu: `${digits}ABCDEF`,
  bech: '023456789acdefghjklmnpqrstuvwxyz',
} as const;

/** `count` characters of a set, as chance has it. */
export function anyChars(random: Random, set: keyof typeof sets, count: number): string {
  const alphabet = sets[set];
  let text = '';
  for (let i = 0; i < count; i += 1) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** The same, with at least three digits, three letters and as many distinct ones as random text mostly has. */
export function chars(random: Random, set: keyof typeof sets, count: number): string {
  for (;;) {
    const text = anyChars(random, set, count);
    if (
      ['digit', 'alpha', 'lower', 'nonzero'].includes(set) ||
      count < 12 ||
      (/\d.*\d.*\d/.test(text) && /[A-Za-z].*[A-Za-z].*[A-Za-z]/.test(text))
    )
      return text;
  }
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((count) => chars(random, 'hex', count)).join('-');
}

function pem(
  random: Random,
  label: string,
  lines: number,
): { readonly text: string; readonly secrets: readonly string[] } {
  const body = Array.from({ length: lines }, (_, i) => chars(random, 'base64', i === lines - 1 ? 40 : 64));
  const dashes = '-'.repeat(5);
  return {
    text: [`${dashes}BEGIN ${label}${dashes}`, ...body, `${dashes}END ${label}${dashes}`].join('\n'),
    secrets: body,
  };
}

/** Tokens that stand for themselves: rule, token. */
export function tokens(random: Random): readonly (readonly [string, string])[] {
  const c = (set: keyof typeof sets, count: number) => chars(random, set, count);
  const part = (...parts: readonly string[]) => parts.join('');
  return [
    ['github-token', part('gh', 'p_', c('alnum', 36))],
    ['github-token', part('github', '_pat_', c('alnum', 22), '_', c('alnum', 59))],
    ['gitlab-token', part('gl', 'pat-', c('url64', 20))],
    ['gitlab-token', part('gl', 'pat-', c('url64', 27), '.01.', c('small', 9))],
    ['atlassian-token', part('ATA', 'TT3', c('url64', 180), '=', c('capital', 8))],
    ['npm-token', part('np', 'm_', c('alnum', 36))],
    ['pypi-token', part('py', 'pi-', c('url64', 150))],
    ['rubygems-token', part('ruby', 'gems_', c('hex', 48))],
    ['docker-token', part('dckr', '_pat_', c('url64', 27))],
    ['artifactory-token', part('AK', 'Cp', c('alnum', 69))],
    ['sonarqube-token', part('sq', 'p_', c('hex', 40))],
    ['sourcegraph-token', part('sg', 'p_', c('hex', 16), '_', c('hex', 40))],
    ['postman-token', part('PM', 'AK-', c('hex', 24), '-', c('hex', 34))],
    ['pulumi-token', part('pu', 'l-', c('hex', 40))],
    ['doppler-token', part('dp', '.pt.', c('alnum', 43))],
    ['onepassword-token', part('ops', '_eyJ', c('base64', 400))],
    ['vault-token', part('hv', 's.', c('url64', 90))],
    ['linear-token', part('lin', '_api_', c('alnum', 40))],
    ['notion-token', part('nt', 'n_', c('alnum', 46))],
    ['airtable-token', part('pa', 't', c('alnum', 14), '.', c('hex', 64))],
    ['contentful-token', part('CF', 'PAT-', c('url64', 43))],
    ['typeform-token', part('tf', 'p_', c('alnum', 59))],
    ['figma-token', part('fi', 'gd_', c('url64', 40))],
    ['launchdarkly-key', part('sd', 'k-', uuid(random))],
    ['anthropic-key', part('sk-', 'ant-api03-', c('url64', 93), 'AA')],
    ['openai-key', part('sk-', 'proj-', c('url64', 140))],
    ['openai-key', part('sk', '-', c('alnum', 20), 'T3Blbk', 'FJ', c('alnum', 20))],
    ['openrouter-key', part('sk-', 'or-v1-', c('hex', 64))],
    ['huggingface-token', part('h', 'f_', c('alnum', 34))],
    ['groq-key', part('gs', 'k_', c('alnum', 52))],
    ['pinecone-key', part('pc', 'sk_', c('alnum', 6), '_', c('alnum', 63))],
    ['elevenlabs-key', part('s', 'k_', c('hex', 48))],
    ['gcp-api-key', part('AI', 'za', c('url64', 34), 'x')],
    ['google-oauth-secret', part('GOC', 'SPX-', c('url64', 28))],
    ['google-access-token', part('ya', '29.', c('url64', 160))],
    ['google-refresh-token', part('1/', '/0', c('url64', 90))],
    ['aws-access-key-id', part('AK', 'IA', c('base32', 16))],
    ['aws-session-token', part('IQoJ', 'b3JpZ2lu', c('base64', 400))],
    ['azure-client-secret', part(c('alnum', 3), '8Q', '~', c('alnum', 34))],
    ['digitalocean-token', part('do', 'p_v1_', c('hex', 64))],
    ['fly-token', part('fm', '2_', c('base64', 200))],
    ['vercel-token', part('vc', 'p_', c('alnum', 56))],
    ['supabase-key', part('sb', 'p_', c('hex', 40))],
    ['planetscale-token', part('pscale', '_pw_', c('alnum', 43))],
    ['tailscale-key', part('ts', 'key-auth-', c('alnum', 17), '-', c('alnum', 32))],
    ['databricks-token', part('da', 'pi', c('hex', 32))],
    ['slack-token', part('xo', 'xb-', c('digit', 12), '-', c('digit', 13), '-', c('alnum', 24))],
    ['stripe-key', part('sk', '_live_', c('alnum', 24))],
    ['square-token', part('sq0', 'csp-', c('url64', 43))],
    ['braintree-token', part('access_', 'token$production$', c('small', 16), '$', c('hex', 32))],
    ['shopify-token', part('shp', 'at_', c('hex', 32))],
    ['sendgrid-key', part('S', 'G.', c('url64', 22), '.', c('url64', 43))],
    ['mailgun-key', part('ke', 'y-', c('hex', 32))],
    ['mailchimp-key', part(c('hex', 32), '-us', '12')],
    ['brevo-key', part('xkey', 'sib-', c('hex', 64), '-', c('alnum', 16))],
    ['resend-key', part('r', 'e_', c('alnum', 8), '_', c('alnum', 24))],
    ['newrelic-key', part('NR', 'AK-', c('capital', 27))],
    ['sentry-token', part('sntr', 'yu_', c('hex', 64))],
    ['grafana-token', part('gl', 'sa_', c('alnum', 32), '_', c('hex', 8))],
    ['posthog-key', part('ph', 'x_', c('alnum', 43))],
    ['facebook-token', part('EA', 'A', c('alnum', 160))],
    ['asana-token', part('2', '/', c('digit', 16), '/', c('digit', 16), ':', c('hex', 32))],
    ['terraform-token', part(c('alnum', 14), '.atlas', 'v1.', c('url64', 67))],
    ['telegram-token', part(c('digit', 10), ':A', 'A', c('url64', 33))],
    ['discord-token', part('M', c('alnum', 23), '.G', c('alnum', 5), '.', c('url64', 38))],
    ['age-key', part('AGE-', 'SECRET-KEY-1', c('capital', 58))],
    ['jwt', part('ey', 'J', c('url64', 33), '.ey', 'J', c('url64', 80), '.', c('url64', 43))],
    ['twitter-token', part('A'.repeat(21), c('alnum', 30), '%', '3D', c('alnum', 50))],
    ['twilio-key', part('S', 'K', c('hex', 32))],
  ];
}

/** Secrets that show only by what they stand in. */
export function settings(random: Random): readonly Sample[] {
  const c = (set: keyof typeof sets, count: number) => chars(random, set, count);
  const password = () => `${c('alnum', 12)}7x`;
  const sample = (rule: string, build: (secret: string) => string, secret: string): Sample => ({
    rule,
    text: build(secret),
    secrets: [secret],
  });
  const key = pem(random, `RSA PRIVATE ${'KEY'}`, 12);
  const openssh = pem(random, `OPENSSH PRIVATE ${'KEY'}`, 6);
  return [
    sample('url-password', (s) => `psql postgres://app:${s}@10.0.4.17/app`, password()),
    sample('url-password', (s) => `redis://:${s}@cache.internal:6379/0`, password()),
    sample('url-password', (s) => `git clone https://${s}@git.acme.io/app.git`, c('alnum', 32)),
    sample('basic-auth', (s) => `> Authorization: Basic ${s}`, Buffer.from(`svc:${password()}`).toString('base64')),
    sample('secret-value', (s) => `Authorization: token ${s}`, c('hex', 40)),
    sample('secret-value', (s) => `AWS_SECRET_ACCESS_KEY=${s}`, c('base64', 40)),
    sample('secret-value', (s) => `export ACME_API_KEY="${s}" && npm start`, c('alnum', 32)),
    sample('secret-value', (s) => `  POSTGRES_PASSWORD: ${s}\n  PORT: 1`, password()),
    sample('secret-value', (s) => `{"username":"svc","password":"${s}"}`, password()),
    sample('secret-value', (s) => `{"name":"DB_PASSWORD","value":"${s}"}`, password()),
    sample('secret-value', (s) => `- name: DB_PASSWORD\n  value: ${s}`, password()),
    sample('secret-value', (s) => `const apiKey: string = '${s}';`, c('alnum', 32)),
    sample('secret-value', (s) => `os.environ["INTERNAL_TOKEN"] = "${s}"`, c('url64', 40)),
    sample('secret-value', (s) => `mycli login --api-key ${s} --region eu`, c('alnum', 32)),
    sample('secret-value', (s) => `Server=db;User ID=sa;Password=${s};Encrypt=True;`, password()),
    sample('secret-value', (s) => `GET /v1/items?access_token=${s}&limit=20`, c('url64', 40)),
    sample('secret-value', (s) => `https://x.blob.core.windows.net/c?sv=2024&sig=${s}`, `${c('alnum', 40)}%3D`),
    sample('secret-value', (s) => `the staging password is ${s}, please test`, password()),
    sample('secret-value', (s) => `<password>${s}</password>`, password()),
    sample('secret-value', (s) => `//registry.acme.io/:_authToken=${s}`, c('alnum', 36)),
    sample('secret-value', (s) => `| db password | ${s} |`, password()),
    sample('command-password', (s) => `curl -sS -u svc:${s} https://ci.acme.io`, password()),
    sample('command-password', (s) => `mysql -h db -u app -p${s} app`, password()),
    sample('command-password', (s) => `sshpass -p '${s}' ssh root@host`, password()),
    sample('command-password', (s) => `redis-cli -h cache -a ${s} ping`, password()),
    sample('command-password', (s) => `docker login -u alice -p ${s} registry.acme.io`, password()),
    sample('netrc-password', (s) => `machine git.acme.io login alice password ${s}`, password()),
    sample('pgpass-password', (s) => `db.internal:5432:app:app_user:${s}`, password()),
    sample('session-cookie', (s) => `Cookie: theme=dark; sessionid=${s}; lang=en`, c('alnum', 32)),
    sample(
      'slack-webhook',
      (s) => `https://hooks.slack.com/services/${s}`,
      `T${c('capital', 10)}/B${c('capital', 10)}/${c('alnum', 24)}`,
    ),
    sample('discord-webhook', (s) => `https://discord.com/api/webhooks/${s}`, `${c('digit', 18)}/${c('url64', 68)}`),
    sample('otpauth', (s) => `otpauth://totp/Acme:alice?secret=${s}&issuer=Acme`, c('base32', 32)),
    sample('jwk', (s) => `{"kty":"EC","crv":"P-256","x":"abc","d":"${s}"}`, c('url64', 43)),
    { rule: 'private-key', ...key },
    {
      rule: 'private-key',
      text: openssh.text
        .split('\n')
        .map((line, i) => `${String(i + 1).padStart(6)}→${line}`)
        .join('\n'),
      secrets: openssh.secrets,
    },
    { rule: 'private-key', text: key.text.split('\n').slice(0, -3).join('\n'), secrets: key.secrets.slice(0, -2) },
    { rule: 'private-key', text: key.text.split('\n').slice(4).join('\n'), secrets: key.secrets.slice(3) },
    {
      rule: 'private-key',
      text: `echo ${Buffer.from(key.text).toString('base64')} | base64 -d`,
      secrets: [Buffer.from(key.text).toString('base64').slice(100, 400)],
    },
    sample(
      'secret-value',
      (s) => `echo ${Buffer.from(`# settings\nAPI_TOKEN=${s}\nPORT=8080\nLOG=debug\n`).toString('base64')} | base64 -d`,
      c('alnum', 40),
    ),
  ];
}

/** Text that looks like secrets and is none. */
export const harmless: readonly string[] = [
  'const token = await getAccessToken(clientId, { scope: "repo:read" });',
  'function check(password: string, hash: string): Promise<boolean> { return compare(password, hash); }',
  'if (!apiKey) throw new Error("Missing API key. Set ACME_API_KEY.");',
  'const accessToken = req.headers.authorization?.split(" ")[1];',
  'max_tokens=4096, temperature=0.2',
  'export const PASSWORD_RESET_TOKEN_EXPIRY_SECONDS = 3600;',
  'const re = /ghp_[A-Za-z0-9]{36}/g;',
  'API_KEY=your-api-key-here',
  ['API_KEY=$', '{SECRET_STORE_KEY_2024}'].join(''),
  'password: ********',
  'SESSION_COOKIE_NAME=__Secure-next-auth.session-token',
  'arn:aws:secretsmanager:eu-west-1:653798083558:secret:prod/db-bmHJ59',
  'token_endpoint: https://login.acme.io/oauth2/v2.0/token',
  'GET http://localhost:3000/@vite/client 200',
  'postgres://postgres:postgres@localhost:5432/app',
  '   "integrity": "sha512-gOTOCqV6+kK6+8rc9tgo3WfoSRmFE790q05HdOCfWisIMQxchhsWo87fClDCLnT/I+eKq6DF4ElzPmZzNQa4hw=="',
  'commit 39f212e44cbf2aa2332f2837e858ec5b2ebef539',
  'tool_use_id: toolu_01UPh99MiovBotUFOaAEtnUz ok',
  'gpg: using RSA key 7860292ACF355D5A32A21EF2A377B9A75D6504F9',
  'secretKeyRef:\n  name: db-credentials\n  key: password',
  'cache_key: 9f2c1e0b7a6d5c4b3a2f1e0d9c8b7a69',
  'primaryKey: uuid("id").defaultRandom().primaryKey(),',
  'Tokens: 12,345 in / 678 out; cost $0.42',
  'Set-Cookie: theme=dark; Path=/; Max-Age=31536000',
  'text.includes("-----BEGIN PRIVATE KEY-----") || "-----END PRIVATE KEY-----"',
  'password authentication failed for user "app" (28P01)',
  'next_page_token: CAUQAA2024',
  'echo SGVsbG8gd29ybGQsIHRoaXMgaXMgYSBwbGFpbiBzZW50ZW5jZSBudW1iZXIgMzc= | base64 -d',
];
