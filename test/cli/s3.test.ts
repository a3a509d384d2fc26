import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeSampleHome } from '../../src/cli/demo-sample.ts';
import { type S3Double, startS3Double } from '../store/s3-double.ts';
import { objects, User } from './cairn.ts';

let double: S3Double;
let user: User;
let url: string;
beforeEach(async () => {
  double = await startS3Double();
  url = `s3://${double.bucket}/team?endpoint=${double.endpoint}&region=eu-1`;
  user = await User.create();
  user.env = { ...user.env, AWS_ACCESS_KEY_ID: 'double-id', AWS_SECRET_ACCESS_KEY: ['double', 'word'].join('-') };
  await writeSampleHome(user.home);
});
afterEach(() => double.close());

test('init, mirror on one host, read on another', async () => {
  expect(await user.run('init', url, '--project', 'shop')).toMatchObject({ exit: 0, stderr: '' });
  const file = await readFile(join(user.home, '.cairn.toml'), 'utf8');
  expect(file).not.toContain('double-');
  expect(await user.run('session', 'mirror', '--all')).toMatchObject({ exit: 0, stderr: '' });
  const other = await User.create();
  other.env = { ...user.env, HOME: other.home, CAIRN_BUCKET: url, CAIRN_PROJECT: 'shop' };
  double.requests.length = 0;
  const list = objects((await other.run('session', 'list')).stdout);
  expect(list.length).toBe(3);
  // A LIST and two GETs of the one catalog, a LIST of the marks; once a day whether the project is encrypted.
  expect(double.requests).toHaveLength(5);
  const repeated = async (...args: readonly string[]) => {
    double.requests.length = 0;
    expect(await other.run(...args)).toMatchObject({ exit: 0 });
    return double.requests;
  };
  expect(await repeated('session', 'list')).toHaveLength(4);
  // What people say of sessions was read once: slots never change.
  for (const { session } of list) await other.run('session', 'label', String(session), 'seen=yes');
  await repeated('session', 'list');
  expect(await repeated('session', 'list', '--label', 'seen=yes')).toHaveLength(4);
  for (const name of ['a', 'b', 'c']) await other.run('task', 'add', name, name);
  const gets = (requests: readonly string[]) => requests.filter((request) => request.startsWith('GET')).length;
  const first = gets(await repeated('task', 'list'));
  expect(first - gets(await repeated('task', 'list'))).toBe(3);
  await other.run('task', 'add', 'd', 'd');
  const grown = gets(await repeated('task', 'list'));
  expect(grown - gets(await repeated('task', 'list', '--limit', '2'))).toBe(1);
  // A copy that is damaged is read again.
  const state = join(other.home, '.local/state/cairn');
  const [copy = ''] = (await readdir(state, { recursive: true })).filter((path) => path.endsWith('tasks.json'));
  await writeFile(join(state, copy), '{"v":1,"slots":{"tasks/a":{"n":1}}}');
  expect(objects((await other.run('task', 'list', '--json')).stdout)).toHaveLength(4);
  const { session } = list[0]!;
  double.requests.length = 0;
  expect((await other.run('session', 'show', `codex/${session}`, '--tail', '1')).exit).toBe(0);
  expect(double.requests.length).toBeLessThanOrEqual(4);
  expect(objects((await other.run('session', 'cat', String(session))).stdout).length).toBe(4);
  expect((await other.run('session', 'verify', '--all')).exit).toBe(0);
});

test('a store that ignores conditions: exit 78, unless a single writer is promised', async () => {
  double.flaws.ignoresCondition = true;
  const refused = await user.run('init', url);
  expect(refused.exit).toBe(78);
  expect(refused.stderr).toContain('condition');
  expect((await user.run('init', url, '--single-writer')).exit).toBe(0);
  expect((await user.run('doctor')).exit).toBe(78);
  const mirror = await user.run('session', 'mirror', '--all');
  expect(mirror.exit).toBe(78);
  expect(mirror.stderr).toContain('--single-writer');
  expect([...double.objects.keys()].filter((key) => key.includes('/part-'))).toEqual([]);
  expect((await user.run('session', 'mirror', '--all', '--single-writer')).exit).toBe(0);
  expect((await user.run('session', 'verify', '--all')).exit).toBe(0);
});

test('refused credentials: exit 77', async () => {
  await user.run('init', url);
  for (const method of ['GET', 'PUT', 'LIST']) {
    double.fault(method, { kind: 'status', status: 403, after: false }, 1000);
  }
  for (const args of [['session', 'list'], ['session', 'mirror', '--all'], ['doctor']]) {
    const { exit, stderr } = await user.run(...args);
    expect({ args, exit }).toEqual({ args, exit: 77 });
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});
