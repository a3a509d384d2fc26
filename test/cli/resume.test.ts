import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeSampleHome } from '../../src/cli/demo-sample.ts';
import { expectFailure, main, objects, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const session = '5b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';
const agent = 'agent-a1b2c3d4e5f60718';

/** Ann has the sample sessions and mirrored them; Bob shares her bucket. Both have an agent that only tells its arguments. */
async function annAndBob(script = 'echo "$@"'): Promise<readonly [User, User]> {
  const [ann, bob] = [await User.create(), await User.create()];
  await writeSampleHome(ann.home);
  bob.env = { ...bob.env, CAIRN_BUCKET: `file://${ann.bucket}` };
  for (const [user, name] of [
    [ann, 'ann'],
    [bob, 'bob'],
  ] as const) {
    const bin = join(user.home, 'bin');
    await mkdir(bin);
    for (const program of ['claude', 'codex']) {
      await writeFile(join(bin, program), `#!/bin/sh\n${script}\n`);
      await chmod(join(bin, program), 0o755);
    }
    user.env = { ...user.env, PATH: `${bin}:${user.env.PATH}`, CAIRN_AGENT: name, ANTHROPIC_API_KEY: 'none' };
  }
  await succeed(ann, 'session', 'mirror', '--all');
  return [ann, bob];
}

async function succeed(user: User, ...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await user.run(...args);
  expect([args, exit, stderr]).toEqual([args, 0, expect.any(String)]);
  return stdout;
}

test.each([[[]], [['--in', 'codex']]])('a folder to work in that is not there is told: resume %j', async (options) => {
  const user = await User.create();
  await writeSampleHome(user.home);
  expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
  const missing = ['--cwd', 'nowhere', '--dry-run', '--no-json'];
  expectFailure(
    await user.run('session', 'resume', session, ...options, ...missing),
    2,
    /expected a folder to work in, got .*nowhere/,
  );
});

test('the agent is started on the session, and its exit code passed on', async () => {
  const [, bob] = await annAndBob('echo "$@"; exit 7');
  const { exit, stdout } = await bob.run('session', 'resume', session, '--exec', '--no-json', '--', '--model', 'x');
  expect(exit).toBe(7);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`--resume ${session} --model x`);
});

test('who works on a session is told to whoever wants to', async () => {
  const [ann, bob] = await annAndBob('touch "$HOME/started"; while [ ! -e "$HOME/stop" ]; do sleep 0.05; done');
  const child = spawn(process.execPath, [main, 'session', 'resume', session, '--exec', '--cwd', '.'], {
    cwd: ann.home,
    env: ann.env,
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  while (
    await readFile(join(ann.home, 'started')).then(
      () => false,
      () => true,
    )
  )
    await new Promise((done) => setTimeout(done, 20));
  expectFailure(await bob.run('session', 'resume', session, '--no-json'), 3, /ann/);
  const forced = await bob.run('session', 'resume', session, '--force', '--no-json');
  expect(forced.exit).toBe(0);
  await writeFile(join(ann.home, 'stop'), '');
  await once(child, 'exit');
});

describe('sub-agents', () => {
  test('are listed and shown under ids that stay', async () => {
    const [, bob] = await annAndBob();
    const listed = objects(await succeed(bob, 'session', 'list', '--agents', '--json'));
    const id = `claude-code/${session}/${agent}`;
    expect(listed).toMatchObject([{ id, agent, title: 'Search for every use of subtractVoucher.', records: 2 }]);
    const [shown] = objects(await succeed(bob, 'session', 'show', `5b0f/agent-a1b2`, '--tail', '1', '--json'));
    expect(undocumented('session list --agents', listed[0] ?? {})).toEqual([]);
    expect(undocumented('session show ID/agent-…', shown ?? {})).toEqual([]);
    expect(shown).toMatchObject({ id, records: 2, tail: [expect.stringContaining('cart.test.ts')] });
    expect(await succeed(bob, 'session', 'list', '--agents', '--no-json')).toContain('subtractVoucher');
    expectFailure(await bob.run('session', 'show', `${session}/agent-nope`), 9, /expected the sub-agent agent-nope/);
    expect(await succeed(bob, 'session', 'handoff', `${session}/${agent}`, '--no-json')).toContain('invoice.ts');
  });

  test('go on as sessions of their own, with all that they did; the origin stays while they do', async () => {
    const [ann, bob] = await annAndBob();
    const [done] = objects(await succeed(bob, 'session', 'resume', `${session}/${agent}`, '--cwd', '.'));
    const as = String(done?.as);
    expect(done).toMatchObject({ session, command: ['claude', '--resume', as] });
    expect(undocumented('session resume, session fork', done ?? {})).toEqual([]);
    const [file] = (done?.files ?? []) as { path: string }[];
    const path = file?.path ?? '';
    const records = objects(await readFile(path, 'utf8'));
    expect(records.length).toBe(2);
    for (const record of records) {
      expect(record).toMatchObject({ sessionId: as, isSidechain: false, resumedFrom: { session } });
      expect(record).not.toHaveProperty('agentId');
    }
    await succeed(bob, 'session', 'mirror', '--all');
    const [shown] = objects(await succeed(ann, 'session', 'show', as));
    expect(shown).toMatchObject({
      meta: { summary: { turns: 1, lineage: [{ kind: 'fork', session, at: agent.slice('agent-'.length) }] } },
    });
    // The run that was resumed from goes on in the next one, and so on.
    await appendFile(path, `${JSON.stringify({ ...records[0], uuid: 'more', message: { content: 'and in css?' } })}\n`);
    await succeed(bob, 'session', 'mirror', '--all');
    const [again] = objects(await succeed(ann, 'session', 'resume', as, '--cwd', '.'));
    expect(again?.files).toMatchObject([{ stream: 'main', action: 'create' }]);
    expectFailure(await ann.run('session', 'delete', session, '--yes'), 6, /forked from it/);
    await succeed(ann, 'session', 'delete', session, '--yes', '--force');
  });
});

test('a fork names its origin, which stays as it was', async () => {
  const [ann, bob] = await annAndBob();
  const before = await succeed(ann, 'session', 'cat', session);
  const [fork] = objects(await succeed(bob, 'session', 'fork', session, '--at', '1', '--cwd', '.'));
  await succeed(bob, 'session', 'mirror', '--all');
  const [shown] = objects(await succeed(ann, 'session', 'show', String(fork?.as)));
  expect(shown).toMatchObject({ meta: { summary: { turns: 1, lineage: [{ kind: 'fork', session }] } } });
  expect(await succeed(ann, 'session', 'cat', session)).toBe(before);
  expectFailure(await ann.run('session', 'delete', session, '--yes'), 6, /forked from it/);
});

test('for an agent that imports, what is not here is written into a folder and said', async () => {
  const user = await User.create();
  const place = join(user.home, '.openclaw/agents/main/agent');
  await mkdir(place, { recursive: true });
  await cp(
    join(import.meta.dirname, '../samples/openclaw/sqlite-2026.9.6/openclaw-agent.sqlite'),
    join(place, 'openclaw-agent.sqlite'),
  );
  await succeed(user, 'session', 'mirror', '--all');
  const refused = await user.run('session', 'resume', 'sess-test-1', '--fork', '--no-json');
  expectFailure(refused, 78, /expected OpenClaw to import the session, but openclaw is not installed here/);
  const [done] = objects(await succeed(user, 'session', 'resume', 'sess-test-1', '--to', 'there', '--cwd', '.'));
  expect(undocumented('session resume by an import', done ?? {})).toEqual([]);
  expect(done).toMatchObject({
    standing: 'absent',
    imported: 18,
    environment: { OPENCLAW_STATE_DIR: expect.any(String) },
  });
  const [path = ''] = (done?.files ?? []) as string[];
  expect(objects(await readFile(path, 'utf8')).length).toBe(18);
  const printed = await succeed(user, 'session', 'resume', 'sess-test-1', '--to', 'there', '--print', '--no-json');
  expect(printed.trimEnd().split('\n')).toEqual([
    expect.stringContaining('openclaw doctor --session-sqlite import'),
    expect.stringContaining('openclaw tui --local --session agent:main:explicit:sess-test-1'),
  ]);
});

test('a session goes on from a file as from a bucket; a bad file changes nothing', async () => {
  const [ann] = await annAndBob();
  const file = join(ann.home, 'saved.cairn');
  await succeed(ann, 'session', 'export', session, '--format', 'cairn', '-o', file);
  const alone = await User.create();
  const dry = await alone.run('session', 'resume', file, '--cwd', '.', '--dry-run');
  expect(dry.exit).toBe(1); // the agent is not here
  expect(objects(dry.stdout)[0]).toMatchObject({
    session,
    obstacles: [{ message: 'claude is not installed here' }, {}],
  });
  const bytes = await readFile(file);
  for (const bad of [bytes.subarray(0, bytes.length >> 1), Buffer.from(bytes).fill(0x41, 600, 700)]) {
    await writeFile(join(alone.home, 'bad.cairn'), bad);
    const { exit, stderr } = await alone.run('session', 'resume', 'bad.cairn', '--cwd', '.', '--no-json');
    expect([exit, stderr]).toEqual([1, expect.stringMatching(/^cairn: expected /)]);
  }
  await writeFile(join(alone.home, 'notes.txt'), 'no archive');
  expectFailure(await alone.run('session', 'resume', 'notes.txt', '--no-json'), 9, /expected a session that is/);
  await expect(readdir(join(alone.home, '.claude'))).rejects.toMatchObject({ code: 'ENOENT' });

  const [done] = objects(await succeed(alone, 'session', 'resume', file, '--cwd', '.'));
  const last = ((done?.files ?? []) as { path: string }[]).at(-1);
  expect((await readFile(last?.path ?? '', 'utf8')).trimEnd().split('\n').length).toBe(5);
  expect(objects(await succeed(alone, 'session', 'mirror', '--all')).at(-1)).toMatchObject({ sessions: 1, parts: 2 });
  const [converted] = objects(await succeed(alone, 'session', 'resume', file, '--in', 'codex', '--cwd', '.'));
  expect(converted).toMatchObject({ from: { session }, steps: 4 });
});

test('an archived session is in no list, is found when asked for, and comes back', async () => {
  const [, bob] = await annAndBob();
  const ids = async (...options: readonly string[]) =>
    objects(await succeed(bob, 'session', 'list', '--json', ...options)).map((line) => line.session);
  await succeed(bob, 'session', 'archive', session);
  expect(await ids()).not.toContain(session);
  expect(await ids('--archived')).toContain(session);
  expect(await succeed(bob, 'session', 'cat', session)).toContain('voucher');
  await succeed(bob, 'session', 'unarchive', session);
  expect(await ids()).toContain(session);
});

describe('where the agent works', () => {
  const checkout = async (user: User, folder: string) => {
    const root = join(user.home, folder);
    await mkdir(join(root, '.git'), { recursive: true });
    await writeFile(join(root, '.git/config'), '[remote "origin"]\n\turl = https://example.org/acme/shop.git\n');
    await writeFile(join(root, '.git/HEAD'), 'ref: refs/heads/main\n');
    return root;
  };

  test('checkouts of its repository are told where nobody can be asked; the one that is stood in is taken', async () => {
    const [ann, bob] = await annAndBob();
    const transcript = join(ann.home, '.claude/projects/-home-dev-shop', `${session}.jsonl`);
    await writeFile(
      transcript,
      (await readFile(transcript, 'utf8')).replaceAll('/home/dev/shop', await checkout(ann, 'shop')),
    );
    await succeed(ann, 'session', 'mirror', '--all', '--bucket', `file://${ann.home}/other`);
    bob.env = { ...bob.env, CAIRN_BUCKET: `file://${ann.home}/other` };
    // Ann's folder is on this host too: as if it were on another.
    await writeFile(join(ann.home, 'shop/.git/config'), '');
    const roots = [await checkout(bob, 'work/shop'), await checkout(bob, 'shop')];
    const told = await bob.runIn('work', 'session', 'resume', session, '--dry-run', '--no-json');
    expectFailure(told, 2, /expected a folder for example\.org\/acme\/shop, found/);
    for (const root of roots) expect(told.stderr).toContain(root);
    const { stdout } = await bob.runIn('work/shop', 'session', 'resume', session, '--dry-run', '--json');
    expect(objects(stdout)[0]).toMatchObject({ why: 'repository', cwd: roots[0] });
    const given = await bob.runIn('work', 'session', 'resume', session, '--dry-run', '--json', '--cwd', '.');
    expect(objects(given.stdout)[0]).toMatchObject({ why: 'given' });
  });
});
