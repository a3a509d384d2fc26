import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectFailure, objects, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const samples = join(import.meta.dirname, '../samples/claude-code/main/projects');
const id = '49d9aac8';

async function mirrored(): Promise<User> {
  const user = await User.create();
  await cp(samples, join(user.home, '.claude/projects'), { recursive: true });
  expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
  return user;
}

test('index, then search: as docs/json.md says', async () => {
  const user = await mirrored();
  expectFailure(await user.run('session', 'search', 'hello'), 9, /expected a search index/);
  const [made] = objects((await user.run('index', '--json')).stdout);
  expect(undocumented('index', made!)).toEqual([]);
  const again = objects((await user.run('index', '--json')).stdout);
  expect(again).toMatchObject([{ documents: 0, sessions: made?.sessions, failed: 0 }]);
  const found = await user.run('session', 'search', 'run several tools', '--json');
  const hits = objects(found.stdout);
  expect(hits.length).toBeGreaterThan(0);
  for (const hit of hits) expect(undocumented('session search', hit)).toEqual([]);
  expect(hits[0]).toMatchObject({
    harness: 'claude-code',
    kind: 'assistant',
    lines: [{ line: 1, text: 'I will run several tools.' }],
  });
  const text = await user.run('session', 'search', '--regex', 'several [a-z]+s\\.', '--no-json');
  expect(text.stdout).toMatch(
    /claude-code\/49d9aac8.*\n.*assistant.*\n {2}I will run several tools\.\n {2}cairn session /,
  );
  expect(
    objects((await user.run('session', 'search', '--file', 'notes.md', '--tool', 'Write', '--json')).stdout).length,
  ).toBeGreaterThan(0);
  expectFailure(await user.run('session', 'search', '--regex', '('), 2, /expected a regular expression/);
  expectFailure(await user.run('session', 'search'), 2, /expected something to search for/);
  expectFailure(await user.run('session', 'search', '!!'), 2, /expected words to search for/);
});

test('every filter is obeyed, a cap is announced, and the command that is given opens the spot', async () => {
  const user = await mirrored();
  expect((await user.run('index')).exit).toBe(0);
  const search = async (...args: string[]) => objects((await user.run('session', 'search', ...args, '--json')).stdout);
  const everything = ['--limit', '1000', '--per-session', '1000'];
  const cases: [filter: string[], admits: (hit: Record<string, unknown>) => boolean][] = [
    [['--harness', 'claude-code'], ({ harness }) => harness === 'claude-code'],
    [['--session', id], ({ session }) => String(session).startsWith(id)],
    [['--role', 'user'], ({ kind }) => kind === 'user'],
    [['--role', 'assistant'], ({ kind }) => kind === 'assistant' || kind === 'thinking'],
    [['--role', 'call'], ({ kind }) => kind === 'tool_call'],
    [['--tool', 'bash'], ({ tool }) => tool === 'Bash'],
    [['--file', 'notes.md'], ({ kind }) => kind === 'tool_call'],
    [['--since', '2026-11-21'], ({ time }) => String(time) >= '2026-11-21'],
    [['--until', '2026-11-22'], ({ time }) => String(time) < '2026-11-22'],
  ];
  for (const [filter, admits] of cases) {
    const hits = await search(...filter, ...everything);
    expect(hits.length, filter.join(' ')).toBeGreaterThan(0);
    expect(hits.filter((hit) => !admits(hit))).toEqual([]);
  }
  for (const filter of [
    ['--harness', 'codex'],
    ['--repo', 'no-such'],
    ['--host', 'no-such'],
    ['--since', '2031-01-01'],
    ['--until', '2001-01-01'],
    ['--error'], // no call of the sample failed
  ]) {
    expect(await search('tools', ...filter), filter.join(' ')).toEqual([]);
  }
  const [hit] = await search('"several tools"');
  const replayed = await user.run(...String(hit?.open).split(' ').slice(1), '--json');
  expect(objects(replayed.stdout)[0]).toMatchObject({ seq: hit?.seq });
  const around = await search('"several tools"', '--context', '2');
  expect(around[0]).toMatchObject({ seq: hit?.seq });
  expect((await user.run('session', 'search', '--role', 'assistant', '-n', '1')).stderr).toMatch(/1 of \d+ events/);
  expect((await user.run('session', 'search', '--regex', '[a-z]+', '-n', '1')).stderr).toMatch(/1 of \d+ events/);
});

test('one filter in list, statistics, export and search: model, tool, turns, label', async () => {
  const user = await mirrored();
  await cp(join(samples, '../../../codex/paginated-0.169'), join(user.home, '.codex'), { recursive: true });
  expect((await user.run('session', 'mirror', '--all', '--index')).exit).toBe(0);
  expect((await user.run('session', 'label', id, 'kept')).exit).toBe(0);
  const run = async (...args: string[]) => objects((await user.run('session', ...args, '--json')).stdout);
  const listed = async (...args: string[]) => (await run('list', ...args)).map(({ session }) => String(session)).sort();
  const all = await run('list');
  expect(new Set(all.map(({ harness }) => harness))).toEqual(new Set(['claude-code', 'codex']));
  const having = (is: (line: (typeof all)[number]) => boolean) =>
    all.flatMap((line) => (is(line) ? [String(line.session)] : [])).sort();
  const called = new Set(
    (await run('search', '--role', 'call', '--tool', 'bash', '-n', '999', '--per-session', '999')).map(
      ({ session }) => session,
    ),
  );
  for (const [filter, sessions] of [
    [['--model', 'CLAUDE'], having(({ models }) => JSON.stringify(models ?? []).includes('claude'))],
    [['--min-turns', '2'], having(({ turns }) => Number(turns) >= 2)],
    [['--label', 'kept'], having(({ session }) => String(session).startsWith(id))],
    [['--tool', 'bash'], having(({ session }) => called.has(session))],
  ] as const) {
    expect(sessions.length, filter[0]).toBeGreaterThan(0);
    expect(sessions.length, filter[0]).toBeLessThan(all.length);
    expect(await listed(...filter), filter[0]).toEqual(sessions);
    expect((await run('stats', ...filter)).at(-1)).toMatchObject({ sessions: sessions.length });
    const exported = await user.run('session', 'export', '--all', ...filter, '--format', 'jsonl', '--kind', 'error');
    expect(
      objects(exported.stdout)
        .flatMap(({ session }) => session ?? [])
        .sort(),
    ).toEqual(sessions);
    if (filter[0] === '--tool') continue; // of the search it says which events
    const found = await run('search', ...filter, '-n', '9999', '--per-session', '9999');
    expect([...new Set(found.map(({ session }) => session))].sort()).toEqual(sessions);
  }
  expect(await listed('--model', 'no-such')).toEqual([]);
  expect(await run('search', '--model', 'no-such')).toEqual([]);
});

test('the index comes with a run of the mirror', async () => {
  const user = await mirrored();
  const run = await user.run('session', 'mirror', '--all', '--index');
  expect(run.exit).toBe(0);
  expect(objects((await user.run('session', 'search', 'tools', '--json')).stdout).length).toBeGreaterThan(0);
});

test('export in every format; a file that was changed is told', async () => {
  const user = await mirrored();
  const out = (name: string) => join(user.home, name);
  for (const format of ['jsonl', 'markdown', 'html', 'openai', 'anthropic', 'atif']) {
    const run = await user.run('session', 'export', id, '--format', format, '-o', out(format));
    expect(run.exit, run.stderr).toBe(0);
    const direct = await user.run('session', 'export', id, '--format', format);
    expect(direct.stdout).toBe(await readFile(out(format), 'utf8'));
  }
  const same = await user.run('session', 'materialize', id, out('markdown'), '--json');
  expect(objects(same.stdout)).toMatchObject([{ was: 'identical' }]);
  expect(undocumented('session materialize', objects(same.stdout)[0]!)).toEqual([]);
  expect((await user.run('session', 'reconcile', id, out('markdown'))).exit).toBe(0);
  await writeFile(out('markdown'), (await readFile(out('markdown'), 'utf8')).replace('several tools', 'no tools'));
  const changed = await user.run('session', 'reconcile', id, out('markdown'), '--json');
  expect(changed.exit).toBe(1);
  for (const object of objects(changed.stdout)) expect(undocumented('session reconcile', object)).toEqual([]);
  expect(objects(changed.stdout)[0]).toMatchObject({ difference: 'changed', kind: 'message' });
  const tables = await user.run('session', 'export', '--all', '--format', 'parquet', '--to', out('lake'), '--json');
  expect(undocumented('session export', objects(tables.stdout)[0]!)).toEqual([]);
  expect(await readdir(out('lake'))).toEqual(expect.arrayContaining(['events', 'manifest.json', 'sessions']));
  expectFailure(await user.run('session', 'export', id, '--format', 'openai', '--strict'), 1, /cannot be said/);
  expectFailure(await user.run('session', 'export', '--format', 'html'), 2, /expected sessions to export/);
  expectFailure(await user.run('session', 'export', '--all', '--format', 'html'), 2, /expected one session/);
});

test('what was exported as jsonl is imported elsewhere: the same events', async () => {
  const user = await mirrored();
  const [file, media] = [join(user.home, 'session.jsonl'), join(user.home, 'media')];
  expect((await user.run('session', 'export', id, '--format', 'jsonl', '-o', file, '--payloads', media)).exit).toBe(0);
  const other = await User.create();
  const run = await other.run('session', 'import', file, '--payloads', media, '--json');
  expect(run.exit, run.stderr).toBe(0);
  const again = await other.run('session', 'import', file, '--payloads', media, '--no-json');
  expect(again.stdout).toContain('there already');
  const [ours, theirs] = [
    await user.run('session', 'events', id, '--stream', 'all'),
    await other.run('session', 'events', id, '--stream', 'all'),
  ];
  const plain = (text: string) =>
    objects(text)
      .filter(({ at }) => (at as { stream: string }).stream !== 'files')
      .map((event) => JSON.parse(JSON.stringify(event, (name, value) => (name === 'at' ? value.stream : value))));
  expect(plain(theirs.stdout)).toEqual(plain(ours.stdout));
  expect(plain(ours.stdout).length).toBeGreaterThan(200);
  // What events refer to came along, and is proven by its hash.
  const image = objects(theirs.stdout).find((event) => JSON.stringify(event).includes('image/png'));
  const ref = /"ref":"([0-9a-f]{64})"/.exec(JSON.stringify(image))?.[1];
  expect((await readdir(media)).includes(ref!)).toBe(true);
  expectFailure(await other.run('session', 'import', join(samples, '../none.jsonl')), 9, /expected to read/);
  await writeFile(file, '{"kind":"message"}\n');
  expectFailure(await other.run('session', 'import', file), 2, /expected a line that names the session in line 1/);
});

test('an imported session grows: by a longer export, and by events that a program writes', async () => {
  const user = await mirrored();
  const [whole, part, more] = ['whole', 'part', 'more'].map((name) => join(user.home, `${name}.jsonl`)) as [
    string,
    string,
    string,
  ];
  expect((await user.run('session', 'export', id, '--format', 'jsonl', '--stream', 'main', '-o', whole)).exit).toBe(0);
  const lines = (await readFile(whole, 'utf8')).split('\n').filter((line) => line !== '');
  await writeFile(
    part,
    lines
      .slice(0, 40)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const other = await User.create();
  expect((await other.run('session', 'import', part)).exit).toBe(0);
  const grown = await other.run('session', 'import', whole, '--json');
  expect(objects(grown.stdout).filter(({ event }) => event === 'reset')).toEqual([]);
  expect(objects(grown.stdout).find(({ event }) => event === 'part')).toMatchObject({
    seq: 1,
    records: lines.length - 40,
  });
  const events = async (session: string) => objects((await other.run('session', 'events', session, '--json')).stdout);
  expect((await events(id)).length).toBe(lines.length - 1);
  // Behind these, and in a session of its own: what came in before a line that is no event stays.
  const said = (text: string) =>
    JSON.stringify({ kind: 'message', role: 'user', from: 'person', prompt: true, content: [{ type: 'text', text }] });
  await writeFile(more, `${said('one more')}\n`);
  for (const [session, before] of [
    [JSON.parse(lines[0]!).session, lines.length - 1],
    ['nightly-7', 0],
    ['nightly-7', 1],
  ] as const) {
    const run = await other.run('session', 'import', more, '--append', session, '--no-json');
    expect([run.exit, run.stdout]).toEqual([0, `imported/${session}: 1 event\n`]);
    const all = await events(session);
    expect(all.length).toBe(before + 1);
    expect(all.at(-1)).toMatchObject({ seq: before, kind: 'message', content: [{ text: 'one more' }] });
  }
  await writeFile(more, `${said('kept')}\nnot an event\n`);
  expectFailure(await other.run('session', 'import', more, '--append', 'nightly-7'), 2, /expected JSON in line 2/);
  expect((await events('nightly-7')).map(({ turn }) => turn)).toEqual([1, 2, 3]);
  expectFailure(await other.run('session', 'import', more, '--append', 'nightly'), 2, /the beginning of nightly-7/);
  expectFailure(await other.run('session', 'import', more, '--append', '../x'), 2, /expected the id of a session/);
  await rm(join(other.home, '.local/share/cairn/imported'), { recursive: true });
  expectFailure(await other.run('session', 'import', more, '--append', 'nightly-7'), 6, /found it in the bucket alone/);
});

test('the index of an encrypted project is encrypted, and no copy of it stays on the disk', async () => {
  const user = await User.create();
  await cp(samples, join(user.home, '.claude/projects'), { recursive: true });
  expect((await user.run('init', '--encrypt')).exit).toBe(0);
  expect((await user.run('session', 'mirror', '--all', '--index')).exit).toBe(0);
  const found = await user.run('session', 'search', 'run several tools', '--json');
  expect(objects(found.stdout)[0]).toMatchObject({ lines: [{ text: 'I will run several tools.' }] });
  const folder = join(user.bucket, 'default/index');
  const [segment] = (await readdir(folder)).filter((name) => name.endsWith('.seg'));
  expect((await readFile(join(folder, segment!))).subarray(0, 21).toString('latin1')).toBe('age-encryption.org/v1');
  const state = await readdir(join(user.home, '.local/state'), { recursive: true });
  expect(state.filter((path) => /(?:^|\/)search(?:\/|$)/.test(path))).toEqual([]);
});
