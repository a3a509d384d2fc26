import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFailure, objects, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const samples = join(import.meta.dirname, '../samples');
const source = '49d9aac8-4336-424d-8f44-ade0771584a6';
const fork = 'bab8b3f3-9bdb-40bc-9e4f-d266ca93d5ce';
const file = `.claude/projects/-home-dev-web-app/${source}.jsonl`;

describe.each([false, true])('in a project, encrypted: %s', (encrypted) => {
  let user: User;
  beforeAll(async () => {
    user = await User.createAt(await mkdtemp(join(tmpdir(), 'cairn-truncation-')));
    await cp(join(samples, 'claude-code/main/projects'), join(user.home, '.claude/projects'), { recursive: true });
    if (encrypted) {
      user.env = { ...user.env, CAIRN_BUCKET: `file://${join(user.home, 'bucket')}`, CAIRN_PROJECT: 'sealed' };
      expect(await user.run('init', '--encrypt')).toMatchObject({ exit: 0 });
    }
    expect(await user.run('session', 'mirror', '--all')).toMatchObject({ exit: 0 });
  });
  afterAll(() => rm(user.home, { recursive: true, force: true }));

  const events = async (id: string) => objects((await user.run('session', 'events', id, '--json')).stdout);

  test('a session is cut short, and the mirror goes on behind the cut', async () => {
    const before = await events(source);
    const planned = await user.run('session', 'truncate', source, '--keep', '40', '--dry-run', '--json');
    expect(await events(source)).toEqual(before);
    const cut = await user.run('session', 'truncate', source, '--keep', '40', '--json');
    expect(cut).toMatchObject({ exit: 0 });
    const [plan = {}] = objects(cut.stdout);
    expect(undocumented('session truncate', plan)).toEqual([]);
    expect(objects(planned.stdout)).toEqual([{ ...plan, dryRun: true }]);
    const { keep } = plan.events as { keep: number };
    // The records stand in another epoch, with the same numbers here: all of them were in one part.
    const moved = before.slice(0, keep).map((event) => JSON.stringify(event).replaceAll('"epoch":0', '"epoch":1'));
    expect((await events(source)).map((event) => JSON.stringify(event))).toEqual(moved);
    const [, ref = ''] = /"ref":"([0-9a-f]{64})"/.exec(moved.join()) ?? [];
    expect(await user.run('session', 'payload', source, ref)).toMatchObject({ exit: 0 });
    expect(await events(`${source}@e0`)).toEqual(before);
    const [line] = objects((await user.run('session', 'list', '--json')).stdout).filter(
      (one) => one.session === source,
    );
    expect(line?.turns).toBeLessThan(4);
    const said = { type: 'user', uuid: 'later', message: { role: 'user', content: 'and after the cut?' } };
    await appendFile(join(user.home, file), `${JSON.stringify({ ...said, sessionId: source })}\n`);
    expect(await user.run('session', 'mirror', '--all')).toMatchObject({ exit: 0 });
    expect((await events(source)).at(-1)).toMatchObject({ content: [{ text: 'and after the cut?' }] });
    expect(await events(source)).toHaveLength(keep + 1);
    const differ = await user.run('session', 'diff', `${source}@e0`, `${source}@e1`, '--json');
    expect([differ.exit, objects(differ.stdout).at(-1)?.same]).toEqual([1, false]);
    expect(await user.run('session', 'verify', source)).toMatchObject({ exit: 0 });
    expect(await user.run('session', 'truncate', source, '--keep', '1000')).toMatchObject({ exit: 10 });
    expectFailure(await user.run('session', 'truncate', source, '--keep', '-1'), 2, /expected --keep/);
  });

  test('the runs of a task are listed, and compared without naming them', async () => {
    const as = async (agent: string, session: string, ...args: readonly string[]) => {
      const { env } = user;
      user.env = { ...env, CAIRN_SESSION: session };
      const result = await user.run(...args, '--agent', agent);
      user.env = env;
      expect(result).toMatchObject({ exit: 0 });
    };
    await as('boss', 'codex/elsewhere', 'task', 'add', 'fix', 'Mend it');
    expectFailure(await user.run('session', 'diff', '--task', 'fix'), 9, /expected two runs of "fix", got 0/);
    await as('ann', `claude-code/${source}`, 'task', 'claim', 'fix');
    await as('ann', `claude-code/${source}`, 'task', 'release', 'fix');
    await as('bob', `claude-code/${fork}`, 'task', 'claim', 'fix');
    await as('bob', `claude-code/${fork}`, 'complete', 'fix');
    const result = await user.run('session', 'diff', '--task', 'fix', '--json');
    const found = objects(result.stdout);
    for (const value of found) expect(undocumented('session diff', value)).toEqual([]);
    expect(found.slice(0, 2)).toMatchObject([
      { run: 1, session: `claude-code/${source}`, agent: 'ann', epoch: 1, state: 'open' },
      { run: 2, session: `claude-code/${fork}`, agent: 'bob', epoch: 2, state: 'done' },
    ]);
    const named = await user.run('session', 'diff', source, fork, '--json');
    expect(found.slice(2)).toEqual(objects(named.stdout));
    expect(result.exit).toBe(named.exit);
    const twice = ['--run', '1', '--run', '1'];
    expect(await user.run('session', 'diff', '--task', 'fix', ...twice)).toMatchObject({ exit: 0 });
    expectFailure(await user.run('session', 'diff', '--task', 'fix', '--run', '7', '--run', '1'), 2, /two runs/);
    expectFailure(await user.run('session', 'diff', '--task', 'none'), 9, /expected a task "none"/);
    expectFailure(await user.run('session', 'diff', source), 2, /expected two sessions, got one/);
  });
});
