import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfigHost } from '../../src/config/config.ts';
import { loadRedaction } from '../../src/config/redaction.ts';
import { matchesGlob } from '../../src/redact/glob.ts';
import { compilePolicy, policyOf } from '../../src/redact/policy.ts';
import { createRedactor, type Replaced } from '../../src/redact/redactor.ts';
import { rules } from '../../src/redact/rules/all.ts';
import { boundPattern } from '../../src/redact/rules/bounded-pattern.ts';
import { temporaryFolder } from '../mirror/rig.ts';
import { createRandom, tokens } from './secrets.ts';

const key = Buffer.alloc(32, 3);
const random = createRandom(77);
const letters = (count: number, set = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789') =>
  Array.from({ length: count }, () => set.charAt(Math.floor(random() * set.length))).join('');

async function host(project: string, user?: string): Promise<ConfigHost> {
  const home = await temporaryFolder();
  const cwd = join(home, 'work', 'app');
  await mkdir(cwd, { recursive: true });
  await mkdir(join(home, '.config', 'cairn'), { recursive: true });
  await writeFile(join(home, 'work', '.cairn-redact.toml'), project);
  if (user !== undefined) await writeFile(join(home, '.config', 'cairn', 'redact.toml'), user);
  return { env: {}, home, cwd, machine: 'buildbox', login: 'anneliese', uid: process.getuid?.() };
}

async function redactorOf(project: string, user?: string, report?: (replaced: Replaced) => void) {
  const settings = await loadRedaction(await host(project, user));
  return createRedactor({ key, ...(settings && { settings }), ...(report && { report }) });
}

function apply(redactor: ReturnType<typeof createRedactor>, ...records: readonly unknown[]): string {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const { block } = redactor.redact(Buffer.from(lines));
  for (const line of Buffer.from(block).toString().trimEnd().split('\n')) JSON.parse(line);
  return Buffer.from(block).toString();
}

describe('rules of the user', () => {
  const config = `
[[rule]]
name = "acme-key"
pattern = 'acme_([a-z0-9]{12,40})'
`;
  test('are applied through escapes, remembered, and stand in the id', async () => {
    const secret = letters(20, 'abcdefghij0123456789');
    const redactor = await redactorOf(config);
    const text = apply(redactor, { text: `use \u0061cme_${secret} now` }, { text: `again: ${secret}` });
    expect(text).not.toContain(secret);
    expect(text).toMatch(/acme_\[REDACTED:acme-key:[0-9a-f]{8}\] now/);
    expect(redactor.redact(Buffer.from(`{"a":"\\u0061cme_${secret}"}\n`)).found).toEqual({ 'acme-key': 1 });
    const plain = createRedactor({ key });
    expect(redactor.id.startsWith(`${plain.id}+`)).toBe(true);
    expect((await redactorOf(config)).id).toBe(redactor.id);
    expect(apply(plain, { text: `use acme_${secret} now` })).toContain(secret);
  });

  test.each([
    ['(a+)+$', 'few ways'],
    ['acme_[a-z]+-[a-z]+-[a-z]+', 'few ways'],
    ['acme_(.)\\1', 'no reference'],
    ['acme_([a-z]', 'regular expression'],
    ['ac[me]_[a-z]{4}', 'begins with'],
    ['acme|[a-z]{9}', 'begins with'],
    ['acmé_[a-z]{4}', 'ASCII'],
  ])('%s is refused when it is loaded', async (pattern, message) => {
    await expect(redactorOf(`[[rule]]\nname = "mine"\npattern = '${pattern}'\n`)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(message),
    });
  });

  test('two of one name hold where either does, and none narrows what is built in', async () => {
    const scoped = (path: string) => `${config}paths = ["${path}"]\n`;
    const redactor = await redactorOf(scoped('src/**'), scoped('lib/**'));
    const secret = letters(20, 'abcdefghij0123456789');
    const record = (path: string) => ({ path, text: `acme_${secret}` });
    for (const path of ['/a/src/x', '/a/lib/x']) expect(apply(redactor, record(path))).not.toContain(secret);
    expect(apply(await redactorOf(scoped('src/**'), scoped('lib/**')), record('/a/x'))).toContain(secret);
    await expect(redactorOf(scoped('src/**').replace('acme-key', 'jwt'))).rejects.toMatchObject({
      code: 'config',
      message: 'expected another name for a rule with tools or paths, got jwt',
    });
  });

  test('the bound of a pattern is the number of its ways to match', () => {
    expect(boundPattern('(?<!\\w)acme-?[a-z]+')).toMatchObject({ prefix: 'acme', length: 261 });
    expect(boundPattern('acme\\.(?:prod|test)_\\w{3,}').source).toBe('acme\\.(?:prod|test)_\\w{3,256}');
    expect(boundPattern('(?:ab){2}c').prefix).toBe('');
    const hostile = new RegExp(boundPattern('xyz[a-z]{1,60}[a-z]{1,60}!').source, 'y');
    expect(hostile.test(`xyz${'a'.repeat(100_000)}`)).toBe(false);
  });
});

describe('what is let through', () => {
  const [[, token] = ['', '']] = tokens(createRandom(5)).filter(([rule]) => rule === 'github-token');
  test('a value, a pattern, a rule', async () => {
    const other = letters(16);
    const record = { text: `GITHUB=${token} DB_PASSWORD=${other}` };
    expect(apply(await redactorOf(`[[allow]]\nvalues = ["${token}"]\n`), record)).toMatch(
      new RegExp(`${token}.*REDACTED:secret-value`),
    );
    expect(apply(await redactorOf(`[[allow]]\npattern = 'ghp_.*'\n`), record)).toContain(token);
    expect(apply(await redactorOf(`[[allow]]\nrules = ["secret-value"]\n`), record)).toContain(other);
    expect(apply(await redactorOf(`disable = ["secret-value"]\n`), record)).toMatch(/REDACTED:github-token/);
    expect(apply(await redactorOf(`[[allow]]\npattern = 'ghp_'\n`), record)).not.toContain(token);
  });

  test('in records of a tool or of a path, and of the results of such calls', async () => {
    const allow = `[[allow]]\ntools = ["Read"]\npaths = ["test/fixtures/**"]\n`;
    const call = (file: string) => ({
      message: { content: [{ type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: file } }] },
    });
    const result = { message: { content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: token }] } };
    expect(apply(await redactorOf(allow), call('/home/x/app/test/fixtures/a/b.env'), result)).toContain(token);
    expect(apply(await redactorOf(allow), call('/home/x/app/src/b.env'), result)).not.toContain(token);
    expect(apply(await redactorOf(allow), result)).not.toContain(token);
    const codex = {
      payload: { type: 'function_call', call_id: 'c', name: 'Read', arguments: '{"path":"test/fixtures/x"}' },
    };
    const output = { payload: { type: 'function_call_output', call_id: 'c', output: token } };
    const redactor = await redactorOf(allow);
    expect(apply(redactor, codex)).not.toContain('REDACTED');
    expect(apply(redactor, output)).toContain(token);
    expect(apply(redactor, { role: 'user', text: token }, output)).not.toContain(token);
  });

  test('globs', () => {
    expect(matchesGlob('/a/b/c.env', 'b/*.env')).toBe(true);
    expect(matchesGlob('/a/b/c.env', '/b/*.env')).toBe(false);
    expect(matchesGlob('/a/b/c.env', '/a/**')).toBe(true);
    expect(matchesGlob('/a/bb/c', '?b/c')).toBe(true);
    expect(matchesGlob('/a/b/c', 'a/c')).toBe(false);
    expect(matchesGlob(`/${'a/'.repeat(2000)}b`, '**/a/**/a/**/a/**/c')).toBe(false);
  });
});

describe('entropy', () => {
  test('a least one beside a telling name, and one for tokens anywhere', async () => {
    const value = `${letters(4)}1${letters(4)}Z9${letters(3)}`;
    const record = { text: `DB_PASSWORD=${value}` };
    expect(apply(await redactorOf('[entropy]\nleast = 1.0\n'), record)).not.toContain(value);
    expect(apply(await redactorOf('[entropy]\nleast = 7.5\n'), record)).toContain(value);
    const unknown = letters(32);
    const bare = {
      text: `it said ${unknown} twice`,
      commit: letters(40, '0123456789abcdef'),
      id: `toolu_${letters(24)}`,
    };
    expect(apply(await redactorOf('disable = ["wallet-key"]\n'), bare)).toContain(unknown);
    const text = apply(await redactorOf('[entropy]\nanywhere = 4.0\n'), bare);
    expect(text).toMatch(/\[REDACTED:unknown-token:/);
    expect(text).toContain(bare.commit);
    expect(text).toContain(bare.id);
  });
});

describe('names', () => {
  test('of home, user and host in text, not within other words', async () => {
    const settings = await loadRedaction(
      await host('[names]\nhome = true\nuser = true\nhost = true\n', '[names]\nwords = ["Hydra Two"]\n'),
    );
    const home = settings?.names.find(({ rule }) => rule === 'home')?.text ?? '';
    const redactor = createRedactor({ key, ...(settings && { settings }) });
    const escaped = `{"a":"${home.replaceAll('/', '\\/')}\\/x"}\n`;
    expect(Buffer.from(redactor.redact(Buffer.from(escaped)).block).toString()).toBe('{"a":"~\\/x"}\n');
    expect(
      apply(redactor, { a: `${home}/src and ${home}2`, b: 'anneliese@buildbox', c: 'buildboxes', d: 'of Hydra Two!' }),
    ).toMatch(
      /^\{"a":"~\/src and \/.*2","b":"user@host","c":"buildboxes","d":"of \[REDACTED:name:[0-9a-f]{8}\]!"\}\n$/,
    );
  });
});

describe('room', () => {
  const word = (length: number, n = 0) => `${n}`.padStart(length, 'w');
  const named = (words: readonly string[]) => `[names]\nwords = ${JSON.stringify(words)}\n`;

  test('names are found up to the number of bytes that there is room for, and refused beyond', async () => {
    const words = Array.from({ length: 2500 }, (_, n) =>
      createHash('sha256').update(`${n}`).digest('hex').slice(0, 20),
    );
    const redactor = await redactorOf(named(words));
    const text = apply(redactor, { a: words.join(' ') });
    expect(text.match(/\[REDACTED:name:[0-9a-f]{8}\]/g)?.length).toBe(words.length);
    await expect(redactorOf(named([...words, 'one more']))).rejects.toMatchObject({
      code: 'config',
      message: 'expected names, and the plain beginnings of patterns, of at most 50000 bytes together, got 50008',
      hint: expect.stringContaining('[[rule]]'),
    });
    const patterns = Array.from({ length: 251 }, (_, n) => `[[rule]]\nname = "r${n}"\npattern = '${word(200, n)}'\n`);
    await expect(redactorOf(patterns.join(''))).rejects.toMatchObject({ code: 'config' });
  });

  test('the engine has more states than the rules and all own words have bytes', () => {
    const words = new Set(rules.flatMap(({ triggers }) => triggers));
    expect([...words].join('').length + 50_000).toBeLessThan(65_000);
  });

  test('a name has as many bytes as stand before a window', async () => {
    const text = `é${word(4094)}`;
    const before = Array.from({ length: 40 }, () => ({ a: 'x'.repeat(4096) }));
    expect(apply(await redactorOf(named([text])), ...before, { a: text })).not.toContain(text);
    await expect(redactorOf(named([`é${word(4095)}`]))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^expected names of at most 4096 bytes, got 4097: "éwww/),
    });
  });

  test('sessions of one configuration share one policy', async () => {
    const settings = await loadRedaction(await host(named(['Hydra Two'])));
    if (!settings) throw new Error('no settings');
    expect(policyOf({ key, settings })).toBe(policyOf({ key: Buffer.from(key), settings }));
    expect(policyOf({ key: Buffer.alloc(32, 4), settings }).id).not.toBe(policyOf({ key, settings }).id);
  });
});

describe('the files', () => {
  test.each([
    ['alow = []', 'alow'],
    ['[[rule]]\nname = "A"\npattern = "abc"', 'a name of a-z'],
    ['[[allow]]', 'expected rules, values'],
    ['[entropy]\nleast = 9', 'entropy.least'],
    ['disable = ["no-such-rule"]', 'no-such-rule'],
    ['[[rule]\n', 'line 1'],
  ])('%s is refused', async (text, message) => {
    const load = async () => {
      const settings = await loadRedaction(await host(text));
      if (settings) compilePolicy(settings, key);
    };
    await expect(load()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(message) });
  });

  test('lists add up, the number of the project holds, nothing is nothing', async () => {
    const settings = await loadRedaction(
      await host(
        'disable = ["jwt"]\n[entropy]\nleast = 2',
        'disable = ["wallet-key"]\n[entropy]\nleast = 3\nanywhere = 4',
      ),
    );
    expect(settings).toMatchObject({ disable: ['wallet-key', 'jwt'], least: 2, anywhere: 4 });
    const { cwd: _, ...rest } = await host('');
    expect(await loadRedaction({ ...rest, cwd: rest.home })).toBeUndefined();
  });
});

describe('what is reported', () => {
  test('is where it stood, in whatever round it was found', async () => {
    const secret = letters(24);
    const reports: Replaced[] = [];
    const redactor = await redactorOf('', undefined, (replaced) => reports.push(replaced));
    const line = Buffer.from(`{"a":1}\n${JSON.stringify({ a: `API_KEY=${secret}`, b: `and ${secret} again` })}\n`);
    redactor.redact(line);
    expect(reports.map(({ from, to }) => line.toString('utf8', from, to))).toEqual([secret, secret]);
    expect(reports.map(({ remembered }) => remembered)).toEqual([false, true]);
  });
});
