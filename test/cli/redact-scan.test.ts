import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { createRandom, tokens } from '../redact/secrets.ts';
import { testRuntime } from '../store/runtime.ts';
import { expectFailure, objects, User } from './cairn.ts';

const session = '7c0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';
const transcript = `.claude/projects/-home-dev-shop/${session}.jsonl`;
const [[, token] = ['', '']] = tokens(createRandom(815)).filter(([rule]) => rule === 'github-token');
const record = (n: number, text: string) =>
  `${JSON.stringify({ type: 'user', sessionId: session, uuid: `u${n}`, cwd: '/home/dev/shop', message: { role: 'user', content: text } })}\n`;

async function succeed(user: User, ...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await user.run(...args);
  expect([args, exit, stderr]).toEqual([args, 0, expect.any(String)]);
  return stdout;
}

/** Keys of objects in which the token stands, as far as they are plain. */
async function holders(bucket: string): Promise<string[]> {
  const store = await openStore(bucket, { env: process.env, runtime: testRuntime() });
  const keys: string[] = [];
  for await (const entry of store.list('')) {
    if (!('key' in entry)) continue;
    const bytes = Buffer.from((await (await store.get(entry.key))?.bytes()) ?? []);
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    if (text.includes(token)) keys.push(entry.key);
  }
  await store.close();
  return keys;
}

/** Everything that commands say of the project. */
async function told(user: User): Promise<string> {
  const outputs = [
    await succeed(user, 'session', 'list', '--json'),
    await succeed(user, 'session', 'cat', session),
    (await user.run('session', 'search', token, '--json')).stdout,
    await succeed(user, 'session', 'export', session, '--format', 'markdown'),
  ];
  return outputs.join('\n');
}

describe.each([
  ['a project', []],
  ['an encrypted project', ['--encrypt']],
])('scan --fix on %s', (_, options) => {
  test('takes a secret out of records, title, catalog and index, and it does not come back', async () => {
    const user = await User.create();
    user.env = { ...user.env, CAIRN_BUCKET: `file://${user.home}/shared`, CAIRN_PROJECT: 'shop' };
    await mkdir(join(user.home, transcript, '..'), { recursive: true });
    await writeFile(join(user.home, transcript), record(1, `deploy with ${token} please`) + record(2, 'and then'));
    await succeed(user, 'init', ...options);
    await succeed(user, 'session', 'mirror', '--all', '--no-redact');
    await writeFile(join(user.home, '.cairn-redact.toml'), 'disable = ["github-token", "secret-value"]\n');
    await succeed(user, 'memory', 'set', 'note', `it is ${token}`);
    await rm(join(user.home, '.cairn-redact.toml'));
    await succeed(user, 'index');
    expect(await told(user)).toContain(token);

    const report = await user.run('redact', 'scan', '--json');
    expect(report.exit).toBe(1);
    const found = objects(report.stdout);
    expect(found).toContainEqual(
      expect.objectContaining({ event: 'found', session, stream: 'main', epoch: 0, seq: 0 }),
    );
    expect(found).toContainEqual(expect.objectContaining({ event: 'found', session, catalog: expect.any(String) }));
    expect(found).toContainEqual(expect.objectContaining({ event: 'found', shared: 'memory/note/1' }));
    expect(report.stdout).not.toContain(token);
    expect(await told(user)).toContain(token);

    expectFailure(await user.run('redact', 'scan', '--fix'), 1, /found .*1 object that agents share/);
    expect(await told(user)).not.toContain(token);
    expect((await holders(String(user.env.CAIRN_BUCKET))).filter((key) => !key.includes('/memory/'))).toEqual([]);
    await succeed(user, 'session', 'verify', '--all');

    await appendFile(join(user.home, transcript), record(3, `again ${token}`));
    await succeed(user, 'session', 'mirror', '--all');
    await succeed(user, 'index');
    expect(await told(user)).not.toContain(token);
    await succeed(user, 'memory', 'set', 'note', 'it is gone');
    expect(objects((await user.run('redact', 'scan', '--json')).stdout).map(({ shared }) => shared)).toEqual([
      'memory/note/1',
    ]);
    expect((await holders(String(user.env.CAIRN_BUCKET))).filter((key) => !key.includes('/memory/'))).toEqual([]);
    // With one session named, what agents share is not looked at.
    expect(await succeed(user, 'redact', 'scan', session)).toBe('');
  }, 120_000);
});
