import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeSampleHome } from '../../src/cli/demo-sample.ts';
import { openStore } from '../../src/store/open.ts';
import { realS3Url } from '../store/real-s3.ts';
import { testRuntime } from '../store/runtime.ts';
import { expectFailure, objects, User } from './cairn.ts';

const session = '5b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';
const transcript = `.claude/projects/-home-dev-shop/${session}.jsonl`;
const { id } = testRuntime();
const commands = [
  ['session', 'mirror', '--all'],
  ['session', 'list'],
  ['session', 'show', session],
  ['session', 'cat', session],
  ['session', 'tail', session],
  ['session', 'verify', session],
  ['session', 'stop', session],
];

/** Somebody with the sample's sessions, who may write to the bucket. */
async function userOf(bucket: string): Promise<User> {
  const user = await User.create();
  const credentials = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  user.env = { ...user.env, ...Object.fromEntries(credentials), CAIRN_BUCKET: bucket };
  await writeSampleHome(user.home);
  return user;
}

describe.skipIf(realS3Url('') === undefined)('a real S3 server', () => {
  let url: string;
  let user: User;
  beforeEach(async () => {
    url = realS3Url(id()) ?? '';
    user = await userOf(url);
  });

  test('mirror, list, show, cat, tail, verify, stop', async () => {
    const mirrored = await user.run('session', 'mirror', '--all');
    expect(mirrored).toMatchObject({ exit: 0, stderr: '' });
    expect(objects(mirrored.stdout).at(-1)).toMatchObject({ sessions: 3, parts: 4, failed: 0 });
    await appendFile(join(user.home, transcript), '{"type":"user","message":{"content":"One more."}}\n');
    expect(objects((await user.run('session', 'mirror', '--all')).stdout).at(-1)).toMatchObject({ parts: 1 });

    const reader = await userOf(url);
    expect(objects((await reader.run('session', 'list')).stdout).length).toBe(3);
    expect(objects((await reader.run('session', 'show', session)).stdout)[0]).toMatchObject({ session });
    const source = await readFile(join(user.home, transcript), 'utf8');
    expect((await reader.run('session', 'cat', session)).stdout).toBe(source);
    const last = await reader.run('session', 'tail', session, '-n', '1');
    expect(last.stdout).toContain('One more.');

    const verified = await user.run('session', 'verify', session);
    expect(verified.exit).toBe(0);
    expect(objects(verified.stdout).map((stream) => stream.source)).toEqual(['equal', 'equal']);
    expect((await user.run('session', 'stop', session)).exit).toBe(0);
    expect(objects((await reader.run('session', 'list', '--state', 'ended')).stdout)).toMatchObject([{ session }]);
  });

  test('a session is given out by a link, and taken back', async () => {
    const secret = ['shop', 'internal', 'launch-code-7731'].join('/');
    await appendFile(join(user.home, transcript), `{"type":"user","message":{"content":"Go: ${secret}"}}\n`);
    await user.run('session', 'mirror', '--all');
    await writeFile(
      join(user.home, '.cairn-redact.toml'),
      '[[rule]]\nname = "launch"\npattern = "launch-code-[0-9]{4}"\n',
    );
    expectFailure(await user.run('session', 'share', session), 2, /expected --yes where nobody can be asked/);
    const shared = await user.run('session', 'share', session, '--yes', '--expires', '1h');
    const [{ url: link, redactions }] = objects(shared.stdout) as [{ url: string; redactions: number }];
    expect(redactions).toBe(1);
    const page = await fetch(link);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    expect(html).toContain('[REDACTED:launch:');
    expect(html).not.toContain('launch-code-7731');
    expect(objects((await user.run('session', 'share', session, '--list')).stdout)).toMatchObject([{ session }]);
    expect(objects((await user.run('session', 'share', session, '--revoke')).stdout)).toMatchObject([{ revoked: 1 }]);
    expect((await fetch(link)).status).toBe(404);
    await user.run('session', 'share', session, '--yes');
    await user.run('session', 'delete', session, '--yes');
    const store = await openStore(url, { env: process.env, runtime: testRuntime() });
    for await (const entry of store.list('')) expect('key' in entry && entry.key).not.toContain('/shares/');
    await store.close();
  });

  test.each(commands)('wrong credentials: %s %s', async (...args) => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      const stranger = await userOf(url);
      stranger.env = { ...stranger.env, [name]: 'wrong' };
      expectFailure(await stranger.run(...args), 77, /^cairn: expected to .*, got 403/m);
    }
  });

  test.each(commands)('no such bucket: %s %s', async (...args) => {
    const elsewhere = await userOf(url.replace(/^s3:\/\/[^/]+/, 's3://no-such-bucket'));
    expectFailure(await elsewhere.run(...args), 9, /^cairn: expected to .*, got 404 NoSuchBucket/m);
  });
});

test.each(commands)('endpoint down: %s %s', async (...args) => {
  const offline = await userOf('s3://bucket/prefix?endpoint=http://127.0.0.1:9');
  offline.env = { ...offline.env, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' };
  expectFailure(await offline.run(...args), 75, /^cairn: expected to .*, got connect ECONNREFUSED/m);
});
