import { expect, onTestFinished, test } from 'vitest';
import { openSessionStore, type SessionStoreEntry } from '../../src/app-session-store.ts';
import { User } from '../cli/cairn.ts';
import { temporaryFolder } from '../mirror/rig.ts';
import { hostOf } from './host.ts';

const key = { projectKey: '-home-dev-shop', sessionId: '7c0e3ab2-51c7-4a3b-8a51-2f0c0b6f7d11' };
const said = (uuid: string, text: string): SessionStoreEntry => ({
  type: 'user',
  uuid,
  sessionId: key.sessionId,
  cwd: '/home/dev/shop',
  version: '2.1.329',
  timestamp: '2026-11-29T10:00:00.000Z',
  message: { role: 'user', content: text },
});

async function store(home: string) {
  const opened = await openSessionStore({ bucket: `file://${home}/bucket` }, hostOf(home));
  onTestFinished(() => opened.close());
  return opened;
}

test('an entry that is there is not added again, in this process or the next', async () => {
  const home = await temporaryFolder();
  const one = await store(home);
  const entries = [said('1', 'one'), said('2', 'two')];
  await one.append(key, entries);
  await one.append(key, [...entries, said('3', 'three'), said('3', 'three')]);
  const two = await store(home);
  await two.append(key, entries);
  await two.append(key, [said('4', 'four')]);
  expect((await two.load(key))?.map(({ uuid }) => uuid)).toEqual(['1', '2', '3', '4']);
});

test('two processes write in turns and lose nothing', async () => {
  const home = await temporaryFolder();
  const [one, two] = [await store(home), await store(home)];
  const numbers = Array.from({ length: 10 }, (_, n) => n);
  await Promise.all(
    [one, two].map(async (each, who) => {
      for (const n of numbers) await each.append(key, [said(`${who}-${n}`, 'x'), { type: 'mode', who, n }]);
    }),
  );
  const loaded = (await one.load(key)) ?? [];
  for (const who of [0, 1]) {
    expect(loaded.flatMap(({ uuid }) => (uuid?.startsWith(`${who}-`) ? [uuid] : []))).toEqual(
      numbers.map((n) => `${who}-${n}`),
    );
    expect(loaded.filter((entry) => entry.who === who).map(({ n }) => n)).toEqual(numbers);
  }
});

test('what is appended is a session of claude-code like any other, redacted', async () => {
  const user = await User.create();
  const secret = ['ghp', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('_');
  const opened = await store(user.home);
  await opened.append(key, [said('1', `Repair the cart with ${secret}`)]);
  await opened.append({ ...key, subpath: 'subagents/agent-77' }, [said('2', 'look for it')]);
  await opened.close();
  const bucket = ['--bucket', `file://${user.home}/bucket`];
  const listed = await user.run('session', 'list', '--json', ...bucket);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    harness: 'claude-code',
    session: key.sessionId,
    records: 2,
    agents: 1,
  });
  const { stdout } = await user.run('session', 'cat', key.sessionId, ...bucket);
  expect(stdout).toContain('Repair the cart with [REDACTED:');
  expect(stdout).not.toContain(secret);
  expect((await user.run('session', 'verify', key.sessionId, ...bucket)).exit).toBe(0);
  const rebuilt = await user.run('session', 'list', '--rebuild', '--json', ...bucket);
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ session: key.sessionId, sdkProject: expect.any(String) });
});

test('a session that the mirror shipped is there for the SDK', async () => {
  const user = await User.create();
  await user.run('demo');
  const opened = await openSessionStore({}, hostOf(user.home));
  onTestFinished(() => opened.close());
  const listed = await user.run('session', 'list', '--harness', 'claude-code', '--json');
  const line = JSON.parse(listed.stdout.split('\n')[0] ?? '');
  const projectKey = line.cwd.replace(/^~/, user.home).replace(/[^A-Za-z0-9]/g, '-');
  expect((await opened.listSessions(projectKey)).map(({ sessionId }) => sessionId)).toContain(line.session);
  expect(await opened.load({ projectKey, sessionId: line.session })).not.toHaveLength(0);
});

test('a session that was deleted stays deleted', async () => {
  const opened = await store(await temporaryFolder());
  await opened.append(key, [said('1', 'one')]);
  await opened.delete(key);
  await expect(opened.append(key, [said('2', 'two')])).rejects.toMatchObject({ code: 'terminal' });
  expect(await opened.load(key)).toBeNull();
});

test('an entry that is larger than what records are parsed of comes back', async () => {
  const opened = await store(await temporaryFolder());
  const entries = [said('1', 'one'), said('2', 'x'.repeat(17 << 20)), said('3', 'three')];
  await opened.append(key, entries);
  expect((await opened.load(key))?.map(({ uuid }) => uuid)).toEqual(['1', '2', '3']);
});
