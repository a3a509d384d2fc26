import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { TableWriter } from '../../src/export/parquet.ts';
import { directoryStore } from '../../src/store/directory.ts';
import type { EventBody } from '../../src/trajectory/events.ts';
import { temporaryFolder } from '../mirror/rig.ts';
import { testRuntime } from '../store/runtime.ts';
import { answer, eventsOf, lineOf, prompt, sourceOf } from './source.ts';

const bodies: (EventBody & { readonly time?: string })[] = [
  { ...prompt('Fix the bug'), time: '2026-11-21T09:00:00.000Z' },
  { kind: 'tool_call', callId: 'a', tool: 'Bash', input: { command: 'echo \'Grüße\' \\ "x"' } },
  { kind: 'tool_result', callId: 'a', tool: 'Bash', output: 'ok', exitCode: 0, durationMs: 12.5 },
  { kind: 'tool_call', callId: 'b', tool: 'Edit', input: {} },
  { kind: 'tool_result', callId: 'b', tool: 'Edit', output: 'no', error: true },
  { kind: 'usage', model: 'm1', tokens: { input: 10, cacheRead: 20, cacheWrite: 30, output: 40 } },
  answer('Fixed.\nReally.'),
];

async function duckdb(folder: string): Promise<(sql: string) => Promise<Record<string, unknown>[]>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`SET file_search_path = '${folder}'`);
  return async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
}

async function lake(): Promise<{ folder: string; writer: TableWriter; again: () => TableWriter }> {
  const folder = join(await temporaryFolder(), 'lake');
  await mkdir(folder);
  const again = () => new TableWriter(directoryStore(folder, testRuntime()));
  return { folder, writer: again(), again };
}

const line = {
  ...lineOf('A title'),
  startedAt: '2026-11-20T09:00:00.000Z',
  endedAt: '2026-11-20T10:30:00.000Z',
  turns: 1,
  repository: 'team/app',
};

test('DuckDB reads back every event and session, with day and agent from the folders', async () => {
  const { folder, writer } = await lake();
  const events = eventsOf('main', bodies);
  await writer.add(sourceOf({ main: events, 'agent-1': eventsOf('agent-1', [answer('sub')]) }), line);
  const manifest = await writer.finish();
  expect(manifest.files.map(({ rows }) => rows)).toEqual([1, 8]);
  const query = await duckdb(folder);
  const rows = await query(
    "SELECT date::VARCHAR AS date, harness, stream, seq, event FROM read_parquet('events/**/*.parquet', hive_partitioning = true) ORDER BY stream DESC, seq",
  );
  expect(rows.map(({ date, harness }) => `${date} ${harness}`)).toEqual(Array(8).fill('2026-11-20 claude-code'));
  expect(rows.slice(0, 7).map(({ event }) => JSON.parse(String(event)))).toEqual(JSON.parse(JSON.stringify(events)));
  const [call] = await query(
    "SELECT input->>'command' AS command FROM read_parquet('events/**/*.parquet') WHERE call_id = 'a' AND kind = 'tool_call'",
  );
  expect(call).toEqual({ command: 'echo \'Grüße\' \\ "x"' });
  const [session] = await query(
    "SELECT title, repository, turns, epoch_ms(started) AS started FROM read_parquet('sessions/**/*.parquet')",
  );
  expect(session).toEqual({
    title: 'A title',
    repository: 'team/app',
    turns: 1,
    started: String(Date.parse(line.startedAt)),
  });
});

test('the queries of docs/analysis.md run', async () => {
  const { folder, writer } = await lake();
  await writer.add(sourceOf({ main: eventsOf('main', bodies) }), line);
  await writer.finish();
  const query = await duckdb(folder);
  const page = await readFile(new URL('../../docs/analysis.md', import.meta.url), 'utf8');
  const queries = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql ?? '');
  const results = await Promise.all(queries.map(query));
  expect(results.map((rows) => rows.length)).toEqual([2, 1, 1, 1, 1]);
  expect(results[0]).toEqual([
    { tool: 'Edit', calls: '1', failed: '1' },
    { tool: 'Bash', calls: '1', failed: '0' },
  ]);
  expect(results[1]?.[0]).toMatchObject({ model: 'm1', input: 10, cached: 20, output: 40 });
  expect(results[2]?.[0]).toMatchObject({ repository: 'team/app', minutes: '90' });
  expect(results[4]?.[0]).toMatchObject({ prompt: 'Fix the bug', answer: 'Fixed.' });
});

test('an export replaces the one before it', async () => {
  const { folder, writer, again } = await lake();
  await writer.add(sourceOf({ main: eventsOf('main', bodies) }), line);
  await writer.finish();
  const later = again();
  await later.add(sourceOf({ main: eventsOf('main', bodies) }), { ...line, startedAt: '2026-11-21T09:00:00.000Z' });
  await later.finish();
  const rows = await (await duckdb(folder))(
    "SELECT DISTINCT date::VARCHAR AS date FROM read_parquet('*/**/*.parquet', hive_partitioning = true, union_by_name = true)",
  );
  expect(rows).toEqual([{ date: '2026-11-21' }]);
});

test('a large session is several files, of which none holds all', async () => {
  const { folder, writer } = await lake();
  const many = Array.from({ length: 45_000 }, (): EventBody => ({ kind: 'state', name: 'n', value: 1 }));
  await writer.add(sourceOf({ main: eventsOf('main', many) }), line);
  const { files } = await writer.finish();
  expect(files.filter(({ path }) => path.startsWith('events')).map(({ rows }) => rows)).toEqual([
    20_000, 20_000, 5_000,
  ]);
  const [count] = await (await duckdb(folder))(
    "SELECT count(DISTINCT seq) AS n FROM read_parquet('events/**/*.parquet')",
  );
  expect(count).toEqual({ n: '45000' });
});
