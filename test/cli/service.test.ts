import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { expectFailure, objects, User } from './cairn.ts';

const id = '11111111-2222-4333-8444-555555555555';
const line = (n: number) =>
  `${JSON.stringify({ type: 'user', sessionId: id, n, message: { role: 'user', content: 'x' } })}\n`;

async function userWithSession(): Promise<{ user: User; file: string }> {
  const user = await User.create();
  const file = join(user.home, '.claude/projects/-w', `${id}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, line(0));
  return { user, file };
}

describe('cairn service', () => {
  it('a process that mirrors by itself: one for a project, asked by others, stopped with all shipped', async () => {
    const { user, file } = await userWithSession();
    expectFailure(await user.run('service', 'status', '--no-json'), 10, /expected a live mirror/);
    onTestFinished(() => user.run('service', 'stop').then(() => {}));
    expect((await user.run('service', 'start', '--interval', '200ms')).exit).toBe(0);
    expectFailure(
      await user.run('session', 'mirror', '--watch', '--all'),
      3,
      /mirrors this project to this bucket live/,
    );

    appendFileSync(file, line(1));
    const asked = await user.run('session', 'mirror', '--all', '--json');
    expect(objects(asked.stdout)).toMatchObject([{ event: 'flushed', failed: 0 }]);
    expect((await user.run('session', 'cat', id)).stdout).toBe(line(0) + line(1));

    const status = await user.run('service', 'status', '--json');
    expect(status.exit).toBe(0);
    expect(objects(status.stdout)).toMatchObject([{ running: true, sessions: 1, intervalMs: 200, failures: 0 }]);

    appendFileSync(file, line(2));
    expect((await user.run('service', 'stop')).exit).toBe(0);
    expect((await user.run('session', 'cat', id)).stdout).toBe(line(0) + line(1) + line(2));
    expect((await user.run('service', 'stop')).exit).toBe(10);
    const logs = await user.run('service', 'logs', '--json');
    expect(objects(logs.stdout).map(({ event }) => event)).toEqual(['started', 'watching', 'stopped']);

    const cost = await user.run('cost', '--json');
    expect(objects(cost.stdout)).toMatchObject([{ classB: expect.any(Number) }, { store: 'AWS S3 Standard' }, {}]);
  });

  it('a hook asks for one session and goes on at once; --watch --detach starts the mirror itself', async () => {
    const { user, file } = await userWithSession();
    onTestFinished(() => user.run('service', 'stop').then(() => {}));
    // Without a live mirror a process of its own does it.
    const alone = await user.run('session', 'mirror', '--session', id, '--detach', '--json');
    expect(objects(alone.stdout)).toMatchObject([{ event: 'detached', asked: false }]);
    const text = async () => (await user.run('session', 'cat', id)).stdout;
    await vi.waitFor(async () => expect(await text()).toBe(line(0)), { timeout: 30_000 });

    const watch = ['session', 'mirror', '--watch', '--all', '--interval', '1h', '--detach', '--json'];
    const started = await user.run(...watch);
    const [{ pid } = {}] = objects((await user.run('service', 'status', '--json')).stdout);
    expect(objects(started.stdout)).toEqual([{ event: 'detached', pid, asked: false }]);
    expect(objects((await user.run(...watch)).stdout)).toEqual([{ event: 'detached', pid, asked: false }]);

    appendFileSync(file, line(1));
    const asked = await user.run('session', 'mirror', '--session', id, '--detach', '--json');
    expect(objects(asked.stdout)).toEqual([{ event: 'detached', pid, asked: true }]);
    await vi.waitFor(async () => expect(await text()).toBe(line(0) + line(1)), { timeout: 30_000 });
    expectFailure(await user.run('session', 'mirror', '--session', 'nobody', '--no-json'), 9, /found none/);
  });

  it('CAIRN_MIRROR=off writes nothing anywhere; a folder and a kind of session are left out', async () => {
    const { user } = await userWithSession();
    const written = () => readdirSync(user.home).sort();
    const before = written();
    user.env = { ...user.env, CAIRN_MIRROR: 'off' };
    for (const more of [[], ['--watch'], ['--detach']]) {
      expectFailure(await user.run('session', 'mirror', '--all', '--no-json', ...more), 10, /CAIRN_MIRROR=off/);
    }
    expect(written()).toEqual(before);
    delete user.env.CAIRN_MIRROR;
    const batch = `${id.slice(0, -1)}6`;
    const cwd = join(user.home, 'shop');
    const record = {
      type: 'user',
      sessionId: batch,
      cwd,
      entrypoint: 'sdk-cli',
      message: { role: 'user', content: '' },
    };
    writeFileSync(join(user.home, '.claude/projects/-w', `${batch}.jsonl`), `${JSON.stringify(record)}\n`);
    const sessions = async (...words: string[]) => {
      const run = await user.run('session', 'mirror', '--all', '--dry-run', '--json', ...words);
      return objects(run.stdout).flatMap(({ event, session }) => (event === 'would' ? [session] : []));
    };
    expect(await sessions()).toEqual([id, batch]);
    expect(await sessions('--kind', 'batch')).toEqual([batch]);
    expect(await sessions('--kind', 'interactive', '--kind', 'sdk')).toEqual([id]);
    mkdirSync(join(user.home, '.config/cairn'), { recursive: true });
    writeFileSync(join(user.home, '.config/cairn/config.toml'), '[mirror]\nexclude = ["~/sh*"]\n');
    expect(await sessions()).toEqual([id]);
    expectFailure(await user.run('session', 'mirror', '--session', batch, '--no-json'), 10, /mirror\.exclude/);
  });

  it('is installed for a service manager that is named, and removed', async () => {
    const { user } = await userWithSession();
    const shown = await user.run('service', 'install', '--print', '--manager', 'systemd');
    expect(shown.stdout).toContain('ExecStart=');
    const installed = await user.run('service', 'install', '--manager', 'process', '--json');
    expect(objects(installed.stdout)).toMatchObject([{ manager: 'process' }]);
    expect((await user.run('service', 'uninstall')).exit).toBe(0);
    expectFailure(await user.run('service', 'uninstall', '--no-json'), 10, /expected an installed service/);
  });
});

describe('cairn session guard, prune, mirror --final', () => {
  it('a session is not safe, then it is; the last run of a host marks it as ended', async () => {
    const { user } = await userWithSession();
    expectFailure(await user.run('session', 'guard', '--check', '--no-json'), 1, /1 are not/);
    const final = await user.run('session', 'mirror', '--all', '--final', '--json');
    expect(final.exit).toBe(0);
    expect((await user.run('session', 'guard', '--check')).exit).toBe(0);
    const [shown] = objects((await user.run('session', 'show', id, '--json')).stdout);
    expect(shown).toMatchObject({ meta: { state: 'ended' } });
    const pruned = await user.run('session', 'prune', '--older-than', '90d', '--dry-run', '--json');
    expect(pruned).toMatchObject({ exit: 0, stdout: '' });
    expectFailure(await user.run('session', 'prune', '--older-than', '5m', '--no-json'), 2, /at least 1d/);
  });
});
