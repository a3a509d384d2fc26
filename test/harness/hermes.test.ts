import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hermes } from '../../harnesses/hermes.ts';
import {
  type ChangeRecord,
  type Cursor,
  emptySummary,
  linesOf,
  type PartRange,
  parseRecord,
  type SessionRef,
  type SessionSummary,
} from '../../src/harness/index.ts';
import { positionOf } from '../../src/harness/position.ts';
import { seeded } from '../mirror/chaos.ts';
import { foldOf } from '../mirror/database-history.ts';
import { HermesSource, statementsOf } from '../mirror/database-source.ts';
import { startWriter, type Writer, withoutWriter } from '../sqlite/writer.ts';
import { discovered, key, readAll, temporaryFolder } from './support.ts';

const samples = join(import.meta.dirname, '../samples/hermes');
const script = (name: string) => statementsOf(readFileSync(join(samples, name), 'utf8'));
interface SessionFacts {
  readonly rows: number;
  readonly active: number;
  readonly compacted: number;
  readonly summaries: number;
  readonly maxId: number;
  readonly toolCalls: number;
  readonly multimodalRows: number;
  readonly activeIds: readonly number[];
  readonly rewindCount: number;
  readonly endReason: string | null;
}
interface Facts {
  readonly bySession: Readonly<Record<string, SessionFacts>>;
}
const expected = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8')) as {
  readonly afterInserts: Facts;
  readonly afterMutations: Facts;
  readonly mutations: Readonly<Record<'insertedIds' | 'deletedIds' | 'changedIds', readonly number[]>>;
};

async function sample(): Promise<{ root: string; writer: Writer }> {
  const root = temporaryFolder();
  const writer = startWriter(join(root, 'state.db'));
  onTestFinished(() => writer.kill());
  await writer.run(...script('hermes_schema.sql'), ...script('hermes_inserts.sql'));
  return { root, writer };
}

function mainOf(session: SessionRef) {
  const [stream] = session.streams;
  if (stream?.name !== 'main') throw new Error('no main stream');
  return stream;
}

function summarised(bytes: Buffer, before: SessionSummary = emptySummary): SessionSummary {
  return [...linesOf(bytes)].reduce(
    (sofar, line) => hermes.summarise(sofar, { stream: 'main', bytes: line, value: parseRecord(line) }),
    before,
  );
}

interface Row {
  readonly id: number;
  readonly active: number;
  readonly compacted: number;
  readonly _compressed_summary: number;
  readonly content?: unknown;
  readonly tool_calls?: string;
}

/** What `expected.json` counts, of a fold. */
function factsOf(fold: Readonly<Record<string, unknown>>): SessionFacts {
  const rows = Object.entries(fold).flatMap(([name, row]) => (name.startsWith('messages ') ? [row as Row] : []));
  const [session] = Object.entries(fold).flatMap(([name, row]) => (name.startsWith('sessions ') ? [row] : [])) as {
    rewind_count: number;
    end_reason?: string;
  }[];
  return {
    rows: rows.length,
    active: rows.filter(({ active }) => active === 1).length,
    compacted: rows.filter(({ compacted }) => compacted === 1).length,
    summaries: rows.filter((row) => row._compressed_summary === 1).length,
    maxId: Math.max(...rows.map(({ id }) => id)),
    toolCalls: rows.flatMap(({ tool_calls }) => (tool_calls === undefined ? [] : JSON.parse(tool_calls))).length,
    multimodalRows: rows.filter(({ content }) => Array.isArray(content)).length,
    activeIds: rows.filter(({ active }) => active === 1).map(({ id }) => id),
    rewindCount: session?.rewind_count ?? -1,
    endReason: session?.end_reason ?? null,
  };
}

describe.skipIf(withoutWriter !== undefined)('hermes samples', () => {
  test('sessions as they were written', async () => {
    const { root } = await sample();
    const sessions = await discovered(hermes, root);
    const facts = expected.afterInserts.bySession;
    expect(sessions.map(({ id }) => id).sort()).toEqual(Object.keys(facts).sort());
    for (const session of sessions) {
      const { bytes, cursor } = await readAll(hermes, mainOf(session));
      expect(facts[session.id]).toMatchObject(factsOf(foldOf(bytes.toString())));
      expect(cursor?.kind).toBe('changes');
      expect(session.schema).toBe('30');
    }
    const main = sessions.find(({ id }) => id === '20261120_101500_a1b2c3')!;
    const { bytes } = await readAll(hermes, mainOf(main));
    expect(summarised(bytes)).toMatchObject({
      title: 'Fix login bug',
      titleFrom: 'agent',
      cwd: '/home/dev/webapp',
      branch: 'main',
      models: ['hermes-4-405b'],
      turns: 2,
      records: 7,
      unknown: 0,
      invalid: 0,
      startedAt: '2026-11-20T10:15:00.000Z',
    });
    const links = Object.fromEntries(sessions.map(({ id, lineage }) => [id, lineage]));
    expect(links).toEqual({
      '20261120_101500_a1b2c3': [],
      '20261120_101530_d4e5f6': [{ kind: 'parent', session: '20261120_101500_a1b2c3' }],
      '20261120_120000_aaaa01': [],
      '20261120_130000_aaaa02': [{ kind: 'continues', session: '20261120_120000_aaaa01' }],
    });
  });

  test('the mutation script, one statement between two runs: a row that changed is a record, and no other', async () => {
    const { root, writer } = await sample();
    const shipped = new Map<string, { cursor: Cursor | undefined; text: string; summary: SessionSummary }>();
    const seen = { insertedIds: new Set<number>(), deletedIds: new Set<number>(), changedIds: new Set<number>() };
    const stamps = new Map<string, string>();
    const run = async (statement: string) => {
      let touched = 0;
      for (const session of await discovered(hermes, root)) {
        const before = shipped.get(session.id);
        const stamp = JSON.stringify(mainOf(session).files);
        const { bytes, cursor, reset } = await readAll(hermes, mainOf(session), before?.cursor);
        expect(reset).toBe(undefined);
        // The stamp says what is to be read.
        expect(bytes.length > 0, statement).toBe(stamps.get(session.id) !== stamp);
        stamps.set(session.id, stamp);
        touched += bytes.length > 0 ? 1 : 0;
        const known = before ? Object.keys(foldOf(before.text)) : [];
        for (const line of before ? linesOf(bytes) : []) {
          const change = parseRecord(line) as ChangeRecord;
          if ('put' in change && change.put !== 'messages') continue;
          const id = Number(change.id);
          if ('delete' in change) seen.deletedIds.add(id);
          else (known.includes(`messages ${id}`) ? seen.changedIds : seen.insertedIds).add(id);
        }
        const text = (before?.text ?? '') + bytes.toString();
        shipped.set(session.id, { cursor, text, summary: summarised(bytes, before?.summary) });
      }
      return touched;
    };
    expect(await run('inserts')).toBe(4);
    expect(await run('nothing')).toBe(0);
    for (const statement of script('hermes_mutations.sql')) {
      await writer.run(statement);
      await run(statement);
    }
    for (const [id, facts] of Object.entries(expected.afterMutations.bySession)) {
      expect(facts, id).toMatchObject({ ...factsOf(foldOf(shipped.get(id)!.text)) });
    }
    expect([...seen.insertedIds].sort((a, b) => a - b)).toEqual(expected.mutations.insertedIds);
    // Rows 9 and 10 were repaired before they were deleted.
    expect([...seen.changedIds].sort((a, b) => a - b)).toEqual(
      [...expected.mutations.changedIds, 9, 10].sort((a, b) => a - b),
    );
    expect([...seen.deletedIds].sort((a, b) => a - b)).toEqual(expected.mutations.deletedIds);
    expect((await discovered(hermes, root)).map(({ id }) => id)).not.toContain('20261120_120000_aaaa01');
    // Clones and summaries are no prompts.
    expect(shipped.get('20261120_101500_a1b2c3')?.summary.turns).toBe(2);
  });

  test('profiles have databases of their own', async () => {
    const { root } = await sample();
    mkdirSync(join(root, 'profiles/work'), { recursive: true });
    const writer = startWriter(join(root, 'profiles/work/state.db'));
    onTestFinished(() => writer.kill());
    const own = `INSERT INTO sessions (id, source, started_at) VALUES ('w1', 'cli', 1)`;
    await writer.run(...script('hermes_schema.sql'), own);
    expect((await discovered(hermes, root)).map(({ id }) => id)).toContain('w1');
  });
});

describe.skipIf(withoutWriter !== undefined)('hermes changes', () => {
  async function live() {
    const root = temporaryFolder();
    const source = new HermesSource(root, seeded(1));
    onTestFinished(() => source.close());
    await source.open();
    for (let n = 0; n < 10; n++) await source.run('insert');
    const main = async () => mainOf((await discovered(hermes, join(root, '.hermes'))).find(({ id }) => id === 's1')!);
    return { source, main };
  }

  test('chunks are whole records and join without a seam; they may begin anywhere', async () => {
    const { source, main } = await live();
    await source.run('large');
    await source.run('usage');
    for (const chunkBytes of [1, 200, 1000]) {
      const { chunks, bytes } = await readAll(hermes, await main(), undefined, { chunkBytes });
      expect(foldOf(bytes.toString())).toEqual(await source.expected());
      expect(chunks.filter(({ last }) => last).length).toBe(1);
      let count = 0;
      for (const chunk of chunks) {
        expect(chunk.from).toEqual({ kind: 'changes', count });
        count += chunk.records;
        expect(chunk.to).toMatchObject({ kind: 'changes', count });
        if (chunk.bytes.length > chunkBytes) expect(chunk.records).toBe(1);
      }
      await source.run('again');
      await source.run('purge');
      await source.run('insert');
    }
  });

  test('lost state is folded from the parts, under any key; nothing is shipped twice', async () => {
    const { source, main } = await live();
    await source.run('delete');
    const { chunks } = await readAll(hermes, await main(), undefined, { chunkBytes: 300 });
    let cursor: Cursor | undefined;
    for (const { from, to, records, source: hash, bytes } of chunks) {
      const part: PartRange = { from, to: positionOf(to, 'changes'), records, source: hash };
      // Pieces as they come out of a gzip stream: cut anywhere.
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += 50) yield bytes.subarray(at, at + 50);
      };
      cursor = await hermes.adopt(await main(), part, { key, previous: cursor, records: pieces });
      expect(cursor).toEqual({ ...to, database: '' });
    }
    const again = await readAll(hermes, await main(), cursor);
    expect(again).toMatchObject({ reset: undefined });
    expect(again.bytes.length).toBe(0);
    expect(await hermes.prove(await main(), cursor!)).toBe(true);
  });

  test('an unrelated database is another source; a copy, a vacuum and a purge are not', async () => {
    for (const step of ['copy', 'vacuum', 'again', 'purge']) {
      const { source, main } = await live();
      const { cursor } = await readAll(hermes, await main());
      await source.run(step);
      expect((await readAll(hermes, await main(), cursor)).reset, step).toBe(undefined);
    }
    const { source, main } = await live();
    const { cursor } = await readAll(hermes, await main());
    await source.replace();
    await source.statements(`UPDATE sessions SET model = 'another'`);
    await source.run('insert');
    expect(await readAll(hermes, await main(), cursor)).toMatchObject({ reset: 'replaced', chunks: [{ records: 0 }] });
  });

  test('a session that was deleted says that it is gone, and nothing of its rows', async () => {
    const { source, main } = await live();
    const stream = await main();
    const { cursor } = await readAll(hermes, stream);
    await source.statements(`DELETE FROM messages WHERE session_id = 's1'`, `DELETE FROM sessions WHERE id = 's1'`);
    await expect(readAll(hermes, stream, cursor)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('an update of what does not count is no change', async () => {
    const { source, main } = await live();
    const { cursor } = await readAll(hermes, await main());
    await source.statements(
      `UPDATE messages SET display_order = 5, display_identity = x'00'`,
      `UPDATE sessions SET chat_id = 'other'`,
    );
    expect((await readAll(hermes, await main(), cursor)).bytes.length).toBe(0);
  });
});
