import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { claudeCode } from '../../harnesses/claude-code.ts';
import { emptySummary, type SessionSummary } from '../../src/harness/index.ts';
import { discovered, readAll, temporaryFolder } from './support.ts';

const id = '0c0ffee0-1111-4222-8333-444455556666';
const old = 'a0c0ffee-1111-4222-8333-444455556666';
const record = (value: object) => `${JSON.stringify({ timestamp: '2026-11-21T10:00:00.000Z', ...value })}\n`;
const prompt = (content: unknown, more: object = {}) => ({ type: 'user', message: { role: 'user', content }, ...more });

function home(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

function summarised(...records: readonly (object | { stream: string; value: unknown })[]): SessionSummary {
  return records.reduce<SessionSummary>((summary, given) => {
    const { stream, value } =
      'stream' in given ? (given as { stream: string; value: unknown }) : { stream: 'main', value: given };
    return claudeCode.summarise(summary, { stream, value, bytes: Buffer.alloc(0) });
  }, emptySummary);
}

test('the configuration folder is the one of the environment, else below the home folder', () => {
  const at = (env: Record<string, string>) => claudeCode.roots({ env, home: '/home/dev', platform: 'linux' });
  expect(at({})).toEqual(['/home/dev/.claude']);
  expect(at({ CLAUDE_CONFIG_DIR: '' })).toEqual(['/home/dev/.claude']);
  expect(at({ CLAUDE_CONFIG_DIR: '/elsewhere/cafe\u0301' })).toEqual(['/elsewhere/caf\u00e9']);
});

test('a session is its transcript and everything in the folder of its name', async () => {
  const root = home({
    [`projects/-home-dev/${id}.jsonl`]:
      record({ type: 'mode', sessionId: id }) + record(prompt('hi', { cwd: '/home/dev' })),
    [`projects/-home-dev/${id}/subagents/agent-a1.jsonl`]: record({ isSidechain: true, sessionId: id }),
    [`projects/-home-dev/${id}/subagents/agent-a1.meta.json`]: '{}',
    [`projects/-home-dev/${id}/subagents/agent-gone.meta.json`]: '{}',
    [`projects/-home-dev/${id}/subagents/workflows/w1/agent-b2.jsonl`]: record({ sessionId: id }),
    [`projects/-home-dev/${id}/subagents/workflows/w1/journal.jsonl`]: '{}\n',
    [`projects/-home-dev/${id}/tool-results/x.txt`]: 'x',
    [`projects/-home-dev/${id}/custom-title.json`]: '{"customTitle":"Mine"}',
    'projects/-home-dev/memory/notes.md': 'not a session',
    [`file-history/${id}/abc@v1`]: 'before',
    '.credentials.json': 'never read',
    '.claude.json': 'never read',
    'sessions/17.abc.key': 'never read',
  });
  const [session, ...others] = await discovered(claudeCode, root);
  expect(others).toEqual([]);
  expect(session).toMatchObject({ harness: 'claude-code', id, cwd: '/home/dev', lineage: [] });
  const shown = (streams = session?.streams ?? []) =>
    streams.map(({ name, kind, files }) => [
      name,
      kind,
      files.map((file) => (kind === 'versions' ? file.name : file.path.slice(root.length + 1))),
    ]);
  const side = [
    'custom-title.json',
    'subagents/agent-a1.meta.json',
    'subagents/agent-gone.meta.json',
    'subagents/workflows/w1/journal.jsonl',
    'tool-results/x.txt',
  ];
  expect(shown()).toEqual([
    ['main', 'bytes', [`projects/-home-dev/${id}.jsonl`]],
    ['agent-a1', 'bytes', [`projects/-home-dev/${id}/subagents/agent-a1.jsonl`]],
    ['agent-b2', 'bytes', [`projects/-home-dev/${id}/subagents/workflows/w1/agent-b2.jsonl`]],
    ['files', 'versions', side],
  ]);
  const [whole] = await discovered(claudeCode, root, true);
  expect(shown(whole?.streams).slice(-2)).toEqual([
    ['file-history', 'versions', ['abc@v1']],
    ['files', 'versions', side],
  ]);
});

test('a folder without its transcript is still a session', async () => {
  const root = home({ [`projects/-home-dev/${id}/tool-results/x.txt`]: 'x' });
  const [session] = await discovered(claudeCode, root);
  expect(session?.id).toBe(id);
  expect(session?.streams.map(({ name }) => name)).toEqual(['files']);
  const stream = session?.streams[0];
  if (!stream) throw new Error('no stream');
  const { bytes } = await readAll(claudeCode, stream);
  expect(JSON.parse(bytes.toString())).toMatchObject({ path: 'tool-results/x.txt', text: 'x' });
});

test('a file that is named otherwise belongs to the session that its records name', async () => {
  const root = home({
    'projects/p/set-aside.jsonl':
      record({ type: 'summary' }) + record(prompt('x', { sessionId: id, cwd: '/home/dev' })),
    'projects/p/agent-1234abcd.jsonl': record(prompt('x', { sessionId: old, isSidechain: true, agentId: '1234abcd' })),
    'projects/p/empty.jsonl': '',
  });
  const sessions = await discovered(claudeCode, root);
  expect(sessions.map((session) => [session.id, session.streams.map(({ name }) => name)])).toEqual([
    [old, ['agent-1234abcd']],
    [id, ['main']],
  ]);
});

test('turns are the prompts of a person', () => {
  const summary = summarised(
    prompt('first\n  prompt'),
    prompt([{ type: 'text', text: 'second' }, { type: 'image' }]),
    prompt([{ type: 'tool_result', tool_use_id: 't' }]),
    prompt('meta', { isMeta: true }),
    prompt('summary', { isCompactSummary: true }),
    prompt('side', { isSidechain: true }),
    prompt('note', { origin: { kind: 'task-notification' } }),
    prompt('<command-name>/clear</command-name>'),
    prompt('<command-message>x</command-message>'),
    prompt('<local-command-stdout>x</local-command-stdout>'),
    { type: 'assistant', message: { role: 'assistant', content: 'no' } },
    { stream: 'agent-a1', value: prompt('to a sub-agent') },
  );
  expect(summary).toMatchObject({ turns: 2, title: 'first prompt', titleFrom: 'prompt', records: 12, unknown: 0 });
});

test('a title that a person gave stands over one of the agent, and that over the first prompt', () => {
  const typed = { type: 'custom-title', customTitle: 'Mine' };
  const made = { type: 'ai-title', aiTitle: 'Made' };
  expect(summarised(prompt('first'), made, prompt('later'))).toMatchObject({ title: 'Made', titleFrom: 'agent' });
  expect(summarised(typed, made, prompt('x'))).toMatchObject({ title: 'Mine', titleFrom: 'user' });
  expect(summarised(typed, { ...typed, customTitle: 'Other' })).toMatchObject({ title: 'Other' });
  expect(summarised(prompt('first'), { type: 'summary', summary: 'Sum' })).toMatchObject({ title: 'Sum' });
  const file = { path: 'custom-title.json', mark: 'm', text: '{"customTitle":"From a file"}' };
  expect(summarised(made, { stream: 'files', value: file })).toMatchObject({ title: 'From a file', records: 1 });
  expect(summarised(prompt('w '.repeat(200))).title?.length).toBe(120);
  const { title } = summarised(prompt('\u{1f600}'.repeat(100)));
  expect(title).toBe(`${'\u{1f600}'.repeat(59)}…`);
});

test('facts of the session come from its records', () => {
  const at = (timestamp: string, more: object) => ({ ...prompt('x', more), timestamp });
  const summary = summarised(
    at('2026-11-21T10:00:05.000Z', { cwd: '/one', gitBranch: 'main', version: '2.1.1' }),
    at('2026-11-21T10:00:01.000Z', { cwd: '/two', gitBranch: 'next', version: '2.1.2' }),
    { type: 'assistant', message: { model: 'model-1' }, gitBranch: 'HEAD' },
    { type: 'assistant', message: { model: '<synthetic>' } },
    { stream: 'agent-a', value: { type: 'assistant', message: { model: 'model-2' }, cwd: '/agent' } },
    { type: 'assistant', timestamp: 'yesterday', cwd: 7, version: 'v'.repeat(5000) },
  );
  expect(summary).toEqual({
    cwd: '/one',
    branch: 'next',
    agentVersion: '2.1.2',
    models: ['model-1', 'model-2'],
    startedAt: '2026-11-21T10:00:01.000Z',
    endedAt: '2026-11-21T10:00:05.000Z',
    title: 'x',
    titleFrom: 'prompt',
    turns: 2,
    records: 6,
    invalid: 0,
    unknown: 0,
  });
});

test('who was at work is told by the entry point, when it is asked for', async () => {
  const root = home({
    [`projects/-w/${id}.jsonl`]: record({ type: 'mode' }) + record({ ...prompt('x'), entrypoint: 'cli', cwd: '/w' }),
    [`projects/-w/${old}.jsonl`]: record({ ...prompt('x'), cwd: '/w' }),
    ...Object.fromEntries(
      ['sdk-cli', 'sdk-ts', 'claude-vscode'].map((entrypoint, n) => [
        `projects/-w/${id.slice(0, -1)}${n}.jsonl`,
        record({ ...prompt('x'), entrypoint }),
      ]),
    ),
  });
  const kinds: Record<string, unknown> = {};
  const options = { report: () => expect.unreachable(), kinds: true, cwdOf: () => '/known' };
  for await (const ref of claudeCode.discover(root, options)) kinds[ref.id] = ref.sessionKind;
  expect(kinds).toEqual({
    [id]: 'interactive',
    [old]: undefined,
    [`${id.slice(0, -1)}0`]: 'batch',
    [`${id.slice(0, -1)}1`]: 'sdk',
    [`${id.slice(0, -1)}2`]: 'interactive',
  });
  for (const ref of await discovered(claudeCode, root)) expect(ref.sessionKind).toBeUndefined();
});

test("a turn ends with its last answer and what is written behind it, not with a tool's call", () => {
  const answer = (stop_reason: string | null) => ({ type: 'assistant', message: { role: 'assistant', stop_reason } });
  const ends = [answer('end_turn'), { type: 'system', subtype: 'turn_duration' }, { type: 'cost-state' }];
  for (const value of ends) expect(claudeCode.endsTurn?.(value)).toBe(true);
  for (const value of [answer('tool_use'), answer(null), prompt('x'), undefined, null, 'x', []])
    expect(claudeCode.endsTurn?.(value)).toBe(false);
});
