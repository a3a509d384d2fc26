import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { chars, createRandom, harmless, settings, tokens } from './secrets.ts';

const key = Buffer.alloc(32, 1);
const random = createRandom(7);
const secrets = tokens(random).map(([, token]) => token);
const github = `gh${'p_'}${chars(random, 'alnum', 36)}`;

function redact(block: Buffer): Buffer {
  return Buffer.from(createRedactor({ key }).redact(block).block);
}

const word = fc.constantFrom(
  'the',
  'build',
  'passed',
  'in',
  '12ms',
  'src/app.ts',
  'token',
  'key:',
  'password',
  '=',
  '"',
  '\\',
  '\n',
  '\u001b[1m',
  '→',
  '{',
  '},',
  '\u0000',
  'é',
  '\ud83d\ude00',
);
const prose = fc.array(word, { maxLength: 30 }).map((words) => words.join(' '));
const secret = fc.constantFrom(...secrets);
const text = fc
  .tuple(prose, fc.option(secret), prose)
  .map(([before, token, after]) => [before, token ?? '', after].join(' '));
const record = fc.dictionary(
  fc.constantFrom('type', 'text', 'password', 'id', 'cwd', 'n'),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 3 })),
  { maxKeys: 5 },
);
const lines = fc
  .array(record, { minLength: 1, maxLength: 6 })
  .map((records) => records.map((value) => `${JSON.stringify(value)}\n`).join(''));

describe('for every block', () => {
  test('lines stay lines and valid records stay valid', () => {
    fc.assert(
      fc.property(lines, (block) => {
        const out = redact(Buffer.from(block)).toString();
        expect(out.split('\n').length).toBe(block.split('\n').length);
        for (const line of out.split('\n').slice(0, -1)) JSON.parse(line);
      }),
      { numRuns: 400 },
    );
  });

  test('no token survives', () => {
    fc.assert(
      fc.property(prose, secret, prose, (before, token, after) => {
        const out = redact(Buffer.from(`${JSON.stringify({ text: `${before} ${token} ${after}` })}\n`)).toString();
        expect(out).not.toContain(token.slice(4));
      }),
      { numRuns: 400 },
    );
  });

  test('twice is once', () => {
    fc.assert(
      fc.property(lines, (block) => {
        const once = redact(Buffer.from(block));
        expect(redact(once).equals(once)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('any bytes at all: same lines, and twice is once', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
            text.map((value) => Buffer.from(value)),
          ),
        ),
        (parts) => {
          const block = Buffer.concat([...parts, Buffer.from('\n')]);
          const once = redact(block);
          const count = (bytes: Buffer) => bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
          expect(count(once)).toBe(count(block));
          expect(redact(once).equals(once)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('escaped in any way a secret is found', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: github.length, maxLength: github.length }), (escaped) => {
        const body = [...github]
          .map((char, i) => (escaped[i] ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char))
          .join('');
        const out = redact(Buffer.from(`{"text":"see ${body} there"}\n`)).toString();
        expect(JSON.parse(out).text).toMatch(/^see \[REDACTED:github-token:[0-9a-f]{8}\] there$/);
      }),
      { numRuns: 200 },
    );
  });
});

test('a block without a finding is the very object', () => {
  for (const text of harmless) {
    const block = Buffer.from(`${JSON.stringify({ text })}\n`);
    expect(createRedactor({ key }).redact(block).block).toBe(block);
  }
});

test('outside a finding every byte stays: BOM, CRLF, NUL, invalid UTF-8, big numbers, duplicate keys', () => {
  const before = Buffer.concat([
    Buffer.from('\ufeff{"n":12345678901234567890,"n":1.0,"t":"\u0000 \\ud800 '),
    Buffer.from([0xff, 0xfe, 0xc0]),
  ]);
  const after = Buffer.from(' \\u00e9 \\/"}\r\n\0\0\0\0\n{broken "x\n');
  const out = redact(Buffer.concat([before, Buffer.from(github), after]));
  expect(out.subarray(0, before.length).equals(before)).toBe(true);
  expect(out.subarray(out.length - after.length).equals(after)).toBe(true);
  expect(out.length).toBe(before.length + after.length + '[REDACTED:github-token:12345678]'.length);
});

test('the same secret has the same mark with the same key, another with another', () => {
  const line = Buffer.from(`{"a":"${github}"}\n{"GITHUB_TOKEN":"${github}"}\n`);
  const marks = (bytes: Uint8Array) =>
    Buffer.from(bytes)
      .toString()
      .match(/\[REDACTED:[^\]]+\]/g) ?? [];
  const [first, second] = marks(createRedactor({ key }).redact(line).block);
  expect(first).toBe(second);
  expect(marks(createRedactor({ key: Buffer.alloc(32, 2) }).redact(line).block)[0]).not.toBe(first);
});

describe('a secret is found wherever it lies', () => {
  // Borders of the four lanes of a scan, of the stretches it takes, and of the regions that are looked at.
  const borders = [4096, 8192, 16384, 1 << 16, 1 << 18, 1 << 19, 3 * (1 << 18), 1 << 20];
  for (const border of borders) {
    test(`around byte ${border}`, () => {
      const filler = Buffer.alloc(border * 2, 'lorem ipsum dolor sit amet, ');
      for (let offset = -48; offset <= 8; offset += border > 1 << 17 ? 5 : 1) {
        const block = Buffer.concat([
          filler.subarray(0, border + offset),
          Buffer.from(` ${github} `),
          filler.subarray(0, border),
          Buffer.from('\n'),
        ]);
        expect(redact(block).includes(github.slice(0, 20)), `offset ${offset}`).toBe(false);
      }
    });
  }

  test('in a line of nothing but triggers', () => {
    const dense = 'token= key: https://a password=x1 '.repeat(8000);
    for (const at of [0, 1000, 65_000, 65_536, 66_000, 131_072, 200_000]) {
      const line = `${dense.slice(0, at)} ${github} ${dense.slice(at)}\n`;
      expect(redact(Buffer.from(line)).includes(github.slice(0, 20)), `at ${at}`).toBe(false);
    }
  });
});

describe('memory', () => {
  const password = `${chars(random, 'alnum', 14)}x7`;
  const learn = `{"cmd":"export DB_PASSWORD='${password}'"}\n`;

  test('a value is found bare, later and earlier in the block, encoded, and in the next block', () => {
    const bare = `{"out":"hello ${password} bye"}\n`;
    const base64 = `{"out":"${Buffer.from(`u:${password}\nnext`).toString('base64')}"}\n`;
    const redactor = createRedactor({ key });
    const first = Buffer.from(redactor.redact(Buffer.from(bare + learn + base64)).block).toString();
    expect(first).not.toContain(password);
    expect(first.split('\n')[2]).toContain('[REDACTED:');
    const second = Buffer.from(redactor.redact(Buffer.from(bare)).block).toString();
    expect(second).toBe(first.slice(0, second.length));
  });

  test('a value that ends in a repetition is found wherever it lies', () => {
    for (const value of [`Xk9!q${'a'.repeat(8)}`, `Zq7x${'ab'.repeat(4)}`, `Zq7x${'abc'.repeat(3)}`]) {
      const redactor = createRedactor({ key });
      redactor.redact(Buffer.from(`{"cmd":"export DB_PASSWORD='${value}'"}\n`));
      for (let shift = 0; shift < 4; shift += 1) {
        const line = `{"out":"${'-'.repeat(shift)} ${value} bye"}\n`;
        expect(Buffer.from(redactor.redact(Buffer.from(line)).block).toString(), line).not.toContain(value);
      }
    }
  });

  test('it survives a restart without the secret', () => {
    const redactor = createRedactor({ key });
    redactor.redact(Buffer.from(learn));
    const stored = JSON.stringify(redactor.learned());
    expect(stored).not.toContain(password.slice(0, 8));
    const next = createRedactor({ key, remembered: JSON.parse(stored) });
    for (let shift = 0; shift < 9; shift += 1) {
      const line = `{"out":"${'-'.repeat(shift)} ${password} bye"}\n`;
      expect(Buffer.from(next.redact(Buffer.from(line)).block).toString()).not.toContain(password);
    }
  });
});

test('a key in three records is followed to its end, over blocks', () => {
  const { text, secrets: body } = settings(random).find(({ rule }) => rule === 'private-key') ?? {
    text: '',
    secrets: [],
  };
  const all = text.split('\n');
  const records = [all.slice(0, 5), all.slice(5, 9), all.slice(9)].map(
    (part) => `${JSON.stringify({ text: part.join('\n') })}\n`,
  );
  const together = redact(Buffer.from(records.join(''))).toString();
  const redactor = createRedactor({ key });
  const apart = records.map((record) => Buffer.from(redactor.redact(Buffer.from(record)).block).toString()).join('');
  for (const line of body) {
    expect(together).not.toContain(line);
    expect(apart).not.toContain(line);
  }
});

test('a key of which every line is a record, or comes alone, is followed from its heading to its end', () => {
  const { text, secrets: body } = settings(random).find(({ rule }) => rule === 'private-key') ?? {
    text: '',
    secrets: [],
  };
  const all = text.split('\n');
  const written: readonly ((line: string) => string)[] = [
    (line) => `${JSON.stringify({ log: `${line}\n`, stream: 'stdout' })}\n`,
    (line) => `${JSON.stringify({ log: `${line}\r\n` })}\n`,
    (line) => `${JSON.stringify({ text: line })}\n`,
    (line) => `${line}\n`,
    (line) => `${line}\r\n`,
  ];
  for (const write of written) {
    const redactor = createRedactor({ key });
    const records = ['before', ...all, 'behind'].map(write);
    const apart = records.map((record) => Buffer.from(redactor.redact(Buffer.from(record)).block).toString());
    const together = redact(Buffer.from(records.join(''))).toString();
    for (const line of body) {
      expect(apart.join('')).not.toContain(line);
      expect(together).not.toContain(line);
    }
    expect(apart[1]).toBe(records[1]);
    expect(apart.at(-1)).toBe(records.at(-1));
  }
  const commits = ['a', 'b'].map((id) => written[2]?.(createHash('sha1').update(id).digest('hex')) ?? '').join('');
  const heading = written[0]?.(all[0] ?? '') ?? '';
  expect(redact(Buffer.from(heading + commits)).toString()).toBe(heading + commits);
});
