import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { expectFailure, objects, type Result, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

let user: User;
beforeEach(async () => {
  user = await User.create();
});

/** Runs a command that succeeds, and gives its objects, which have the documented shape. */
async function ok(heading: string, ...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const result = await user.run(...args, '--json');
  expect(result).toMatchObject({ exit: 0 });
  const found = objects(result.stdout);
  expect(found.length).toBeGreaterThan(0);
  for (const value of found) expect(undocumented(heading, value)).toEqual([]);
  return found;
}

async function failure(exit: number, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const result = await user.run(...args, '--json');
  expect(result.exit).toBe(exit);
  return objects(result.stderr).find(({ code }) => code !== 'note') ?? {};
}

const as = (agent: string) => ['--agent', agent];

test('a task from its addition to its end, with every exit code on the way', async () => {
  await ok('task', 'task', 'add', 'fix', 'The login', '--spec', 'mend it', '--label', 'web');
  expect(await failure(6, 'task', 'add', 'fix')).toMatchObject({ code: 'exists', exit: 6 });
  await ok('task', 'task', 'add', 'ship', '--needs', 'fix');
  expect(await failure(6, 'claim', 'ship')).toMatchObject({ code: 'blocked', blockedBy: ['fix'] });
  expect(await ok('task', 'claim', 'fix', ...as('ann'))).toMatchObject([
    { state: 'held', epoch: 1, agent: 'ann', already: false },
  ]);
  expect(await ok('task', 'task', 'claim', 'fix', ...as('ann'))).toMatchObject([{ epoch: 1, already: true }]);
  expect(await failure(3, 'claim', 'fix', ...as('bob'))).toMatchObject({ code: 'held', agent: 'ann' });
  expect(await failure(3, 'complete', 'fix', ...as('bob'))).toMatchObject({ code: 'lost', agent: 'ann' });
  await ok('task why', 'task', 'why', 'fix', ...as('bob'));
  expect(await failure(124, 'wait', 'fix', '--timeout', '0s')).toMatchObject({ resume: 'cairn wait fix --timeout 0s' });
  await ok('task', 'task', 'progress', 'fix', '--note', 'half', ...as('ann'));
  await ok('task', 'handoff', 'fix', '--to', 'bob', '--note', 'yours', '--next', 'merge', ...as('ann'));
  expect(await ok('task', 'task', 'show', 'fix')).toMatchObject([
    { state: 'offered', to: 'bob', handoff: { from: 'ann', next: 'merge' }, spec: 'mend it' },
  ]);
  expect(await ok('inbox', 'inbox', ...as('bob'))).toMatchObject([{ kind: 'offer', task: { name: 'fix', epoch: 1 } }]);
  await ok('task', 'task', 'accept', 'fix', ...as('bob'));
  expect(await failure(3, 'complete', 'fix', '--epoch', '1', ...as('bob'))).toMatchObject({ code: 'lost', epoch: 2 });
  await ok('task', 'complete', 'fix', '--epoch', '2', '--result', 'merged', ...as('bob'));
  await ok('task', 'complete', 'fix', '--epoch', '2', ...as('bob'));
  expect(await failure(4, 'claim', 'fix')).toMatchObject({ code: 'terminal', state: 'done' });
  expect((await ok('task log', 'task', 'log', 'fix')).map(({ op }) => op)).toEqual([
    'complete',
    'claim',
    'handoff',
    'progress',
    'claim',
    'add',
  ]);
  expect(await ok('task', 'task', 'next', ...as('ann'))).toMatchObject([{ name: 'ship' }]);
  expect(await failure(10, 'task', 'next', ...as('bob'))).toMatchObject({ code: 'nothing-to-do' });
  await ok('task', 'task', 'list', '--all');
  await ok('task', 'wait', 'fix');
  expect(await failure(9, 'task', 'show', 'none')).toMatchObject({ code: 'not-found' });
});

describe('a store that cannot be used', () => {
  test('one that was seen to break its word: exit code 78, and nothing is written', async () => {
    await user.run('task', 'add', 'x');
    const found = {
      cairn: 'store',
      v: 1,
      fit: false,
      failed: ['create-twice (created twice)'],
      at: '2026-11-21T10:00:00.000Z',
    };
    await writeFile(join(user.bucket, 'default', 'meta', 'store.json'), JSON.stringify(found));
    // What this host has kept says otherwise.
    user.env = { ...user.env, CAIRN_STATE: join(user.home, 'another-host') };
    expect(await failure(78, 'claim', 'x')).toMatchObject({ code: 'unfit', exit: 78 });
    expect(await failure(78, 'send', 'bob', 'hi')).toMatchObject({ code: 'unfit' });
  });

  test('one that does not answer: exit code 75; without credentials: 77', async () => {
    const bucket = ['--bucket', 's3://bucket/prefix?endpoint=http://127.0.0.1:9&region=us-east-1'];
    const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'none' };
    user.env = { ...user.env, ...keys };
    expect(await failure(75, 'task', 'list', ...bucket)).toMatchObject({ code: 'unavailable', exit: 75 });
    user.env = { ...user.env, AWS_EC2_METADATA_DISABLED: 'true' };
    for (const name of Object.keys(keys)) delete user.env[name];
    expect(await failure(77, 'task', 'list', ...bucket)).toMatchObject({ code: 'denied', exit: 77 });
  });
});

test('docs/json.md names the exit code of every error', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/json.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (`[^|]+`) \| ([\d, ]+) \|$/gm)].flatMap(([, names = '', exits = '']) => {
    const codes = exits.split(', ').map(Number);
    return names.split(', ').map((name, i) => [name.replaceAll('`', ''), codes[i] ?? codes[0]] as const);
  });
  expect(Object.fromEntries(rows)).toEqual(errorCodes);
  expect(rows).toHaveLength(Object.keys(errorCodes).length);
});

test('a person sees one line and a hint', async () => {
  await user.run('task', 'add', 'x');
  await user.run('claim', 'x', ...as('ann'));
  expectFailure(await user.run('claim', 'x', ...as('bob')), 3, /ann holds it/);
  expectFailure(await user.run('task', 'add', 'a\u001b[31m'), 2, /none that controls/);
  expect((await user.run('task', 'list', '--no-json')).stdout).toContain('ann');
});

test('messages: each once, in order, acknowledged by hand or not, redacted, and harmless on a terminal', async () => {
  const token = `ghp_${'a1B2c3D4'.repeat(5).slice(0, 36)}`;
  await user.run('agent', 'register', ...as('bob'));
  const [sent] = await ok('send', 'send', 'bob', `see \u001b[31mthis ${token}`, ...as('ann'));
  await ok('inbox', 'inbox', '--receipt', String(sent?.ref));
  const shown = await user.run('inbox', '--no-json', ...as('bob'));
  expect(shown.stdout).toContain('  | see \\u001b[31mthis ');
  expect(shown.stdout).not.toContain(token);
  expect(await failure(10, 'inbox', ...as('bob'))).toMatchObject({ code: 'nothing-to-do' });
  await ok('send', 'send', 'bob', 'again', '--need-ack', '--subject', 's', '--prio', '0', ...as('ann'));
  const [first] = await ok('inbox', 'inbox', '--ack', 'manual', ...as('bob'));
  const [second] = await ok('inbox', 'inbox', '--ack', 'manual', ...as('bob'));
  expect(second).toMatchObject({ ref: first?.ref, id: first?.id, attempts: 2 });
  expect(await failure(5, 'ack', String(first?.token), ...as('bob'))).toMatchObject({ code: 'superseded' });
  await ok('ack', 'ack', String(second?.token), ...as('bob'));
  expect(await ok('inbox', 'inbox', '--receipt', String(second?.ref))).toMatchObject([
    { agent: 'bob', state: 'acknowledged' },
  ]);
  expect(await failure(124, 'inbox', '--wait', '--timeout', '1s', ...as('bob'))).toMatchObject({
    resume: 'cairn inbox --wait',
  });
});

test('a command that waits for long beats, so that what its agent holds stays its own', async () => {
  await user.run('task', 'add', 't', ...as('bob'));
  const [me] = await ok('agent register, beat', 'agent', 'register', '--ttl', '6s', ...as('ann'));
  const presence = join(user.bucket, 'default', 'presence', String(me?.process));
  expect(await readdir(presence)).toHaveLength(1);
  await failure(124, 'wait', 't', '--timeout', '5s', ...as('ann'));
  expect((await readdir(presence)).length).toBeGreaterThan(1);
});

test('memory: versions, conditions, history', async () => {
  const [first] = await ok('memory set, delete', 'memory', 'set', 'plan/a', 'one');
  await ok(
    'memory set, delete',
    'memory',
    'set',
    'plan/a',
    '{"n":2}',
    '--type',
    'json',
    '--if-version',
    String(first?.version),
  );
  expect(await failure(7, 'memory', 'set', 'plan/a', 'three', '--if-version', String(first?.version))).toMatchObject({
    code: 'version-differs',
    current: { value: { n: 2 } },
  });
  expect(await ok('memory get, list, history', 'memory', 'get', 'plan/a')).toMatchObject([{ value: { n: 2 } }]);
  await ok('memory get, list, history', 'memory', 'list', 'plan');
  await ok('memory set, delete', 'memory', 'delete', 'plan/a');
  expect(await failure(9, 'memory', 'get', 'plan/a')).toMatchObject({ code: 'not-found' });
  expect(await ok('memory get, list, history', 'memory', 'history', 'plan/a')).toHaveLength(3);
});

test('artifacts: there and back', async () => {
  await writeFile(join(user.home, 'in.txt'), 'hello\n');
  await ok('artifact', 'artifact', 'put', 'report', 'in.txt', '--media', 'text/plain');
  await ok('artifact', 'artifact', 'list');
  await ok('artifact', 'artifact', 'get', 'report', 'out.txt');
  expect(await readFile(join(user.home, 'out.txt'), 'utf8')).toBe('hello\n');
  expect(await failure(6, 'artifact', 'get', 'report', 'out.txt')).toMatchObject({ code: 'exists' });
});

test('agents, status, prime and gc', async () => {
  const [me] = await ok('agent register, beat', 'agent', 'register', ...as('ann'));
  expect((await user.run('agent', 'register', '--export', ...as("an'n"))).stdout).toBe(
    "export CAIRN_AGENT='an'\\''n'\n",
  );
  await ok('agent register, beat', 'agent', 'beat', ...as('ann'));
  await ok('agent list', 'agent', 'list');
  await user.run('task', 'add', 't');
  await user.run('claim', 't', ...as('ann'));
  const [status] = await ok('status', 'status', ...as('ann'));
  expect(status).toMatchObject({ mine: [{ name: 't' }], counts: { held: 1 } });
  const prime = await user.run('prime', '--no-json', ...as('ann'));
  expect(prime.stdout).toContain('cairn task complete t --epoch 1');
  expect(prime.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  // Elsewhere the name is taken while that process lives; killed by force, it learns it.
  const other = { CAIRN_STATE: join(user.home, 'elsewhere') };
  user.env = { ...user.env, ...other };
  expect(await failure(5, 'agent', 'register', ...as('ann'))).toMatchObject({
    code: 'name-in-use',
    holder: me?.process,
  });
  await ok('agent close', 'agent', 'close', '--process', String(me?.process), '--force', ...as('bob'));
  user.env = Object.fromEntries(Object.entries(user.env).filter(([name]) => name !== 'CAIRN_STATE'));
  expect(await failure(5, 'agent', 'beat', ...as('ann'))).toMatchObject({ code: 'session-lost' });
  const collected: Result = await user.run('gc', '--dry-run', '--json');
  expect(collected).toMatchObject({ exit: 0, stdout: '' });
});

describe('run', () => {
  const shell = (script: string) => ['run', 't', '--', 'sh', '-c', script];
  beforeEach(async () => {
    await user.run('task', 'add', 't');
  });

  test('completes the task when the command succeeds, and tells it what it acts for', async () => {
    const result = await user.run(...shell('echo "$CAIRN_TASK $CAIRN_EPOCH"'));
    expect(result).toMatchObject({ exit: 0, stdout: 't 1\n' });
    expect(await ok('task', 'task', 'show', 't')).toMatchObject([{ state: 'done', epoch: 1 }]);
    expect((await user.run(...shell('true'))).exit).toBe(4);
  });

  test('passes the exit code on, and opens the task again', async () => {
    expect((await user.run(...shell('exit 7'))).exit).toBe(7);
    expect((await user.run(...shell('kill -TERM $$'))).exit).toBe(128 + 15);
    expect((await user.run('run', 't', '--', 'no-such-command')).exit).toBe(127);
    expect((await user.run('run', 't', '--', user.home)).exit).toBe(126);
    expect(await ok('task', 'task', 'show', 't')).toMatchObject([{ state: 'open', attempts: 4 }]);
  });

  test('says so when it could not tell how the command ended', async () => {
    const tasks = join(user.bucket, 'default', 'tasks');
    const { exit, stderr } = await user.run(...shell(`mv ${tasks} ${tasks}-gone && touch ${tasks}`));
    expect(stderr).toMatch(/expected to say how t ended/);
    expect(exit).toBe(125);
  });

  test('stops the command, and all that it started, when the claim is lost', async () => {
    const running = user.run('run', 't', '--ttl', '6s', '--', 'sh', '-c', 'sleep 60 & echo $! > child; wait');
    await expect
      .poll(() => readFile(join(user.home, 'child'), 'utf8').catch(() => ''), { timeout: 20_000 })
      .toMatch(/\d\n/);
    await ok('task', 'task', 'steal', 't', '--reason', 'test', '--force', ...as('bob'));
    const { exit, stderr } = await running;
    expect(stderr).toMatch(/the claim was lost/);
    expect(exit).toBe(3);
    const pid = Number(await readFile(join(user.home, 'child'), 'utf8'));
    // Gone, or dead and not yet reaped.
    const state = () =>
      readFile(`/proc/${pid}/stat`, 'utf8').then(
        (stat) => stat.split(') ')[1]?.[0],
        () => 'gone',
      );
    await expect.poll(state, { timeout: 15_000 }).toMatch(/gone|Z/);
    expect(await ok('task', 'task', 'show', 't')).toMatchObject([{ state: 'held', agent: 'bob', epoch: 2 }]);
  });
});
