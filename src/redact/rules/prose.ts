import { pairLook } from '../looks.ts';
import { shape } from './fixed.ts';
import { isPassword } from './password.ts';
import type { Rule } from './rule.ts';

/** Secrets that people tell each other. */
export const prose: readonly Rule[] = [
  shape(
    'prose-password',
    ['log in as ', 'login as ', 'sign in as ', 'logged in as '],
    `(?:[Ll]og in|[Ll]ogin|[Ss]ign in|[Ll]ogged in) as ["'\`]?[\\w.@+-]{1,64}["'\`]? (?:with|using|and|/|pw|password)(?: (?:the )?(?:password|pw))?:? ["'\`]?([^\\s"',\`]{8,100})`,
    { valid: isStrong },
  ),
  shape(
    'prose-password',
    ['password (', 'passwort ('],
    `[Pp]ass(?:word|wort) \\([^)\\n]{1,40}\\)\\s{0,2}[:=]\\s{0,4}["'\`]?([^\\s"',\`]{6,100})`,
    {
      valid: isPassword,
    },
  ),
  shape(
    'prose-password',
    ['"pw is ', '\npw is ', '"pw: ', '\npw: ', '"pw = '],
    `["\\n][Pp]w ?(?:is|:|=) ["'\`]?([^\\s"',\`]{6,100})`,
    {
      valid: isStrong,
    },
  ),
  // Codes that open an account where the second factor is lost.
  shape(
    'recovery-code',
    ['recovery codes', 'backup codes', 'scratch codes', 'recovery_codes', 'backup_codes'],
    `[A-Za-z]{6,8}[ _][Cc]odes["']?[^\\n\\d]{0,80}\\s{0,8}((?:(?:[-*\\[",']|\\d{1,2}[.)]){0,3}\\s{0,6}["']?(?=[a-zA-Z0-9 -]{0,10}\\d)[A-Za-z0-9]{4,10}(?:[- ][A-Za-z0-9]{4,10}){0,3}["']?[,\\]]?\\s{0,6}){3,20})`,
    { reach: 800 },
  ),
  shape(
    'recovery-code',
    ['recovery key', 'recovery password'],
    `[Rr]ecovery (?:[Kk]ey|[Pp]assword)\\s{0,2}[:=]\\s{0,12}((?:\\d{6}-){7}\\d{6})`,
  ),
  shape(
    'prose-password',
    ['creds', 'credentials', 'login:'],
    `(?:creds?|credentials|login)(?:\\s(?:for|to|on|of)\\s[^\\n:=]{1,40})?\\s{0,2}[:=]\\s{0,2}["'\`]?[A-Za-z0-9.@+_-]{1,64}["'\`]?\\s{0,2}[/|:]\\s{0,2}["'\`]?([^\\s"',\`/]{6,100})`,
    {
      likely: pairLook,
      valid: (secret) => isPassword(secret) && /\d/.test(secret) && /[A-Za-z]/.test(secret),
    },
  ),
  foreign(),
  shape(
    'seed-phrase',
    [
      'mnemonic',
      'seed phrase',
      'seed_phrase',
      'seedphrase',
      'recovery phrase',
      'seed words',
      'secret phrase',
      '12 words',
      '24 words',
    ],
    '[A-Za-z0-9_ ]{4,24}["\'`]{0,2}\\s{0,4}(?:is|are|[:=]|(?=["\'`]))\\s{0,4}["\'`]?((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})',
  ),
];

function isStrong(secret: string): boolean {
  return isPassword(secret) && /\d/.test(secret) && /[A-Za-z]/.test(secret) && !/[(){}/]/.test(secret);
}

/** The word for a password in other languages, as UTF-8 read byte by byte. */
function foreign(): Rule {
  const bytes = (text: string) => Buffer.from(text).toString('latin1');
  const words = [
    '\u5bc6\u7801',
    '\u5bc6\u78bc',
    '\u30d1\u30b9\u30ef\u30fc\u30c9',
    '\u043f\u0430\u0440\u043e\u043b\u044c',
    '\u041f\u0430\u0440\u043e\u043b\u044c',
    '\ube44\ubc00\ubc88\ud638',
    '\u015fifre',
    'contrase\u00f1a',
    'mot de passe',
    'passwort',
    'senha',
    'wachtwoord',
    'l\u00f6senord',
    'has\u0142o',
  ].map(bytes);
  const operators = [
    '\uff1a',
    '\u306f',
    '\u662f',
    '\u4e3a',
    '\ub294',
    '\u00e8',
    '\u00e9',
    ':',
    '=',
    '\u2014',
    'is',
    'ist',
    'es',
    'est',
  ].map(bytes);
  // `Passwort f\u00fcr den Server ist`
  const rest = `(?:\\s[^\\s:=]{1,20}){0,4}?`;
  const alternatives = words.map((word) => word.replace(/^[a-z]/, (letter) => `[${letter}${letter.toUpperCase()}]`));
  return shape(
    'prose-password',
    words,
    `(?:${alternatives.join('|')})${rest}\\s{0,4}(?:${operators.join('|')})\\s{0,4}["'\`]?([!#-&(-+\\--;=?-_a-~]{6,100})`,
    {
      valid: (secret) => isPassword(secret) && /\d|[^A-Za-z0-9.,]/.test(secret) && !/[(){}]/.test(secret),
    },
  );
}
