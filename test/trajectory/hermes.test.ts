import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hermes } from '../../harnesses/hermes.ts';
import type { Cursor } from '../../src/harness/index.ts';
import { discovered, readAll, temporaryFolder } from '../harness/support.ts';
import { statementsOf } from '../mirror/database-source.ts';
import { startWriter, withoutWriter } from '../sqlite/writer.ts';
import { checkCovered, project, shown, statisticsOf } from './project.ts';

const samples = join(import.meta.dirname, '../samples/hermes');
const script = (name: string) => statementsOf(readFileSync(join(samples, name), 'utf8'));
const expected = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8'));

describe.skipIf(withoutWriter !== undefined)('events of hermes', () => {
  test('rows that were written, and what became of them', async () => {
    const root = temporaryFolder();
    const writer = startWriter(join(root, 'state.db'));
    onTestFinished(() => writer.kill());
    await writer.run(...script('hermes_schema.sql'), ...script('hermes_inserts.sql'));
    const logs = new Map<string, { bytes: Buffer; cursor: Cursor | undefined }>();
    const ship = async () => {
      for (const session of await discovered(hermes, root)) {
        const [stream] = session.streams;
        if (!stream) throw new Error('no stream');
        const before = logs.get(session.id);
        const { bytes, cursor } = await readAll(hermes, stream, before?.cursor);
        logs.set(session.id, { bytes: Buffer.concat([before?.bytes ?? Buffer.alloc(0), bytes]), cursor });
      }
    };
    await ship();
    for (const [id, facts] of Object.entries<{ toolCalls: number; toolRows: number; summaries: number }>(
      expected.afterInserts.bySession,
    )) {
      const projected = project('hermes', logs.get(id)?.bytes ?? Buffer.alloc(0));
      checkCovered(projected, projected.coverage.records);
      expect(projected.coverage.unknown, id).toBe(0);
      expect(statisticsOf(projected.events), id).toMatchObject({
        calls: facts.toolCalls,
        results: facts.toolRows,
        open: 0,
        orphans: 0,
        compactions: facts.summaries,
      });
    }
    for (const statement of script('hermes_mutations.sql')) {
      await writer.run(statement);
      await ship();
    }
    const main = project('hermes', logs.get('20261120_101500_a1b2c3')?.bytes ?? Buffer.alloc(0));
    // Clones repeat their originals: the counts stand.
    expect(statisticsOf(main.events)).toMatchObject({
      turns: 2,
      calls: 2,
      results: 2,
      media: 1,
      compactions: 1,
      tokens: { input: 5200, output: 640 },
    });
    const rewound = project('hermes', logs.get('20261120_130000_aaaa02')?.bytes ?? Buffer.alloc(0));
    expect(statisticsOf(rewound.events).rewinds).toBe(1);
    await expect(shown(main.events)).toMatchFileSnapshot('goldens/hermes/main.txt');
  });
});
