import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom, tokens } from '../redact/secrets.ts';
import { expectFailure, main, objects, User } from './cairn.ts';

const random = createRandom(4711);
const [[, token] = ['', '']] = tokens(random).filter(([rule]) => rule === 'github-token');

/** A command as a child, with what it has written so far. */
function start(user: User, ...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { cwd: user.home, env: user.env });
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (piece) => {
    text += piece;
  });
  return {
    child,
    text: () => text,
    async until(end: string) {
      while (!text.endsWith(end)) await once(child.stdout, 'data');
    },
  };
}

test('the filter writes line for line, while its source goes on', async () => {
  const user = await User.create();
  const { child, text, until } = start(user, 'redact', 'filter');
  child.stdin.write(`{"a":1}\n{"t":"${token}"}\n{"b":`);
  await until('"}\n');
  const [first, second, ...rest] = text().split('\n');
  expect(first).toBe('{"a":1}');
  expect(second).toMatch(/^\{"t":"\[REDACTED:github-token:[0-9a-f]{8}\]"\}$/);
  expect(rest).toEqual(['']);
  child.stdin.end(`2}\n${token} torn`);
  const [exit] = await once(child, 'close');
  expect(exit).toBe(0);
  expect(text().split('\n').slice(2)).toEqual(['{"b":2}', expect.stringMatching(/^\[REDACTED:.*\] torn$/)]);
  expect(text()).not.toContain(token);
});

test('a large input comes out whole, in order, with what is clean unchanged', async () => {
  const user = await User.create();
  const { child, text } = start(user, 'redact', 'filter');
  const lines = Array.from(
    { length: 40_000 },
    (_, i) => `{"n":${i},"text":"${'\u00fc nothing to see here. '.repeat(12)}"}`,
  );
  lines[39_000] = `{"n":39000,"text":"${token}"}`;
  child.stdin.end(`${lines.join('\n')}\n`);
  await once(child, 'close');
  const out = Buffer.from(text(), 'latin1').toString('utf8').trimEnd().split('\n');
  expect(out.length).toBe(lines.length);
  expect(out.filter((line, i) => line !== lines[i])).toEqual([expect.stringContaining('"n":39000,"text":"[REDACTED:')]);
}, 20_000);

test('a source that breaks off is one error of the filter', async () => {
  const user = await User.create();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const source = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [writer] = (await once(server, 'connection')) as [Socket];
  const child = spawn(process.execPath, [main, 'redact', 'filter'], {
    cwd: user.home,
    env: user.env,
    stdio: [source, 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stderr?.on('data', (piece) => {
    stderr += piece;
  });
  child.stdout?.on('data', (piece) => {
    stdout += piece;
    writer.resetAndDestroy();
  });
  writer.write('{"a":1}\n');
  const [exit] = await once(child, 'close');
  expectFailure({ exit, stdout, stderr }, 75, /expected to read standard input, got ECONNRESET/);
  expect(stdout).toBe('{"a":1}\n');
  source.destroy();
  server.close();
});

test('test shows where and why, and the secret only when asked', async () => {
  const user = await User.create();
  await writeFile(join(user.home, 'a.jsonl'), `{"a":1}\n{"t":"key ${token} and DB_PASSWORD=Zq7-plM9vwX2"}\n`);
  await writeFile(join(user.home, '.cairn-redact.toml'), 'disable = ["secret-value"]\n');
  const [found, ...others] = objects((await user.run('redact', 'test', 'a.jsonl')).stdout);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    line: 2,
    offset: 18,
    column: 11,
    length: token.length,
    rule: 'github-token',
    mark: expect.stringMatching(/^\[REDACTED:github-token:[0-9a-f]{8}\]$/),
    remembered: false,
    before: '{"t":"key ',
    after: ' and DB_PASSWORD=Zq7-plM9vwX2"}',
  });
  expect(JSON.stringify(found)).not.toContain(token);
  const people = await user.run('redact', 'test', 'a.jsonl', '--no-json', '--reveal');
  expect(people.stdout).toContain(`key ${token} and`);
  expect(people.stderr).toContain('would redact 1: github-token 1');
  const { child, text } = start(user, 'redact', 'test', '-');
  child.stdin.end(`${token} and ${token}\n\n${token}\n`);
  await once(child, 'close');
  expect(text()).not.toContain(token);
  expect(objects(text())).toMatchObject([
    { line: 1, column: 1, offset: 0, before: '', after: expect.stringMatching(/^ and \[REDACTED:[^ ]*\]$/) },
    { line: 1, column: token.length + 6, before: expect.stringMatching(/^\[REDACTED:[^ ]*\] and $/), after: '' },
    { line: 3, column: 1, before: '', after: '' },
  ]);
  expectFailure(await user.run('redact', 'test', 'none.jsonl'), 9, /expected to read none\.jsonl, got ENOENT/);
  await writeFile(join(user.home, '.cairn-redact.toml'), 'disabled = []\n');
  expectFailure(
    await user.run('redact', 'test', 'a.jsonl'),
    2,
    /expected a known key in .*\.cairn-redact\.toml, got disabled/,
  );
});

test('a mirror with --entropy replaces unknown tokens, one without does not', async () => {
  const user = await User.create();
  const session = '7c0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c11';
  const folder = join(user.home, '.claude/projects/-home-dev-shop');
  const unknown = createHash('sha256').update('a token of no known kind').digest('base64url').slice(0, 36);
  const record = (n: number) =>
    `${JSON.stringify({ type: 'user', sessionId: session, uuid: `u${n}`, cwd: '/home/dev/shop', message: { role: 'user', content: `try ${unknown} there` } })}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${session}.jsonl`), record(1));
  expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
  expect((await user.run('session', 'cat', session)).stdout).toBe(record(1));
  await appendFile(join(folder, `${session}.jsonl`), record(2));
  expect((await user.run('session', 'mirror', '--all', '--entropy', '4')).exit).toBe(0);
  const [, second = ''] = (await user.run('session', 'cat', session)).stdout.split('\n');
  expect(second).toMatch(/try \[REDACTED:unknown-token:[0-9a-f]{8}\] there/);
  expectFailure(await user.run('session', 'mirror', '--all', '--entropy', '9'), 2, /expected bits from 0 to 8/);
});
