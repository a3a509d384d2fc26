import { isHarmless, isPlaceholder, isUuid } from '../allow.ts';
import { Answers } from '../answers.ts';
import { isName, isRandom, shapeOf } from '../entropy.ts';
import type { Expectation } from './key-name.ts';

/** How a value stands in its text. */
export type Setting = 'quoted' | 'bare' | 'line' | 'prose' | 'spaced' | 'beside' | 'below' | 'cell' | 'argument';

const identifier = /^[A-Za-z_$][\w$]*$/;
/** Algorithms and the like: letters with a number behind that name a thing. */
const termPattern =
  /^(?:(?:[a-z]{1,12}[-_]?)?(?:sha|md|utf|base|aes|rsa|hs|rs|es|ps|oauth|http|tls|ed|argon|bcrypt|pbkdf|curve|scrypt|ipv|int|float)|(?:[a-z]{1,12}[-_])?(?:v|x|p|s|ec|h|i|u|col|arg|param|key|token|test|user|step|node|web))[-_]?\d{1,5}(?:[-_]?[a-z]{0,10})?$/i;
const call = /^[A-Za-z_$][\w$.?!]*[([]/;
const statement =
  /^[A-Za-z_$][\w$.]*\([^()]*\)[;,]?$|^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+\(|^(?:this|self|process|os|env|req|config|options|props|state)\./;
/** Operators and calls, as a bare value of a program has them. */
const code =
  /^[!(|&]|::|^[\w$.]+\[[\w$.]+\]$|[\w$]\(|&&|\|\||=>|![01]\b|[,;][\w$]+[.=(]|\)[;,]|[\w$]\.[A-Za-z_$][\w$]*[=,;]/;
const member = /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+[;,)]?$/;
const time = /^\d+(?:\.\d+)?\s?(?:ms|s|m|h|d|w|y|min|sec|days?|hours?|weeks?|kb|mb|gb|px|em|rem|%)?$/i;
const date = /^\d{4}-\d\d-\d\d|^\d\d?[:/]\d\d/;

/** Whether `value`, named as its key promises, is a secret. */
export function isSecret(value: string, expectation: Expectation, setting: Setting): boolean {
  if (value.length < 6 || value.length > 8192) return false;
  const known = answers[expectation][setting];
  let answer = known.get(value);
  if (answer === undefined) {
    answer = judge(value, expectation, setting);
    known.set(value, answer);
  }
  return answer;
}

const settings: readonly Setting[] = [
  'quoted',
  'bare',
  'line',
  'prose',
  'spaced',
  'beside',
  'below',
  'cell',
  'argument',
];
const perSetting = () =>
  Object.fromEntries(settings.map((setting) => [setting, new Answers(256)])) as Record<Setting, Answers<boolean>>;

/** The same values come again and again. */
const answers: Record<Expectation, Record<Setting, Answers<boolean>>> = {
  human: perSetting(),
  random: perSetting(),
  vague: perSetting(),
};

function judge(value: string, expectation: Expectation, setting: Setting): boolean {
  if (value.includes('\u0001')) return false;
  if (isPlaceholder(value) || date.test(value)) return false;
  if (isHarmless(value) && !isLongBase64(value)) return false;
  if (time.test(value)) return expectation === 'human' && setting !== 'prose' && /^\d{8,}$/.test(value);
  if (setting !== 'quoted' && isExpression(value, setting)) return false;
  if (statement.test(value)) return false;
  if (expectation === 'vague') return isRandom(value, 20) && !isUuid(value);
  if (setting === 'spaced' && !isUuid(value) && !isPlainHex(value) && isRandom(value, 20)) return true;
  if (setting === 'argument' || setting === 'beside') {
    if (isUuid(value) || (isRandom(value, 16) && hasRandomRun(value)) || (value.length >= 32 && isPlainHex(value)))
      return true;
    if (setting === 'argument') return expectation === 'human' && isStrong(value) && isHuman(value, setting);
  }
  if (setting === 'below' || setting === 'cell')
    return (
      isUuid(value) || isRandom(value, 16) || (expectation === 'human' && isStrong(value, 2) && isHuman(value, setting))
    );
  if (setting === 'spaced' || setting === 'beside')
    return (
      expectation === 'human' &&
      isStrong(value) &&
      !value.endsWith('=') &&
      !/^[a-z]+(?:[-_./:][a-z0-9]+)*$/i.test(value)
    );
  return expectation === 'human' ? isHuman(value, setting) : isMade(value, setting);
}

function isMade(value: string, setting: Setting): boolean {
  if (isUuid(value)) return true;
  const shape = shapeOf(value);
  if (shape.length < 8 || shape.distinct < 5 || / /.test(value.trim())) return false;
  if (/^[\d.,:+-]+$/.test(value)) return false;
  if (isRandom(value, 12) || (shape.length >= 32 && isPlainHex(value))) return true;
  if (shape.digits === 0) return setting === 'quoted' || setting === 'line' ? isJumble(value) : false;
  if (termPattern.test(value)) return false;
  return (
    (setting === 'quoted' || setting === 'line') &&
    shape.length >= 10 &&
    shape.digits >= 2 &&
    !/^[a-z]+(?:[-_./][a-z0-9]+)*$/i.test(value)
  );
}

/** What stands for a value in a program: a call, a member, a name that ends in what it holds, an entity of HTML. */
function isExpression(value: string, setting: Setting): boolean {
  if (
    /^&(?:#|[a-z]{2,6};)/.test(value) ||
    /^[a-z_$][\w$]*(?:\.[A-Z][\w$]*)?(?:secret|token|key|password)s?$/i.test(value)
  )
    return true;
  if (code.test(value) && !/[@#%^]/.test(value)) return true;
  if (setting === 'line') return member.test(value) && !/\d/.test(value);
  return (value.startsWith('-') && !isRandom(value)) || call.test(value) || (member.test(value) && !isRandom(value));
}

/** Letters alone, in an order that neither a word nor a name of a program has. */
function isJumble(value: string): boolean {
  if (isName(value) || /^[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})*$/.test(value)) return false;
  const shape = shapeOf(value);
  return shape.lower > 0 && shape.upper > 0 && shape.length >= 10 && shape.changes >= 0.3 * shape.length;
}

function isHuman(value: string, setting: Setting): boolean {
  if (
    /^[a-z]{4}(?:[ -][a-z]{4}){3}$|^[A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){5}$|^[A-Z2-7]{4}(?: [A-Z2-7]{4}){3,7}$/.test(
      value,
    )
  )
    return true;
  if (/\s/.test(value)) return false;
  const shape = shapeOf(value);
  if (shape.distinct < 4) return false;
  if (
    /^(?:pass(?:word)?|secret|admin|test|user|root|letmein|welcome|hunter|demo|token|key|(?:salt\d*)+|value|foo|bar|name|data|abc|string|text|hash)[-_]?\d{0,4}!?$/i.test(
      value,
    )
  )
    return false;
  if (termPattern.test(value) && shape.length < 14 && !isJumble(value)) return false;
  if (/^[a-z]+2[a-z]+$|^_?[a-z]+(?:_[A-Za-z]+)+$/.test(value)) return false;
  const letters = shape.lower + shape.upper;
  if (shape.digits > 0 && letters > 0) {
    if (setting === 'quoted' || setting === 'line') return true;
    return shape.length >= 8 && (shape.changes >= 2 || shape.digits >= 2 || shape.length >= 10);
  }
  if (identifier.test(value)) return isJumble(value);
  if (shape.digits === 0 && /^[A-Za-z]+(?:[-_.][A-Za-z]+)*$/.test(value)) {
    return (
      (setting === 'quoted' || setting === 'line') &&
      value.split(/[-_.]/).length >= 4 &&
      !/pass|secret|token|key|auth|cred|user|name/i.test(value)
    );
  }
  return setting !== 'prose' && isStrong(value, 2) && /[!@#$%^&*+=?]/.test(value) && !/[()[\]{}<>|\\/]/.test(value);
}

/** May begin with a slash, as a path does; but a path has words. */
function isLongBase64(value: string): boolean {
  if (!/^[A-Za-z0-9+/]{38,}={0,2}$/.test(value) || !isRandom(value)) return false;
  return /[+=]/.test(value) || !value.split('/').some((segment) => /^[A-Za-z]?[a-z]{2,}$/.test(segment));
}

/** Not only many short words: a constant of a program is not random. */
function hasRandomRun(value: string): boolean {
  return value.split(/[^A-Za-z0-9]+/).some((run) => isRandom(run, 10));
}

function isPlainHex(value: string): boolean {
  return /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(value);
}

/** Eight characters or more, of at least `kinds` kinds, and no term such as `SHA-256`. */
function isStrong(value: string, kinds = 3): boolean {
  const shape = shapeOf(value);
  const present = [shape.digits, shape.lower, shape.upper, shape.other].filter((count) => count > 0).length;
  return shape.length >= 8 && present >= kinds && !termPattern.test(value) && !/[()[\]{}<>|\\/]/.test(value);
}
