import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
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

test('the index comes with a run of the mirror', async () => {
  const user = await mirrored();
  const run = await user.run('session', 'mirror', '--all', '--index');
  expect(run.exit).toBe(0);
  expect(objects((await user.run('session', 'search', 'tools', '--json')).stdout).length).toBeGreaterThan(0);
});

test('export in every format; a file that was changed is told', async () => {
  const user = await mirrored();
  const out = (name: string) => join(user.home, name);
  for (const format of ['jsonl', 'markdown', 'html', 'openai']) {
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
