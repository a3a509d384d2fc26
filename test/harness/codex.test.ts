import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { codex } from '../../harnesses/codex.ts';
import { emptySummary, type SessionSummary } from '../../src/harness/index.ts';
import { all, discovered, temporaryFolder } from './support.ts';

const thread = (digit: number) => `01a1fd65-0000-7000-8000-${String(digit).repeat(12)}`;
const timestamp = '2026-11-21T10:00:00.000Z';
const meta = (payload: object) => ({ timestamp, ordinal: 0, type: 'session_meta', payload });
const fileOf = (id: string) => `sessions/2026/11/21/rollout-2026-11-21T10-00-00-${id}.jsonl`;

function home(files: Record<string, object | string>): string {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), typeof content === 'string' ? content : `${JSON.stringify(content)}\n`);
  }
  return root;
}

async function shown(root: string) {
  const sessions = await discovered(codex, root);
  return sessions.map(({ id, streams }) => [id, streams.map(({ name }) => name)]);
}

function summarised(...values: readonly unknown[]): SessionSummary {
  return values.reduce<SessionSummary>(
    (summary, value) => codex.summarise(summary, { stream: 'main', value, bytes: Buffer.alloc(0) }),
    emptySummary,
  );
}

test('the home folder is the one of the environment, else below the home of the user', () => {
  const at = (env: Record<string, string>) => codex.roots({ env, home: '/home/dev', platform: 'linux' });
  expect(at({})).toEqual(['/home/dev/.codex']);
  expect(at({ CODEX_HOME: '/elsewhere' })).toEqual(['/elsewhere']);
});

test('a thread is named by its first record, not by its file', async () => {
  const root = home({
    [fileOf(thread(1))]: meta({ id: thread(2), cwd: '/home/dev' }),
    'archived_sessions/anything.jsonl': meta({ id: thread(3) }),
    'sessions/2025/old.jsonl': { id: thread(4), timestamp, instructions: null },
    [fileOf(thread(5))]: '{"timestamp":"2026-11-21T10:00:00.0',
    'sessions/2025/half.jsonl.tmp': 'x',
    'auth.json': 'never read',
    'state_5.sqlite': 'never read',
  });
  expect((await shown(root)).sort()).toEqual([2, 3, 4, 5].map((digit) => [thread(digit), ['main']]));
});

test('a first record of any usual length is read', async () => {
  const root = home({ 'sessions/a.jsonl': meta({ base_instructions: 'x'.repeat(900_000), id: thread(1) }) });
  expect(await shown(root)).toEqual([[thread(1), ['main']]]);
});

test('sub-agents and later segments are streams of their session', async () => {
  const root = home({
    [fileOf(thread(1))]: meta({ id: thread(1), session_id: thread(1) }),
    [fileOf(`${thread(1)}_${thread(9)}`)]: meta({
      id: thread(1),
      session_id: thread(1),
      history_base: { thread_id: thread(1), end_ordinal_exclusive: 3 },
    }),
    [fileOf(thread(2))]: meta({ id: thread(2), session_id: thread(1), parent_thread_id: thread(1) }),
    [fileOf(`${thread(2)}_${thread(8)}`)]: meta({ id: thread(2), session_id: thread(1) }),
    [fileOf(thread(3))]: meta({ id: thread(3), session_id: thread(1), parent_thread_id: thread(2) }),
    [fileOf(thread(5))]: meta({ id: thread(5), session_id: thread(4) }),
  });
  const sessions = await discovered(codex, root);
  expect(sessions.map(({ id, lineage, streams }) => [id, lineage, streams.map(({ name }) => name)])).toEqual([
    [
      thread(1),
      [],
      [
        'main',
        `agent-${thread(2)}`,
        `agent-${thread(2)}-segment-${thread(8)}`,
        `agent-${thread(3)}`,
        `segment-${thread(9)}`,
      ],
    ],
    [thread(4), [], [`agent-${thread(5)}`]],
  ]);
});

test('bases come first, however long or odd the chain', async () => {
  const chain = Array.from(
    { length: 300 },
    (_, index) => `01a1fd65-0000-7000-8000-${String(999 - index).padStart(12, '0')}`,
  );
  const files = chain.map((id, index) => [
    fileOf(id),
    meta({ id, ...(index > 0 && { history_base: { thread_id: chain[index - 1], end_ordinal_exclusive: index } }) }),
  ]);
  const ids = (await discovered(codex, home(Object.fromEntries(files)))).map(({ id }) => id);
  expect(ids).toEqual(chain);

  const circle = home({
    [fileOf(thread(1))]: meta({ id: thread(1), history_base: { thread_id: thread(2) } }),
    [fileOf(thread(2))]: meta({ id: thread(2), history_base: { thread_id: thread(1) }, forked_from_id: thread(7) }),
  });
  const found = await discovered(codex, circle);
  expect(found.flatMap(({ lineage }) => lineage).length).toBe(3);
});

test('a fork of a sub-agent departs from the session that the sub-agent belongs to', async () => {
  const root = home({
    [fileOf(thread(2))]: meta({ id: thread(2), session_id: thread(1) }),
    [fileOf(thread(3))]: meta({
      id: thread(3),
      session_id: thread(3),
      history_base: { thread_id: thread(2), end_ordinal_exclusive: 7 },
      forked_from_id: thread(2),
      forked_from_ordinal_exclusive: 7,
      parent_thread_id: 17,
    }),
  });
  const fork = (await discovered(codex, root)).find(({ id }) => id === thread(3));
  expect(fork?.lineage).toEqual([
    { kind: 'base', session: thread(1), at: 7 },
    { kind: 'fork', session: thread(1), at: 7 },
  ]);
});

test('names that people gave come from the index, the last one wins', async () => {
  const index = [
    { id: thread(1), thread_name: 'First name', updated_at: timestamp },
    { id: thread(1), thread_name: 'Second name', updated_at: timestamp },
    { id: thread(7), thread_name: 'Of a session that is gone' },
    { id: 17, thread_name: {} },
  ];
  const root = home({
    [fileOf(thread(1))]: meta({ id: thread(1) }),
    'session_index.jsonl': `${index.map((entry) => JSON.stringify(entry)).join('\n')}\nnot json\n`,
  });
  expect(await discovered(codex, root)).toMatchObject([{ id: thread(1), title: 'Second name' }]);
});

test('a file that says nothing of its thread is reported', async () => {
  const root = home({ 'sessions/x.jsonl': 'garbage\n', [fileOf(thread(1))]: meta({ id: thread(1) }) });
  const problems: string[] = [];
  const found = await all(codex.discover(root, { report: ({ path }) => problems.push(path) }));
  expect(found.map(({ id }) => id)).toEqual([thread(1)]);
  expect(problems).toEqual([join(root, 'sessions/x.jsonl')]);
});

test('the summary is folded from meta, context and prompts', () => {
  const summary = summarised(
    meta({
      id: thread(1),
      session_id: thread(1),
      cwd: '/home/dev',
      cli_version: '0.169.0',
      git: { commit_hash: 'abc', branch: 'main', repository_url: 'git@github.com:acme/app.git' },
      history_base: { thread_id: thread(2), end_ordinal_exclusive: 9 },
    }),
    { timestamp, type: 'turn_context', payload: { model: 'model-1' } },
    { timestamp, type: 'event_msg', payload: { type: 'user_message', message: 'an old prompt' } },
    {
      timestamp: '2026-11-21T10:05:00.000Z',
      type: 'event_msg',
      payload: { type: 'item_completed', item: { type: 'UserMessage', content: [{ type: 'image' }] } },
    },
    { timestamp, type: 'event_msg', payload: { type: 'item_completed', item: { type: 'AgentMessage' } } },
    { timestamp, type: 'response_item', payload: { type: 'message', role: 'user', content: [] } },
    { type: 'message', role: 'user', content: [] },
  );
  expect(summary).toEqual({
    title: 'an old prompt',
    titleFrom: 'prompt',
    cwd: '/home/dev',
    branch: 'main',
    commit: 'abc',
    repository: 'github.com/acme/app',
    agentVersion: '0.169.0',
    models: ['model-1'],
    lineage: [{ kind: 'base', session: thread(2), at: 9 }],
    startedAt: timestamp,
    endedAt: '2026-11-21T10:05:00.000Z',
    turns: 2,
    records: 7,
    invalid: 0,
    unknown: 0,
  });
  const agent = { stream: `agent-${thread(2)}`, value: meta({ id: thread(2), cwd: '/agent' }), bytes: Buffer.alloc(0) };
  expect(codex.summarise(summary, agent)).toEqual({ ...summary, records: 8 });
});

test('who was at work is told by the source of the first record', async () => {
  const sources = ['cli', 'vscode', 'exec', 'mcp', { subagent: 'review' }, undefined];
  const root = home(
    Object.fromEntries(
      sources.map((source, n) => [fileOf(thread(n)), meta({ id: thread(n), cwd: '/w', ...(source && { source }) })]),
    ),
  );
  const kinds = (await discovered(codex, root)).map(({ sessionKind }) => sessionKind);
  expect(kinds).toEqual(['interactive', 'interactive', 'batch', 'sdk', undefined, undefined]);
});

test('a turn ends with the event that says so', () => {
  const event = (type: string) => ({ timestamp, type: 'event_msg', payload: { type } });
  expect(
    ['task_complete', 'turn_aborted', 'token_count', 'task_started'].map((type) => codex.endsTurn?.(event(type))),
  ).toEqual([...[true, true, false, false]]);
  for (const value of [undefined, null, [], meta({ id: thread(1) })]) expect(codex.endsTurn?.(value)).toBe(false);
});
