import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { asRecord, offsetsInText, redactKeepingLines, redactText } from '../../src/redact/text.ts';
import { chars, createRandom } from './secrets.ts';

const key = Buffer.alloc(32, 9);
const random = createRandom(31);
const dashes = '-'.repeat(5);
const body = Array.from({ length: 6 }, () => chars(random, 'base64', 64));
const pem = [`${dashes}BEGIN RSA PRIVATE KEY${dashes}`, ...body, `${dashes}END RSA PRIVATE KEY${dashes}`].join('\n');
const password = `${chars(random, 'alnum', 12)}x7`;
const netrc = `machine a.io\n  login bob\n  password ${password}`;

const redactor = () => createRedactor({ key });
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a secret in plain text is found over its lines', () => {
  const given = `$ cat id\n${pem}\nand "so" on \u00e9\n${netrc}\nend`;
  const { block, found } = redactText(redactor(), Buffer.from(given));
  expect(found).toEqual({ 'private-key': 1, 'netrc-password': 1 });
  expect(text(block)).toMatch(
    /^\$ cat id\n\[REDACTED:private-key:\w{8}\]\nand "so" on \u00e9\nmachine a.io\n {2}login bob\n {2}password \[REDACTED:netrc-password:\w{8}\]\nend$/,
  );
});

test('as many lines may be kept', () => {
  const given = `one\n${pem}\ntwo\n\n${pem.replaceAll(body[0] ?? '', chars(random, 'base64', 64))}\n`;
  const kept = text(redactKeepingLines(redactor(), Buffer.from(given)).block);
  const lines = kept.split('\n');
  expect(lines.length).toBe(given.split('\n').length);
  expect(lines.indexOf('two')).toBe(given.split('\n').indexOf('two'));
  for (const line of body) expect(kept).not.toContain(line);
});

test('as many lines are kept where names are replaced as well', () => {
  const names = [
    { rule: 'home', text: '/home/anneliese', instead: '~' },
    { rule: 'user', text: 'ann', instead: 'user' },
  ] as const;
  const settings = { disable: [], rules: [], allow: [], names };
  const other = pem.replaceAll(body[0] ?? '', chars(random, 'base64', 64));
  for (const given of [
    `in /home/anneliese/x\n${pem}\nann and /home/anneliese/y\n${other}\n/home/anneliese`,
    `ann\n${pem}\nann\n${other}\nann\nann\n`,
  ]) {
    const kept = text(redactKeepingLines(createRedactor({ key, settings }), Buffer.from(given)).block);
    expect(kept.split('\n').length).toBe(given.split('\n').length);
    expect(kept.match(/REDACTED/g)?.length).toBe(2);
    expect(kept).not.toMatch(/ann/);
  }
});

test('records, single lines and bytes that are no text go line by line, and what is clean is the very object', () => {
  for (const given of [
    '{"a":1}\n{"b":2}\n',
    'one line',
    'two\nlines\n',
    Buffer.from([0xff, 0x0a, 0xfe, 0x0a]),
    '{\n  "pretty": 1\n}\n',
  ]) {
    const bytes = Buffer.from(given);
    expect(redactText(redactor(), bytes).block).toBe(bytes);
  }
  const record = `{"key":"${JSON.stringify(pem).slice(1, -1)}"}\n{"n":1}\n`;
  expect(text(redactText(redactor(), Buffer.from(record)).block)).toMatch(
    /^\{"key":"\[REDACTED:private-key:\w{8}\]"\}\n\{"n":1\}\n$/,
  );
  expect(text(redactText(redactor(), Buffer.from(`PASSWORD=${password}`)).block)).toMatch(
    /^PASSWORD=\[REDACTED:[^\n]*\]$/,
  );
});

test('offsets of the record are found again in the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      const given = Buffer.from(`${before}\n${password}${after}\n.`);
      const record = asRecord(given);
      if (!record) return;
      const at = record.indexOf(password);
      const places = offsetsInText(record, [at + password.length, at]);
      expect(given.toString('utf8', places.get(at), places.get(at + password.length))).toBe(password);
    }),
  );
});
