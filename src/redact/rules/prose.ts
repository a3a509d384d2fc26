import { always, bytesLook, type Look } from '../looks.ts';
import { shape } from './fixed.ts';
import { isPassword } from './password.ts';
import type { Rule } from './rule.ts';

const operators = [':', '=', '\\'];
const afterWord = bytesLook(
  ...operators.map((is) => [{ behind: 0, is }]),
  ...[...operators, ' '].map((is) => [
    { behind: 0, is: ' ' },
    { behind: 1, is },
  ]),
);
/** An operator behind the word, where the word does not end with one. */
const operatorLook: Look = { program: (word) => (word.endsWith(':') ? always : afterWord.program(word)) };

/** Secrets that people tell each other. */
export const prose: readonly Rule[] = [
  shape(
    'prose-password',
    ['creds', 'credentials', 'login:'],
    `(?:creds?|credentials|login)\\s{0,2}[:=]\\s{0,2}["'\`]?[A-Za-z0-9.@+_-]{1,64}["'\`]?\\s{0,2}[/|:]\\s{0,2}["'\`]?([^\\s"',\`/]{6,100})`,
    {
      likely: operatorLook,
      valid: (secret) => isPassword(secret) && /\d/.test(secret) && /[A-Za-z]/.test(secret),
    },
  ),
  foreign(),
  shape(
    'seed-phrase',
    ['mnemonic', 'seed phrase', 'seed_phrase', 'seedphrase', 'recovery phrase', 'seed words', 'secret phrase'],
    '[A-Za-z_ ]{4,24}["\'`]{0,2}\\s{0,4}(?:is|[:=])\\s{0,4}["\'`]?((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})',
  ),
];

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
    'senha',
    'wachtwoord',
    'has\u0142o',
  ].map(bytes);
  const operators = ['\uff1a', '\u306f', '\u662f', '\u4e3a', ':', '=', '\u2014', '\u00e9', 'is'].map(bytes);
  return shape(
    'prose-password',
    words,
    `(?:${words.join('|')})\\s{0,4}(?:${operators.join('|')})\\s{0,4}["'\`]?([!#-&(-+\\--;=?-_a-~]{6,100})`,
    {
      valid: (secret) => isPassword(secret) && /\d|[^A-Za-z0-9]/.test(secret) && !/[(){}]/.test(secret),
    },
  );
}
