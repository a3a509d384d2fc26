import { expect, test } from 'vitest';
import type { SessionKey, SessionStore, SessionStoreEntry } from '../../src/session-store/types.ts';

const key: SessionKey = { projectKey: 'project', sessionId: 'session' };
const first: SessionKey = { ...key, subpath: 'subagents/agent-1' };
const second: SessionKey = { ...key, subpath: 'subagents/agent-2' };

function entry(fields: Record<string, unknown>): SessionStoreEntry {
  return { type: 'x', ...fields };
}

/**
 * What the Claude Agent SDK demands of a session store: the behaviours 1 to 13 of the conformance suites that it
 * publishes (`examples/session-stores` of its TypeScript repository, `claude_agent_sdk.testing` in Python; read in
 * 2026-11). The 14th is of `listSessionSummaries`, which is optional: the SDK then reads each session.
 */
export function sessionStoreContract(open: () => Promise<SessionStore>): void {
  test('1: entries come back as they were, in their order', async () => {
    const store = await open();
    const entries = [entry({ uuid: 'b', n: 1, deep: { list: [null, 'ü', 1e21] } }), entry({ uuid: 'a', n: 2 })];
    await store.append(key, entries);
    expect(await store.load(key)).toEqual(entries);
  });

  test('2: what was never written is null', async () => {
    const store = await open();
    expect(await store.load({ ...key, sessionId: 'nothing' })).toBeNull();
    await store.append(key, [entry({ uuid: 'x' })]);
    expect(await store.load({ ...key, subpath: 'nothing' })).toBeNull();
  });

  test('3: calls keep their order', async () => {
    const store = await open();
    const entries = ['z', 'a', 'm', 'b'].map((uuid, n) => entry({ uuid, n }));
    await store.append(key, entries.slice(0, 1));
    await store.append(key, entries.slice(1, 3));
    await store.append(key, entries.slice(3));
    expect(await store.load(key)).toEqual(entries);
  });

  test('4: nothing appended changes nothing', async () => {
    const store = await open();
    await store.append(key, [entry({ uuid: 'a' })]);
    await store.append(key, []);
    expect(await store.load(key)).toEqual([entry({ uuid: 'a' })]);
  });

  test('5: a subpath is apart from the main transcript', async () => {
    const store = await open();
    await store.append(key, [entry({ uuid: 'm' })]);
    await store.append(first, [entry({ uuid: 's' })]);
    expect(await store.load(key)).toEqual([entry({ uuid: 'm' })]);
    expect(await store.load(first)).toEqual([entry({ uuid: 's' })]);
  });

  test('6: projects are apart, also with one session id', async () => {
    const store = await open();
    for (const projectKey of ['A', 'B']) await store.append({ ...key, projectKey }, [entry({ from: projectKey })]);
    for (const projectKey of ['A', 'B']) {
      expect(await store.load({ ...key, projectKey })).toEqual([entry({ from: projectKey })]);
      expect((await store.listSessions(projectKey)).map(({ sessionId }) => sessionId)).toEqual(['session']);
    }
  });

  test('7: the sessions of a project are listed with milliseconds', async () => {
    const store = await open();
    for (const sessionId of ['a', 'b']) await store.append({ ...key, sessionId }, [entry({})]);
    await store.append({ projectKey: 'other', sessionId: 'c' }, [entry({})]);
    const sessions = await store.listSessions('project');
    expect(sessions.map(({ sessionId }) => sessionId).sort()).toEqual(['a', 'b']);
    for (const { mtime } of sessions) expect(mtime).toBeGreaterThan(1e12);
    expect(await store.listSessions('nothing')).toEqual([]);
  });

  test('8: a subpath is no session', async () => {
    const store = await open();
    await store.append(key, [entry({})]);
    await store.append(first, [entry({})]);
    expect((await store.listSessions('project')).map(({ sessionId }) => sessionId)).toEqual(['session']);
  });

  test('9: a deleted session is null; deleting nothing is no error', async () => {
    const store = await open();
    await store.delete({ ...key, sessionId: 'nothing' });
    await store.append(key, [entry({})]);
    await store.delete(key);
    expect(await store.load(key)).toBeNull();
  });

  test('10: deleting a session takes its subpaths and no other session', async () => {
    const store = await open();
    const others = [
      { ...key, sessionId: 'session-2' },
      { ...key, projectKey: 'other' },
    ];
    for (const each of [key, first, second, ...others]) await store.append(each, [entry({})]);
    await store.delete(key);
    for (const each of [key, first, second]) expect(await store.load(each)).toBeNull();
    for (const each of others) expect(await store.load(each)).toHaveLength(1);
    expect(await store.listSubkeys(key)).toEqual([]);
    expect((await store.listSessions('project')).map(({ sessionId }) => sessionId)).toEqual(['session-2']);
  });

  test('11: deleting a subpath takes it alone', async () => {
    const store = await open();
    for (const each of [key, first, second]) await store.append(each, [entry({})]);
    await store.delete(first);
    expect(await store.load(first)).toBeNull();
    for (const each of [key, second]) expect(await store.load(each)).toHaveLength(1);
    expect(await store.listSubkeys(key)).toEqual(['subagents/agent-2']);
  });

  test('12: the subpaths of a session are listed', async () => {
    const store = await open();
    for (const each of [key, first, second]) await store.append(each, [entry({})]);
    await store.append({ ...first, sessionId: 'other' }, [entry({})]);
    expect((await store.listSubkeys(key)).sort()).toEqual(['subagents/agent-1', 'subagents/agent-2']);
  });

  test('13: the main transcript is no subpath', async () => {
    const store = await open();
    await store.append(key, [entry({})]);
    expect(await store.listSubkeys(key)).toEqual([]);
    expect(await store.listSubkeys({ ...key, sessionId: 'nothing' })).toEqual([]);
  });
}
