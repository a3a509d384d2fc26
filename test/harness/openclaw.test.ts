import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openclaw } from '../../harnesses/openclaw.ts';
import {
  type Cursor,
  emptySummary,
  linesOf,
  type PartRange,
  parseRecord,
  type StreamRef,
} from '../../src/harness/index.ts';
import { positionOf } from '../../src/harness/position.ts';
import { seeded } from '../mirror/chaos.ts';
import { OpenclawSource } from '../mirror/database-source.ts';
import { withoutWriter } from '../sqlite/writer.ts';
import { discovered, key, keyOf, readAll, sha256, temporaryFolder } from './support.ts';

interface Facts {
  readonly events: number;
  readonly eventsByType: Readonly<Record<string, number>>;
  readonly turns: number;
  readonly prompts: readonly string[];
  readonly [fact: string]: unknown;
}

const samples = join(import.meta.dirname, '../samples/openclaw');
const { _rules, ...expected } = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8')) as Record<
  string,
  Facts
>;
const database = 'sqlite-2026.9.6/openclaw-agent.sqlite';

/** A state folder with the sample database. */
function homeOf(): { root: string; path: string } {
  const root = temporaryFolder();
  const agent = join(root, 'agents/main/agent');
  mkdirSync(agent, { recursive: true });
  copyFileSync(join(samples, database), join(agent, basename(database)));
  return { root, path: join(agent, basename(database)) };
}

async function mainOf(root: string, id?: string): Promise<StreamRef> {
  const sessions = await discovered(openclaw, root);
  const stream = sessions.find((session) => id === undefined || session.id === id)?.streams[0];
  if (stream?.name !== 'main') throw new Error('no main stream');
  return stream;
}

function summarised(bytes: Buffer) {
  return [...linesOf(bytes)].reduce(
    (sofar, line) => openclaw.summarise(sofar, { stream: 'main', bytes: line, value: parseRecord(line) }),
    emptySummary,
  );
}

/** What `expected.json` counts. */
function factsOf(bytes: Buffer) {
  const events = [...linesOf(bytes)].map((line) => JSON.parse(Buffer.from(line).toString()));
  const messages = events.filter(({ type }) => type === 'message').map(({ message }) => message);
  const blocks = messages.flatMap(({ content }) =>
    Array.isArray(content) ? content : [{ type: 'text', text: content }],
  );
  const calls = blocks.filter(({ type }) => type === 'toolCall');
  const users = messages.filter(({ role }) => role === 'user');
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0 };
  for (const { usage: used = {} } of messages.filter(({ role }) => role === 'assistant')) {
    for (const name of Object.keys(usage) as (keyof typeof usage)[]) usage[name] += used[name] ?? 0;
  }
  return {
    events: events.length,
    eventsByType: tally(events.map(({ type }) => type)),
    messagesByRole: tally(messages.map(({ role }) => role)),
    turns: users.length,
    prompts: users.map(({ content }) => (typeof content === 'string' ? content : content[0].text)),
    toolCalls: new Set(calls.map(({ id }) => id)).size,
    toolCallsByName: tally(calls.map(({ name }) => name)),
    toolResults: messages.filter(({ role }) => role === 'toolResult').length,
    images: blocks.filter(({ type }) => type === 'image').length,
    compactions: events.filter(({ type }) => type === 'compaction').length,
    usage,
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function check(bytes: Buffer, facts: Facts): void {
  expect(facts).toMatchObject(factsOf(bytes));
  const summary = summarised(bytes);
  const unknown = (facts.unknownTypes ?? []) as string[];
  expect(summary).toMatchObject({ records: facts.events, turns: facts.turns, invalid: 0, unknown: unknown.length });
  expect(summary.title).toBe(facts.prompts[0]);
}

describe('openclaw samples', () => {
  test(database, async () => {
    const { root } = homeOf();
    const facts = expected[database]!;
    const [session] = await discovered(openclaw, root);
    expect(session).toMatchObject({
      id: 'sess-test-1',
      cwd: '/home/dev/oc/ws',
      agentVersion: '2026.9.6',
      schema: '23',
      lineage: [],
    });
    for (const chunkBytes of [1000, 8 << 20]) {
      const { bytes, chunks, cursor } = await readAll(openclaw, await mainOf(root), undefined, { chunkBytes });
      expect(chunks.reduce((sum, { records }) => sum + records, 0)).toBe(facts.rows);
      // A newline ends each record.
      expect(bytes.length).toBe(Number(facts.uncompressedBytes) + Number(facts.rows));
      check(bytes, facts);
      const [watermark] = facts.watermark as { generation: string }[];
      expect(cursor).toMatchObject({ kind: 'rows', generation: watermark?.generation, seq: 17 });
    }
  });

  test('JSONL files of before 2026.7.2: topics, resets, deletions', async () => {
    const root = temporaryFolder();
    cpSync(join(samples, 'legacy-jsonl'), root, { recursive: true });
    const sessions = await discovered(openclaw, root);
    const files = Object.entries(expected).filter(
      ([path]) => path.startsWith('legacy-jsonl/') && !path.endsWith('.json'),
    );
    expect(sessions.map(({ id }) => id).sort()).toEqual(
      files.map(([path]) => basename(path).replace(/\.jsonl.*/, '')).sort(),
    );
    for (const [path, facts] of files) {
      const stream = await mainOf(root, basename(path).replace(/\.jsonl.*/, ''));
      const { bytes, pending } = await readAll(openclaw, stream);
      expect(sha256(readFileSync(stream.files[0]!.path))).toBe(facts.sha256);
      expect(pending).toBe(facts.tornTailBytes);
      check(bytes, facts);
    }
  });
});

describe.skipIf(withoutWriter !== undefined)('openclaw rows', () => {
  async function live() {
    const root = temporaryFolder();
    const source = new OpenclawSource(root, seeded(1));
    onTestFinished(() => source.close());
    await source.open();
    for (let n = 0; n < 30; n++) await source.run('more');
    const home = join(root, '.openclaw');
    const main = () => mainOf(home, 's1');
    const read = await readAll(openclaw, await main());
    return { source, home, main, read, cursor: JSON.parse(JSON.stringify(read.cursor)) as Cursor };
  }
  const sql = (text: string) => `UPDATE transcript_events SET event_json = ${text} WHERE session_id = 's1'`;

  test('only what is new, whatever the chunks', async () => {
    const { source, main, read, cursor } = await live();
    expect(read.bytes.toString()).toBe(await source.expected());
    expect((await readAll(openclaw, await main(), cursor)).bytes.length).toBe(0);
    await source.run('compressed');
    await source.run('more');
    const more = await readAll(openclaw, await main(), cursor, { chunkBytes: 100 });
    expect(read.bytes.toString() + more.bytes.toString()).toBe(await source.expected());
    expect(more.chunks.map(({ records }) => records)).toEqual([1, 1, 1, 1]);
    const whole = await readAll(openclaw, await main());
    expect(more.cursor).toEqual(whole.cursor);
  });

  test('what was rewritten, cut or replaced says so and gives no bytes', async () => {
    const changes = {
      rewritten: `UPDATE transcript_rewrite_watermarks SET generation = 'other' WHERE session_id = 's1'`,
      truncated: `DELETE FROM transcript_events WHERE session_id = 's1' AND seq > 80`,
    };
    for (const [reason, change] of Object.entries(changes)) {
      const { source, main, cursor } = await live();
      expect(await openclaw.prove(await main(), cursor)).toBe(true);
      await source.statements(change);
      expect(await readAll(openclaw, await main(), cursor)).toMatchObject({
        reset: reason,
        chunks: [{ records: 0, last: true }],
      });
      expect(await openclaw.prove(await main(), cursor)).toBe(false);
    }
    const { source, main, cursor } = await live();
    await source.replace();
    await source.run('more');
    expect((await readAll(openclaw, await main(), cursor)).reset).toBe('replaced');
  });

  test('a row that was changed in place is seen among the last 64, and by the full check anywhere', async () => {
    const { source, main, cursor } = await live();
    await source.statements(`${sql(`replace(event_json, 'text', 'TEXT')`)} AND seq = 3`);
    expect((await readAll(openclaw, await main(), cursor)).reset).toBe(undefined);
    expect(await openclaw.prove(await main(), cursor)).toBe(false);
    await source.statements(`${sql(`replace(event_json, 'text', 'TEXT')`)} AND seq = 26`);
    expect((await readAll(openclaw, await main(), cursor)).reset).toBe('rewritten');
  });

  test('a copy of the database is the same source', async () => {
    const { source, main, cursor } = await live();
    await source.run('copy');
    await source.run('more');
    const { reset, bytes } = await readAll(openclaw, await main(), cursor);
    expect(reset).toBe(undefined);
    expect(bytes.toString().split('\n').length).toBe(4);
  });

  test('a session in cold storage is the same source', async () => {
    const { source, home, main, read, cursor } = await live();
    const record = (kind: string, row: object) => `${JSON.stringify({ kind, row })}\n`;
    const rows = read.bytes.toString().trimEnd().split('\n');
    const lines = rows.map((event_json, seq) => record('event', { seq, event_json, created_at: 1 }));
    const zstd = storedFrames(
      Buffer.from(`${record('header', {})}${lines.join('')}${record('index', { indexed_seq: 1 })}`),
    );
    mkdirSync(join(home, 'agents/main/sessions/cold'), { recursive: true });
    writeFileSync(join(home, 'agents/main/sessions/cold/abc.jsonl.zst'), zstd);
    const [quiet] = (await main()).files;
    await source.statements(
      'CREATE TABLE session_transcript_cold_archives (session_id TEXT PRIMARY KEY, archive_name TEXT, archive_blob BLOB, last_seq INTEGER)',
      `INSERT INTO session_transcript_cold_archives VALUES ('s1', 'abc.jsonl.zst', NULL, ${rows.length - 1})`,
      `DELETE FROM transcript_events WHERE session_id = 's1'`,
    );
    const [cold] = (await main()).files;
    expect(cold?.stamp).toEqual(quiet?.stamp);
    expect(await readAll(openclaw, await main(), cursor)).toMatchObject({ reset: undefined, chunks: [{ records: 0 }] });
    expect(await openclaw.prove(await main(), cursor)).toBe(true);
    expect((await readAll(openclaw, await main())).bytes.equals(read.bytes)).toBe(true);
    rmSync(join(home, 'agents/main/sessions/cold'), { recursive: true });
    await expect(readAll(openclaw, await main())).rejects.toMatchObject({ code: 'not-found' });
  });

  test('recognises its own parts by their keyed hash, and no others', async () => {
    const { main } = await live();
    const stream = await main();
    const { chunks } = await readAll(openclaw, stream, undefined, { chunkBytes: 700 });
    expect(chunks.length).toBeGreaterThan(3);
    let previous: Cursor | undefined;
    for (const { from, to, records, source } of chunks) {
      const part: PartRange = { from, to: positionOf(to, 'rows'), records, source };
      const unread = () => {
        throw new Error('records are not needed');
      };
      const adopt = (change: Partial<PartRange>, known: Cursor | undefined, by = key) =>
        openclaw.adopt(stream, { ...part, ...change }, { key: by, previous: known, records: unread });
      expect(await adopt({}, previous)).toEqual(to);
      expect(await adopt({}, undefined)).toEqual(previous === undefined ? to : undefined);
      expect(await adopt({ source: '0'.repeat(64) }, previous)).toBe(undefined);
      expect(await adopt({}, previous, keyOf('another'))).toBe(undefined);
      expect(await adopt({ to: { kind: 'rows', generation: 'g7', seq: 3 } }, previous)).toBe(undefined);
      if (previous?.kind === 'rows') expect(await adopt({}, { ...previous, guard: '0' })).toBe(undefined);
      previous = to;
    }
  });

  test('lineage of windows and nodes', async () => {
    const { source, home } = await live();
    await source.statements(
      `INSERT INTO session_windows VALUES ('forked', 'k', 's1', 'fork', 1, NULL), ('next', 'k', 's1', 'reset', 1, NULL),
         ('spawned', 'k', NULL, 'initial', 1, 'agent:main:s2')`,
    );
    const sessions = await discovered(openclaw, home);
    const links = Object.fromEntries(sessions.map(({ id, lineage }) => [id, lineage]));
    expect(links).toEqual({
      s1: [],
      s2: [],
      forked: [{ kind: 'fork', session: 's1' }],
      next: [{ kind: 'continues', session: 's1' }],
      spawned: [{ kind: 'parent', session: 's2' }],
    });
  });

  test('nothing is looked for again while the database stands still; an idle session has an unchanged stamp', async () => {
    const { source, home } = await live();
    const stamps = async () =>
      new Map((await discovered(openclaw, home)).map(({ id, streams }) => [id, JSON.stringify(streams[0]?.files)]));
    const before = await stamps();
    await source.run('another');
    const after = await stamps();
    expect(after.get('s1')).toBe(before.get('s1'));
    expect(after.get('s2')).not.toBe(before.get('s2'));
  });
});

/** Frames with their content uncompressed, each of one block. */
function storedFrames(bytes: Buffer): Buffer {
  const frames: Buffer[] = [];
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[4] = 0b1010_0000;
  head.writeUInt32LE(bytes.length, 5);
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const size = Buffer.alloc(3);
    size.writeUIntLE((block.length << 3) | (at + 65_536 >= bytes.length ? 1 : 0), 0, 3);
    frames.push(size, block);
  }
  return Buffer.concat([head, ...frames]);
}
