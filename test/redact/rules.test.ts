import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { rules } from '../../src/redact/rules/all.ts';
import { isLeft } from './corpus/corpus.ts';
import { createRandom, harmless, settings, tokens } from './secrets.ts';

const key = Buffer.alloc(32, 1);

function redact(text: string): {
  readonly text: string;
  readonly line: string;
  readonly found: Readonly<Record<string, number>>;
} {
  const line = `${JSON.stringify({ type: 'user', text })}\n`;
  const { block, found } = createRedactor({ key }).redact(Buffer.from(line));
  const out = Buffer.from(block).toString();
  return { text: (JSON.parse(out) as { text: string }).text, line: out, found };
}

const random = createRandom(20);
const frames: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => `The value \`${token}\` was found.`,
  (token) => `{"output":"Created!\\n${token}\\nKeep it"}`,
  (token) => `\u001b[32mok\u001b[0m \u001b[1m${token}\u001b[0m stored`,
  (token) => `| prod | ${token} |`,
  (token) => `grant_type=client&code=${token}&x=1`,
  (token) => `     3→+${token}\n     4→next`,
  (token) => JSON.stringify({ a: JSON.stringify({ b: token }) }),
];

describe('tokens', () => {
  for (const [rule, token] of tokens(random)) {
    test(`${rule} ${token.slice(0, 5)}`, () => {
      for (const frame of frames) {
        const result = redact(frame(token));
        expect(isLeft(result.text, token), frame('·')).toBe(false);
        expect(result.text).toMatch(/\[REDACTED:[a-z0-9-]+:[0-9a-f]{8}\]/);
      }
      expect(Object.keys(redact(token).found)).toEqual([rule]);
    });

    test(`${rule} ${token.slice(0, 5)} is no part of a longer word`, () => {
      const base = `${'Qx7'.repeat(30)}${token}`;
      if (/^[A-Za-z0-9_-]+$/.test(token)) expect(redact(base).text).toBe(base);
    });
  }
});

test('a word of placeholders that comes about by chance leaves a token what it is', () => {
  const body = 'JltOdOy9lnbOmTUzqJhkNwbon0MjwMxifELq';
  for (const word of [
    'tOdO',
    'TODO',
    'todo',
    'xxxx',
    'XXXX',
    '23456',
    'abcdef',
    'lorem',
    '9YOURk',
    '9yourR',
    '00000000',
  ]) {
    for (const at of [0, 9, 36 - word.length]) {
      const token = `ghp_${body.slice(0, at)}${word}${body.slice(at + word.length)}`;
      expect(redact(`it is ${token}.`).text, token).toMatch(/^it is \[REDACTED:github-token:[0-9a-f]{8}\]\.$/);
    }
  }
  const key = `AKIA${'T3GS6QW34H45'.slice(0, 3)}XXXX${'T3GS6QW34H45'.slice(3)}`;
  expect(redact(key).text).toMatch(/^\[REDACTED:/);
  for (const none of [
    `ghp_${'x'.repeat(36)}`,
    `ghp_${'TODO'.repeat(9)}`,
    `ghp_your-token-here${'0'.repeat(20)}`,
    `ghp_yourGitHubPersonalAccessTokenGoesHere`,
    `ghp_1234567890${'1234567890'.repeat(3)}`,
    `AKIA${'XXXX'.repeat(4)}`,
  ])
    expect(redact(none).text, none).toBe(none);
});

test('a token of any printable characters ends at the quote: what stands behind it is neither judged nor cut', () => {
  const part = (length: number) => Array.from({ length }, () => 'bX7+qT2/wR9'[Math.floor(random() * 11)]).join('');
  const token = `AQE${part(125)}-${part(40)}=-${part(20)}`;
  const record = { content: token, uuid: '00000000-0000-4000-8000-000000000001', next: 'x' };
  const { block } = createRedactor({ key }).redact(Buffer.from(`${JSON.stringify(record)}\n`));
  const { content, ...rest } = JSON.parse(Buffer.from(block).toString());
  expect(content).toMatch(/^\[REDACTED:adyen-key:[0-9a-f]{8}\]$/);
  expect(rest).toEqual({ uuid: record.uuid, next: 'x' });
});

test('a word behind the one that tells is known whatever follows it', () => {
  const value = ['q7Zt4hYw', '9sKx2Lm8', 'VbPc5Nd'].join('');
  for (const name of ['access_key_id', 'SECRET_DEV', 'api_key_base64', 'authKeyVal', 'my_secret_us']) {
    for (const sign of [' = ', '=', ': ', ' => '])
      expect(redact(`[default]\n${name}${sign}${value}`).text).not.toContain(value);
  }
});

test('the words of a mail password are seen as an argument, a token whose first digit is far in it', () => {
  const words = ['burg', 'ubyk', 'zfhh', 'cyry'].join(' ');
  expect(redact(`os.getenv("GMAIL_APP_PASSWORD", "${words}")`).text).not.toContain(words);
  const token = `napi_${'mibdifkmhzanvletoovddxprqwkejc'}${'81ndrrpfb9doqc3j4cuqopzumqcxxukfoap'}`;
  expect(redact(`{"made":"${token}"}`).text).not.toContain(token);
});

test('a prompt that shows what was there before is looked behind', () => {
  const value = ['Sku/OeJxk/MMnOP+', 'x1OQwQDoTOQOnfQEFx/aVA05'].join('');
  expect(redact(`AWS Secret Access Key [None]: ${value}\nDefault region name [None]: eu`).text).not.toContain(value);
});

describe('settings', () => {
  for (const { rule, text, secrets } of settings(random)) {
    test(`${rule}: ${text.slice(0, 24)}`, () => {
      const result = redact(text);
      for (const secret of secrets) expect(isLeft(result.text, secret), result.text).toBe(false);
      expect(Object.keys(result.found)).toContain(rule);
    });
  }
});

test('harmless text stays', () => {
  for (const text of harmless) expect(redact(text).text).toBe(text);
});

test('every rule has a name that a mark can carry, triggers, and bounded patterns', () => {
  for (const rule of rules) {
    expect(rule.name).toMatch(/^[a-z0-9-]{2,32}$/);
    expect(rule.triggers.length).toBeGreaterThan(0);
    for (const trigger of rule.triggers) expect(trigger).not.toMatch(/[A-Z]/);
    const bare = rule.facts.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
    expect(bare, rule.name).not.toMatch(/[*+]|\{\d+,\}/);
  }
});
