import { isPlaceholder } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { shape } from './fixed.ts';
import { isPassword } from './password.ts';
import { type Rule, rank } from './rule.ts';

/** Secrets known by the file or the statement that they stand in. */
export const settings: readonly Rule[] = [
  shape(
    'sql-password',
    ['identified '],
    `(?:IDENTIFIED|identified)\\s{1,4}(?:(?:WITH|with)\\s{1,4}\\S{1,40}\\s{1,4})?(?:BY|by|AS|as)\\s{1,4}(?:PASSWORD\\s{1,4})?N?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape(
    'sql-password',
    ['password for '],
    `(?:PASSWORD FOR|password for)\\s{1,4}\\S{1,80}\\s{0,4}=\\s{0,4}(?:PASSWORD\\()?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape(
    'sql-password',
    ['password = n', 'password=n', 'password n'],
    `(?:PASSWORD|password)\\s{0,4}=?\\s{0,4}[Nn]'([^'\\n]{4,200})'`,
    { valid: isPassword },
  ),
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
    ['"github-oauth"', '"gitlab-token"', '"bitbucket-oauth"'],
    `"[a-z-]{8,20}"\\s{0,4}:\\s{0,4}\\{\\s{0,20}"[^"\\n]{3,80}"\\s{0,4}:\\s{0,4}"([^"\\s]{16,200})"`,
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
  shape('jenkins-secret', ['{aqaaab'], `\\{(AQAAAB[A-Za-z0-9+/]{16,4000}={0,2})\\}`),
  shape('swarm-token', ['swmtkn-1-'], `(SWMTKN-1-[0-9a-z]{40,60}-[0-9a-z]{20,30})`, { rank: rank.token }),
  shape(
    'netrc-password',
    ['login '],
    `login\\s{1,20}\\S{1,100}\\s{1,20}(?:password|passwd)\\s{1,4}["']?([^\\s"']{4,200})`,
    { valid: isPassword },
  ),
  shape(
    'pgpass-password',
    [':5432:', ':5433:', ':5439:', ':6432:', ':26257:', ':*:'],
    '(?<![^\\s"\'`])[A-Za-z0-9_.*-]{1,80}:(?:\\d{2,5}|\\*):[A-Za-z0-9_.*-]{1,64}:[A-Za-z0-9_.@*-]{1,64}:([^\\s"\'`]{4,200})',
    {
      lead: 'A-Za-z0-9_.-',
      back: 80,
      valid: (secret) => !isPlaceholder(secret) && /[^a-z]/i.test(secret),
    },
  ),
];
