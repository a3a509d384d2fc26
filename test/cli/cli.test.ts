import { spawn } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeSampleHome } from '../../src/cli/demo-sample.ts';
import { expectFailure, main, objects, type Result, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const first = '5b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';
const transcript = `.claude/projects/-home-dev-shop/${first}.jsonl`;

let user: User;
beforeEach(async () => {
  user = await User.create();
});

function expectDocumented(heading: string, result: Result): void {
  const found = objects(result.stdout);
  expect(found.length).toBeGreaterThan(0);
  for (const value of found) expect(undocumented(heading, value)).toEqual([]);
}

describe('a day with the sample', () => {
  beforeEach(() => writeSampleHome(user.home));

  test('mirror, list, show, cat, tail, verify, stop: as docs/json.md says', async () => {
    const mirrored = await user.run('session', 'mirror', '--all');
    expect(mirrored).toMatchObject({ exit: 0, stderr: '' });
    expectDocumented('session mirror, session stop', mirrored);
    expect(objects(mirrored.stdout).at(-1)).toMatchObject({ event: 'done', sessions: 3, parts: 4, failed: 0 });

    const list = await user.run('session', 'list');
    expectDocumented('session list', list);
    expect(objects(list.stdout).map(({ session }) => session)).toContain(first);

    const show = await user.run('session', 'show', first.slice(0, 8), '--tail', '1');
    expectDocumented('session show', show);

    const cat = await user.run('session', 'cat', first);
    expect(cat.stdout).toBe(await readFile(join(user.home, transcript), 'utf8'));

    const tail = await user.run('session', 'tail', `claude-code/${first}`, '-n', '2', '--json');
    expectDocumented('session tail', tail);
    expect(objects(tail.stdout).length).toBe(2);
    expect((await user.run('session', 'tail', first, '-n', '1')).stdout).toContain('Voucher and tax');

    const verify = await user.run('session', 'verify', '--all');
    expectDocumented('session verify', verify);
    expect(objects(verify.stdout).map(({ source }) => source)).toEqual(Array(4).fill('equal'));

    const stopped = await user.run('session', 'stop', first);
    expect(stopped).toMatchObject({ exit: 0 });
    expectDocumented('session mirror, session stop', stopped);
    const ended = objects((await user.run('session', 'list', '--state', 'ended')).stdout);
    expect(ended.map(({ session }) => session)).toEqual([first]);
    expect(await user.run('session', 'tail', first, '-f', '-n', '0')).toMatchObject({ exit: 0, stdout: '' });
  });

  test('nothing new makes no request', async () => {
    await user.run('session', 'mirror', '--all');
    // Files are looked at again until the grain of their clock has passed.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await user.run('session', 'mirror', '--all');
    const done = objects((await user.run('session', 'mirror', '--all')).stdout).at(-1);
    expect(done).toMatchObject({ event: 'done', sessions: 0, idle: 3, requests: 0 });
  });

  test('the sessions of this repository, of one id, of one agent; dry', async () => {
    expectFailure(await user.run('session', 'mirror'), 10, /expected sessions of .*found none/);
    const dry = await user.run('session', 'mirror', '--all', '--dry-run');
    expectDocumented('session mirror, session stop', dry);
    expect(objects(dry.stdout).filter(({ event }) => event === 'would').length).toBe(4);
    expect(await readdir(user.home)).not.toContain('.local/share');
    const one = await user.run('session', 'mirror', '--session', first.slice(0, 6), '--no-json');
    expect(one.stdout).toMatch(/^mirrored 1 session: 7 records/);
    const codex = objects((await user.run('session', 'mirror', '--all', '--harness', 'codex')).stdout);
    expect(codex.at(-1)).toMatchObject({ sessions: 1, found: 1 });
    const latest = objects(
      (await user.run('session', 'mirror', '--latest', '--since', '1h', '--cwd', '/home/dev/shop')).stdout,
    );
    expect(latest.at(-1)).toMatchObject({ found: 1 });
  });

  test('one broken session does not stop the others, and is told at the end', async () => {
    await mkdir(join(user.bucket, 'default/sessions/claude-code'), { recursive: true });
    await writeFile(join(user.bucket, 'default/sessions/claude-code', first), 'a file where a folder must be');
    const path = join(user.home, '.codex/sessions/2026/11/20');
    const [name = ''] = await readdir(path);
    await appendFile(join(path, name), '\u0000\u0000not json\n');
    const result = await user.run('session', 'mirror', '--all');
    expectFailure(result, 1, /\d failed/);
    const events = objects(result.stdout);
    expect(new Set(events.filter(({ event }) => event === 'failed').map(({ session }) => session))).toEqual(
      new Set([first]),
    );
    expectDocumented('session mirror, session stop', result);
    expect(events.filter(({ event }) => event === 'part').length).toBe(2);
    const { stdout } = await user.run('session', 'cat', '019a8c3e');
    expect(stdout).toContain('\u0000\u0000not json\n');
  });

  test('a reader that goes away is no error', async () => {
    await user.run('session', 'mirror', '--all');
    const child = spawn(process.execPath, [main, 'session', 'tail', first, '-f', '--poll', '1s'], {
      env: user.env,
      cwd: user.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    await appendFile(join(user.home, transcript), `${JSON.stringify({ type: 'user' })}\n`);
    await user.run('session', 'mirror', '--all');
    expect(await exited).toBe(0);
    expect(stderr).toBe('');
  });

  test('Ctrl-C ends a follower', async () => {
    await user.run('session', 'mirror', '--all');
    const child = spawn(process.execPath, [main, 'session', 'tail', first, '-f'], {
      env: user.env,
      stdio: 'pipe',
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill('SIGINT');
    expect(await exited).toBe(130);
  });

  test('list filters, sorts, and is rebuilt', async () => {
    await user.run('session', 'mirror', '--all');
    const ids = async (...args: string[]) =>
      objects((await user.run('session', 'list', ...args)).stdout).map(({ session }) => String(session).slice(0, 4));
    expect(await ids()).toEqual(['019a', '8d41', '5b0f']);
    expect(await ids('--sort', 'age', '--limit', '2')).toEqual(['5b0f', '8d41']);
    expect(await ids('--sort', 'turns', '-n', '1')).toEqual(['5b0f']);
    expect(await ids('--harness', 'codex')).toEqual(['019a']);
    expect(await ids('--repo', 'SHOP', '--since', '2026-11-20T11:00Z')).toEqual(['019a', '8d41']);
    expect(await ids('--host', 'no such host')).toEqual([]);
    await rm(join(user.bucket, 'default/catalog'), { recursive: true });
    expect(await ids('--rebuild')).toEqual(['019a', '8d41', '5b0f']);
    expect(await readdir(join(user.bucket, 'default'))).toContain('catalog');
  });

  test('text of a transcript cannot move the cursor of a table', async () => {
    const title = 'evil \u001b]0;owned\u0007\u202e\u009b31m title';
    await appendFile(join(user.home, transcript), `${JSON.stringify({ type: 'custom-title', customTitle: title })}\n`);
    await user.run('session', 'mirror', '--all');
    for (const args of [['list'], ['show', first]]) {
      const { stdout } = await user.run('session', ...args, '--no-json');
      expect(stdout).toContain('evil \\u001b]0;owned\\u0007\\u202e\\u009b31m title');
      expect(stdout).not.toMatch(/[\u001b\u0007\u202e\u009b]/);
    }
  });
});

describe('settings', () => {
  test('config shows values and where they come from', async () => {
    await mkdir(join(user.home, 'app'));
    await writeFile(join(user.home, 'app/.cairn.toml'), 'project = "shop"\n');
    user.env = { ...user.env, CAIRN_AGENT: 'reviewer', CAIRN_USER: 'Ann' };
    const result = await user.runIn('app/deep/er', 'config');
    expectDocumented('config', result);
    expect(objects(result.stdout)[0]).toMatchObject({
      settings: {
        project: { value: 'shop', from: join(user.home, 'app/.cairn.toml') },
        agent: { from: 'CAIRN_AGENT' },
      },
    });
    await writeFile(join(user.home, 'app/.cairn.toml'), 'projct = "shop"\n');
    expectFailure(await user.runIn('app', 'session', 'list'), 2, /unknown key "projct"/);
  });

  test('init probes, makes the project, writes the file, again changes nothing', async () => {
    const url = `file://${user.home}/team`;
    const made = await user.runIn('app', 'init', url, '--project', 'shop');
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    expectDocumented('init', made);
    const file = join(user.home, 'app/.cairn.toml');
    const text = await readFile(file, 'utf8');
    expect(text).toBe(`bucket = "${url}"\nproject = "shop"\n`);
    expect(objects((await user.runIn('app', 'init', url, '--project', 'shop')).stdout)[0]).toMatchObject({
      changed: false,
      created: false,
      encrypted: false,
    });
    expect(objects((await user.runIn('app', 'config')).stdout)[0]).toMatchObject({
      settings: { bucket: { value: url, from: file } },
    });
    expectFailure(await user.runIn('app', 'init', 'file:///elsewhere'), 2, /to say the same/);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(join(user.home, 'app'))).toEqual(['.cairn.toml']);
  });

  test('init in a checkout writes at its top, and ignores a bucket inside of it', async () => {
    await mkdir(join(user.home, 'app/.git'), { recursive: true });
    await writeFile(join(user.home, 'app/.gitignore'), 'dist');
    const url = `file://${user.home}/app/local/cairn`;
    for (const expected of ['/local/cairn/', null]) {
      expect(objects((await user.runIn('app/src', 'init', url)).stdout)[0]).toMatchObject({ ignored: expected });
    }
    expect(await readFile(join(user.home, 'app/.gitignore'), 'utf8')).toBe('dist\n/local/cairn/\n');
    expect(await readdir(join(user.home, 'app'))).toContain('.cairn.toml');
  });

  test.each([
    ['http://x', 2, /s3:\/\/bucket/],
    ['file:///dev/null/bucket', 78, /./],
    ['s3://127.0.0.1-nothing?endpoint=http://127.0.0.1:1', 75, /./],
  ])('init %s fails and leaves no file', async (url, exit, message) => {
    user.env = { ...user.env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_REGION: 'us-east-1' };
    expectFailure(await user.runIn('app', 'init', url), exit, message);
    expect(await readdir(join(user.home, 'app'))).toEqual([]);
  });
});

describe('doctor', () => {
  test('all is well on a fresh host', async () => {
    const result = await user.run('doctor');
    expect(result.exit).toBe(0);
    expectDocumented('doctor', result);
    const names = objects(result.stdout).map(({ name }) => name);
    for (const name of ['node', 'sqlite', 'key', 'state', 'store', 'conditions', 'clock', 'claude-code', 'codex']) {
      expect(names).toContain(name);
    }
  });

  test('a key that others can read, an agent that is newer, sessions and versions', async () => {
    await writeSampleHome(user.home);
    await user.run('session', 'mirror', '--all');
    const key = join(user.home, '.config/cairn/key');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    await chmod(key, 0o644);
    const path = join(user.home, transcript);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('2.1.329', '99.0.0'));
    const checks = objects((await user.run('doctor')).stdout);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'key', state: 'warn', hint: `chmod 600 ${key}` }));
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'claude-code',
        state: 'warn',
        found: expect.stringMatching(/^2 sessions.*99\.0\.0/),
      }),
    );
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'codex', found: expect.stringContaining('0.169.0') }),
    );
  });

  test('what cannot be reached, with what to do', async () => {
    user.env = { ...user.env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_REGION: 'us-east-1' };
    const result = await user.run('doctor', '--bucket', 's3://bucket?endpoint=http://127.0.0.1:1');
    expectFailure(result, 75, /1 failed/);
    expect(objects(result.stdout)).toContainEqual(expect.objectContaining({ name: 'store', state: 'failed' }));
    expect(objects(result.stdout)).toContainEqual(expect.objectContaining({ name: 'codex', state: 'ok' }));
  });
});

describe('bad input: one line, a hint, its exit code', () => {
  test.each([
    [['session', 'mirror', '--harness', 'nope'], 2, /nope/],
    [['session', 'mirror', '--nonsense'], 2, /nonsense/],
    [['session', 'mirror', '--session', 'zzzz'], 9, /zzzz/],
    [['session', 'mirror', '--session', '../../x'], 2, /\.\.\/\.\.\/x/],
    [['session', 'mirror', '--all', '--compress', '11'], 2, /from 0 to 9/],
    [['session', 'mirror', '--all', '--since', 'yesterday'], 2, /--since/],
    [['session', 'mirror', '--all', '--min-bytes', 'many'], 2, /--min-bytes/],
    [['session', 'mirror', '--all', '--session', 'abcd'], 2, /./],
    [['session', 'mirror', '--all'], 10, /found none/],
    [['session', 'show', 'abcd'], 9, /abcd/],
    [['session', 'cat', '../../etc/passwd'], 2, /id or harness\/id/],
    [['session', 'tail', 'codex/../x'], 2, /id or harness\/id/],
    [['session', 'verify'], 2, /--all/],
    [['session'], 2, /command of session/],
    [['sesion'], 2, /did you mean session/],
    [['session', 'list', '--bucket', 'nowhere'], 2, /s3:\/\/bucket/],
    [['session', 'list', '--project', 'a\u0007'], 2, /control characters/],
  ])('%j', async (args, exit, message) => {
    expectFailure(await user.run(...args), exit, message);
    const asJson = await user.run(...args, '--json');
    const error = objects(asJson.stderr).at(-1);
    expect(undocumented('Errors', error!)).toEqual([]);
    expect(error).toMatchObject({ exit });
    expect(asJson.exit).toBe(exit);
  });

  test('no redaction into a bucket that is no local folder', async () => {
    await writeSampleHome(user.home);
    user.env = { ...user.env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_REGION: 'us-east-1' };
    const bucket = ['--bucket', 's3://bucket?endpoint=http://127.0.0.1:1'];
    expectFailure(
      await user.run('session', 'mirror', '--all', '--no-redact', ...bucket),
      2,
      /--yes-i-trust-this-bucket/,
    );
    expect((await user.run('session', 'mirror', '--all', '--no-redact')).exit).toBe(0);
  });

  test('an endpoint that is down, and a newer format', async () => {
    user.env = { ...user.env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_REGION: 'us-east-1' };
    const down = ['--bucket', 's3://bucket?endpoint=http://127.0.0.1:1'];
    expectFailure(await user.run('session', 'list', ...down), 75, /./);
    await mkdir(join(user.bucket, 'default/meta'), { recursive: true });
    await writeFile(join(user.bucket, 'default/meta/format.json'), '{"cairn":"project","v":2}');
    expectFailure(await user.run('session', 'list'), 78, /format 1, got 2/);
  });

  test('the stack is shown on request alone', async () => {
    user.env = { ...user.env, CAIRN_DEBUG: '1' };
    expect((await user.run('session', 'show', 'abcd')).stderr).toMatch(/^\s+at /m);
  });

  test('a quiet command says nothing but errors', async () => {
    expect(await user.run('session', 'list', '--quiet')).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect((await user.run('session', 'list')).stderr).toMatch(/^cairn: no sessions here yet/);
  });
});

describe('the program', () => {
  test('--version reads one file and loads nothing', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await user.run('--version')).toEqual({ exit: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('demo: a sample where there are no sessions, a table, and commands that work', async () => {
    const { exit, stdout, stderr } = await user.run('demo');
    expect(exit).toBe(0);
    expect(stderr).toContain('a small sample is mirrored');
    expect(stdout).toContain('Voucher and tax');
    expect(stdout).toContain(user.bucket);
    const command = /node (\S+main\.js) (session cat \S+)/.exec(stdout);
    const cat = await user.run(...(command?.[2] ?? '').split(' '));
    expect(cat.exit).toBe(0);
    expect(objects(cat.stdout).length).toBeGreaterThan(1);
    expect((await user.run('demo')).stdout).toContain('Voucher and tax');
  });

  test('demo: the newest sessions of the host', async () => {
    await writeSampleHome(user.home);
    user.env = { ...user.env, CAIRN_BUCKET: 's3://not-for-a-demo' };
    const { stdout, stderr } = await user.run('demo');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/mirrored 3 sessions/);
    expect(stdout).toContain(`--bucket file://${user.bucket}`);
  });
});
