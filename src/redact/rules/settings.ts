import { isPlaceholder } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { bytesLook, exactLook, nearLook } from '../looks.ts';
import { shape } from './fixed.ts';
import { isPassword } from './password.ts';
import { type Rule, rank } from './rule.ts';

/** Secrets known by the file or the statement that they stand in. */
export const settings: readonly Rule[] = [
  // `user:password@tcp(host)`, as Go's drivers write it
  shape('url-password', ['@tcp(', '@unix('], `[^\\s:/"']{1,64}:([^\\s"']{4,128})@(?:tcp|unix)\\(`, {
    lead: '!#-&*-~',
    valid: isPassword,
  }),
  shape('url-password', ['jdbc:oracle:'], `jdbc:oracle:[a-z0-9]{2,8}:[^\\s/"']{1,64}/([^\\s"']{3,128})@`, {
    valid: isPassword,
  }),
  shape(
    'aws-secret-key',
    ['akia', 'asia'],
    `(?:AKIA|ASIA)[A-Z2-7]{16}["']?[,:\\s|]{1,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`,
    { valid: (secret) => isRandom(secret) },
  ),
  shape(
    'rails-master-key',
    ['master.key', 'production.key', 'credentials.key'],
    `(?:master|production|credentials)\\.key["']?\\s{1,4}([0-9a-f]{32})(?![0-9a-f])`,
  ),
  shape('fcm-key', [':apa91b'], `(?<![A-Za-z0-9])([A-Za-z0-9_-]{11}:APA91b[A-Za-z0-9_-]{120,180})`, {
    lead: 'A-Za-z0-9_-',
    back: 11,
    rank: rank.token,
  }),
  shape(
    'secret-value',
    ['"github-oauth', '"gitlab-token', '"bitbucket-oauth', '"bearer'],
    `"[a-z-]{6,20}"\\s{0,4}:\\s{0,4}\\{\\s{0,20}"[^"\\n]{3,80}"\\s{0,4}:\\s{0,4}"([^"\\s]{16,200})"`,
    { valid: (secret) => isRandom(secret) },
  ),
  shape(
    'secret-value',
    ['"jwt'],
    `"[Jj][Ww][Tt][A-Za-z]{0,16}"\\s{0,4}:\\s{0,4}\\{[^{}]{0,300}?"(?:[Kk]ey|[Ss]ecret)"\\s{0,4}:\\s{0,4}"([^"\\s]{16,400})"`,
    { valid: (secret) => isRandom(secret) },
  ),
  shape(
    'docker-config',
    ['dockerconfigjson', 'dockercfg'],
    `docker(?:configjson|cfg)["']?\\s{0,4}[:=]\\s{0,4}["']?(eyJ[A-Za-z0-9+/=]{20,16000})`,
    { reach: 17_000 },
  ),
  shape(
    'secret-value',
    ["'crypt'"],
    `'crypt'\\s{0,4}=>\\s{0,4}(?:\\[|array\\()\\s{0,20}'key'\\s{0,4}=>\\s{0,4}'([^'\\s]{16,400})'`,
    { valid: (secret) => isRandom(secret) || /^[0-9a-f]{32}$/.test(secret) },
  ),
  shape(
    'secret-value',
    ['sonar.login'],
    '[Ss]onar\\.login\\s{0,4}[:=]\\s{0,4}["\']?([A-Za-z0-9_]{32,64})(?![A-Za-z0-9])',
  ),
  shape('secret-value', ['secret id'], `[Ss]ecret ID\\s{0,12}[=:]\\s{0,12}([0-9a-f-]{36})(?![0-9a-f-])`),
  shape('secret-value', ['jenkins-crumb'], `[Jj]enkins-[Cc]rumb["']?\\s{0,2}[:=]\\s{0,4}["']?([0-9a-f]{32,128})`),
  shape('secret-value', ['npmauthident'], `npmAuthIdent["']?\\s{0,4}[:=]\\s{0,4}["']?([^\\s"']{8,400})`),
  shape('secret-value', ['accounts'], `accounts["']?\\s{0,4}[:=]\\s{0,4}\\[\\s{0,12}["']((?:0x)?[0-9a-f]{64})["']`, {
    likely: nearLook('[', 64),
  }),
  shape(
    'maven-password',
    ['<master>{', '<password>{', '<passphrase>{'],
    `<[a-z]{6,10}>\\{([A-Za-z0-9+/=]{24,400})\\}<`,
  ),
  shape('maven-password', ['credentials('], `Credentials\\((?:"[^"\\n]{1,100}",\\s{0,4}){3}"([^"\\s]{6,200})"`, {
    likely: bytesLook([{ behind: 0, is: '"' }], [{ behind: 0, is: '\\' }]),
    valid: isPassword,
  }),
  shape(
    'bundler-password',
    ['bundle_'],
    `BUNDLE_[A-Z0-9_]{3,80}["']?[:=]\\s{0,2}["']?[\\w.@-]{1,60}:([^\\s"':]{6,200})`,
    {
      likely: exactLook(['BUNDLE_']),
      valid: isPassword,
    },
  ),
  shape('mail-password', [']:587', ']:465', ']:25', ']:2525'], `\\]:\\d{2,4}\\s{1,8}[^\\s:]{1,100}:([^\\s"']{6,200})`, {
    valid: isPassword,
  }),
  shape('proxy-password', [' login='], ` login=[\\w.@-]{1,60}:([^\\s"']{6,200})`, { valid: isPassword }),
  shape('ipsec-secret', [': psk ', ': eap ', ': xauth '], `: [A-Z]{3,5} "([^"\\n]{6,200})"`, { valid: isPassword }),
  shape('snmp-community', ['rocommunity', 'rwcommunity'], `r[ow]community6?\\s{1,8}([^\\s"']{6,64})`, {
    valid: (secret) => isPassword(secret) && /\d/.test(secret),
  }),
  shape(
    'device-password',
    ['tacacs-server key ', 'radius-server key '],
    `[a-z]{6}-server key (?:[07] )?([^\\s"']{6,100})`,
    {
      valid: isPassword,
    },
  ),
  shape(
    'device-password',
    ['password 0 ', 'password 7 ', 'secret 0 ', 'key 0 ', 'key 7 '],
    `(?:password|secret|key) [07] ([^\\s"']{6,100})`,
    { valid: (secret) => isPassword(secret) && /\d/.test(secret) },
  ),
  shape('password-reset', ['new value: '], `[Nn]ew value: ([^\\s"']{12,100})(?=[\\s"]|$)`, {
    valid: (secret) => isRandom(secret, 14),
  }),
  shape(
    'password-reset',
    ['following password to'],
    `following password to [^\\n:]{1,60}:\\s{1,12}([^\\s"']{8,100})(?=\\s|$)`,
    {
      valid: (secret) => isRandom(secret, 14),
    },
  ),
  shape('jenkins-secret', ['{aqaaab'], `\\{(AQAAAB[A-Za-z0-9+/]{16,4000}={0,2})\\}`),
  shape('swarm-token', ['swmtkn-1-'], `(SWMTKN-1-[0-9a-z]{40,60}-[0-9a-z]{20,30})`, { rank: rank.token }),
  shape(
    'netrc-password',
    ['login '],
    `login\\s{1,20}\\S{1,100}\\s{1,20}(?:password|passwd)\\s{1,4}["']?([^\\s"']{4,200})`,
    { likely: nearLook('passw'), valid: isPassword },
  ),
  shape(
    'pgpass-password',
    [':5432:', ':5433:', ':5434:', ':5439:', ':6432:', ':6543:', ':15432:', ':25060:', ':26257:', ':*:'],
    '(?<![^\\s"\'`])[A-Za-z0-9_.*-]{1,80}:(?:\\d{2,5}|\\*):[A-Za-z0-9_.*-]{1,64}:[A-Za-z0-9_.@*-]{1,64}:([^\\s"\'`]{4,200})',
    {
      lead: 'A-Za-z0-9_.-',
      back: 80,
      valid: (secret) =>
        !isPlaceholder(secret) && /[^a-z]|[a-z][A-Z].*[a-z][A-Z]/.test(secret.replace(/^[A-Z]?[a-z]+$/, '')),
    },
  ),
];
