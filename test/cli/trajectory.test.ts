import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFailure, main, objects, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const samples = join(import.meta.dirname, '../samples');
const source = '49d9aac8-4336-424d-8f44-ade0771584a6';
const fork = 'bab8b3f3-9bdb-40bc-9e4f-d266ca93d5ce';
let user: User;

// All tests read one bucket; what one labels, no other looks at.
beforeAll(async () => {
  user = await User.createAt(await mkdtemp(join(tmpdir(), 'cairn-trajectory-')));
  await cp(join(samples, 'claude-code/main/projects'), join(user.home, '.claude/projects'), { recursive: true });
  await cp(join(samples, 'codex/compaction-subagent-0.169/sessions'), join(user.home, '.codex/sessions'), {
    recursive: true,
  });
  expect(await user.run('session', 'mirror', '--all')).toMatchObject({ exit: 0 });
});
afterAll(() => rm(user.home, { recursive: true, force: true }));

async function ok(heading: string, ...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const result = await user.run(...args, '--json');
  expect(result).toMatchObject({ exit: 0 });
  const found = objects(result.stdout);
  for (const value of found) expect(undocumented(heading, value)).toEqual([]);
  return found;
}

test('events are numbered the same whatever is asked for; a payload is what its hash says', async () => {
  const all = objects((await user.run('session', 'events', source)).stdout);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i));
  const calls = objects(
    (await user.run('session', 'events', source, '--kind', 'tool_call', '--turn', '1', '-n', '2')).stdout,
  );
  expect(calls).toEqual(all.filter(({ kind, turn }) => kind === 'tool_call' && turn === 1).slice(0, 2));
  const [, ref = ''] = /"ref":"([0-9a-f]{64})"/.exec(JSON.stringify(all)) ?? [];
  const path = join(user.home, 'content');
  expect(await user.run('session', 'payload', source, ref.slice(0, 12), '-o', path)).toMatchObject({ exit: 0 });
  expect(
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ).toBe(ref);
  expectFailure(await user.run('session', 'payload', source, '000000000000'), 9, /refers to 000000000000, found none/);
});

test('statistics of one session, of all, and by what they are grouped', async () => {
  const [one] = await ok('session stats', 'session', 'stats', source);
  expect(one).toMatchObject({ sessions: 1, turns: 4, calls: 21, answers: 23, subagents: 5, unpriced: 0 });
  const all = await ok('session stats', 'session', 'stats', '--by', 'session');
  const rows = all.filter(({ by }) => by === 'session');
  expect(rows).toHaveLength(4);
  // The fork counts one request of its own: its source has the others.
  expect(rows.find(({ key }) => key === `claude-code/${fork}`)).toMatchObject({ requests: 1 });
  const csv = await user.run('session', 'stats', '--by', 'model', '--csv');
  expect(
    csv.stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(',')[0])
      .sort(),
  ).toEqual(['claude-opus-5-5', 'gpt-5.5']);
  const markdown = (await user.run('session', 'stats', '--by', 'model', '--markdown')).stdout.split('\n');
  expect(markdown[1]).toMatch(/^\| --- \| ---: \|/);
  expect(markdown.filter((line) => line.startsWith('| gpt-5.5 |'))).toHaveLength(1);
  const toml = parse((await user.run('session', 'stats', source, '--toml')).stdout);
  expect(toml.total).toEqual(JSON.parse(JSON.stringify(one)));
  expectFailure(await user.run('session', 'stats', '--csv', '--toml'), 2, /mutually exclusive/);
  await writeFile(join(user.home, '.cairn.toml'), '[prices]\n"claude-*" = { input = 0, output = 1000000 }\n');
  const [priced] = await ok('session stats', 'session', 'stats', source);
  await writeFile(join(user.home, '.cairn.toml'), '');
  // The exact name of the list is longer than the beginning.
  expect(priced?.cost).toBe(one?.cost);
});

test('statistics in detail: every turn once, sub-agents below the turn that started them', async () => {
  const detail = await ok('session stats', 'session', 'stats', source, '--detail');
  const rows = detail.filter(({ by }) => by === 'turn');
  const [total] = await ok('session stats', 'session', 'stats', source);
  expect(detail.at(-1)).toEqual(total);
  const turns = await ok('session stats', 'session', 'stats', source, '--by', 'turn');
  expect(rows.map(({ key }) => key).sort()).toEqual(
    turns.flatMap(({ by, key }) => (by === 'turn' ? [key] : [])).sort(),
  );
  const below = rows.filter(({ parent }) => parent !== undefined);
  expect(new Set(below.map(({ key }) => String(key).split(' ')[0])).size).toBe(5);
  for (const row of below) expect(rows.findIndex(({ key }) => key === row.parent)).toBeLessThan(rows.indexOf(row));
  const sum = (name: string) =>
    rows.reduce((all, { characters }) => all + (characters as Record<string, number>)[name]!, 0);
  const events = objects((await user.run('session', 'events', source, '--stream', 'main', '--json')).stdout);
  const prompts = events.filter(({ kind, prompt }) => kind === 'message' && prompt);
  expect(sum('input')).toBeGreaterThan(JSON.stringify(prompts.map(({ content }) => content)).length / 4);
  expect(sum('answer')).toBeGreaterThan(0);
  expect(rows.some(({ toolMs }) => Number(toolMs) > 0)).toBe(true);
  const text = await user.run('session', 'stats', source, '--detail', '--no-json');
  expect(text.stdout).toMatch(/^TURN .*OUT CHARS.*\nmain 1 [\s\S]*\n {2}agent-/);
  expectFailure(await user.run('session', 'stats', '--detail'), 2, /with the id of a session/);
});

test('two runs differ from their first other step on; one run does not', async () => {
  const same = await user.run('session', 'diff', source, source, '--json');
  expect([same.exit, objects(same.stdout).at(-1)?.same]).toEqual([0, true]);
  const other = await user.run('session', 'diff', source, fork, '--json');
  expect(other.exit).toBe(1);
  for (const value of objects(other.stdout)) expect(undocumented('session diff', value)).toEqual([]);
  expect(objects(other.stdout).at(-1)).toMatchObject({ same: false, divergence: { step: 18, difference: 'changed' } });
});

test('a tree has the fork below what it departs from, and the sub-agents', async () => {
  const sessions = objects((await user.run('session', 'list')).stdout);
  const child = sessions.find(({ harness, lineage }) => harness === 'codex' && lineage);
  const [tree] = await ok('session tree', 'session', 'tree', String(child?.session));
  expect(tree).toMatchObject({ relation: 'root', children: [{ relation: 'fork', session: child?.session }] });
  const [own] = await ok('session tree', 'session', 'tree', source);
  expect(own?.agents).toHaveLength(5);
});

test('a replay is the events from one to another, and never more', async () => {
  const replayed = objects((await user.run('session', 'replay', source, '--from', '17', '--to', '18')).stdout);
  expect(replayed.map(({ seq, kind }) => [seq, kind])).toEqual([
    [17, 'tool_call'],
    [18, 'tool_call'],
  ]);
});

test('a session is found by the file that it wrote, and by what is said of it', async () => {
  const lines = await ok('blame', 'blame', 'notes.md');
  expect(new Set(lines.map(({ session }) => session))).toEqual(new Set([source, fork]));
  await writeFile(join(user.home, 'notes.md'), '# notes\n\nby hand\n');
  expect(await ok('blame', 'blame', 'notes.md:1')).toHaveLength(1);
  expectFailure(await user.run('blame', 'notes.md:3'), 9, /wrote line 3, found none/);
  const files = objects((await user.run('session', 'list', '--file', 'notes.md')).stdout);
  expect(files.map(({ session }) => session).sort()).toEqual([source, fork]);
  expect(
    await ok('session label', 'session', 'label', fork, 'team=web', '--rating', '4', '--note', 'good'),
  ).toMatchObject([{ labels: { team: 'web' }, rating: 4, notes: ['good'] }]);
  const labelled = await user.run('session', 'list', '--label', 'team=web', '--label', 'rating>=4');
  expect(objects(labelled.stdout).map(({ session }) => session)).toEqual([fork]);
  await user.run('session', 'label', fork, '--remove', 'team');
  expect((await user.run('session', 'list', '--label', 'team')).stdout).toBe('');
});

test('what is masked is in no export, and the rest is', async () => {
  const all = ['text', 'thinking', 'input', 'output', 'names'].flatMap((field) => ['--mask', field]);
  const [line] = objects((await user.run('session', 'list', '--json')).stdout).filter((one) => one.session === source);
  const said = [String(line?.title), 'notes.md', 'web-app', 'seq 1 60000', '/home/'];
  // A short name of a host may stand in a random id.
  const host = new RegExp(`(?<![A-Za-z0-9])${line?.host}(?![A-Za-z0-9])`);
  const told = (text: string) => [...said.filter((one) => text.includes(one)), ...(host.exec(text) ?? [])];
  for (const format of ['jsonl', 'markdown', 'html', 'openai', 'anthropic', 'atif']) {
    const plain = (await user.run('session', 'export', source, '--format', format)).stdout;
    const masked = (await user.run('session', 'export', source, '--format', format, ...all)).stdout;
    expect([format, told(plain).length > 0]).toEqual([format, true]);
    expect([format, told(masked)]).toEqual([format, []]);
    expect([format, masked.includes('[masked]')]).toEqual([format, true]);
  }
  const shown = await user.run('session', 'show', source, '--json', ...all);
  expect(told(shown.stdout)).toEqual([]);
  const events = objects((await user.run('session', 'events', source, '--mask', 'output')).stdout);
  expect(events.filter(({ kind, output }) => kind === 'tool_result' && output !== '[masked]')).toEqual([]);
  expect(JSON.stringify(events)).toContain('seq 1 60000');
  // The end of a session and of a sub-agent, as events: what was said and who was where is in neither.
  const [agent] = objects((await user.run('session', 'list', '--agents', '--json')).stdout);
  for (const id of [source, String(agent?.id)]) {
    const end = await user.run('session', 'show', id, '--tail', '5', ...all);
    const [{ tail, title } = {}] = objects(end.stdout);
    expect(title ?? '[masked]').toBe('[masked]');
    expect((tail as string[]).length).toBeGreaterThan(0);
    expect((tail as string[]).every((line) => typeof JSON.parse(line).kind === 'string')).toBe(true);
    expect(told(end.stdout)).toEqual([]);
  }
  expectFailure(await user.run('session', 'export', source, '--format', 'cairn', '--mask', 'text'), 2, /no --mask/);
});

test('a recording is served: each conversation gets the answer that came next', async () => {
  const server = spawn(process.execPath, [main, 'session', 'replay', source, '--serve', '--json'], {
    env: user.env,
    cwd: user.home,
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      server.stdout.on('data', (line: Buffer) => resolve(JSON.parse(line.toString()).url));
      server.once('exit', (code) => reject(new Error(`exit ${code}`)));
    });
    const ask = async (path: string, body: object, headers = {}) => {
      const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers });
      return { status: response.status, text: await response.text() };
    };
    const messages = [{ role: 'user', content: 'x' }];
    const first = await ask('/v1/messages', { messages });
    expect(JSON.parse(first.text).content.map(({ type }: { type: string }) => type)).toEqual([
      'thinking',
      'text',
      'tool_use',
      'tool_use',
      'tool_use',
    ]);
    expect(await ask('/v1/messages', { messages })).toEqual(first);
    const second = await ask('/v1/messages', {
      stream: true,
      messages: [...messages, { role: 'assistant', content: 'y' }, ...messages],
    });
    expect(second.text).toMatch(/^event: message_start\n[\s\S]*Spawning a subagent[\s\S]*event: message_stop\n/);
    const chat = JSON.parse((await ask('/v1/chat/completions', { messages })).text);
    expect(chat.choices[0].message.tool_calls).toHaveLength(3);
    const responses = JSON.parse((await ask('/v1/responses', { input: messages })).text);
    expect(responses.output.filter(({ type }: { type: string }) => type === 'function_call')).toHaveLength(3);
    expect((await ask('/v1/messages', { messages }, { origin: 'https://example.org' })).status).toBe(403);
    const beyond = Array.from({ length: 40 }, (_, i) => ({ role: i % 2 ? 'assistant' : 'user', content: 'z' }));
    expect((await ask('/v1/messages', { messages: beyond })).status).toBe(400);
  } finally {
    server.kill('SIGINT');
  }
});
