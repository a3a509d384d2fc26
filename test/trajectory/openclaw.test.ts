import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openclaw } from '../../harnesses/openclaw.ts';
import { discovered, readAll, temporaryFolder } from '../harness/support.ts';
import { callsByTool, checkCovered, project, promptsOf, shown, statisticsOf } from './project.ts';

const samples = join(import.meta.dirname, '../samples/openclaw');
const { _rules, ...expected } = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: facts of a sample, read from JSON
for (const [path, facts] of Object.entries<any>(expected)) {
  if (facts.events === undefined) continue;
  test(`events of ${path}`, async () => {
    const projected = project('openclaw', await recordsOf(path));
    const value = statisticsOf(projected.events);
    checkCovered(projected, facts.events);
    expect(projected.coverage.unknown).toBe(facts.unknownTypes?.length ?? 0);
    const { input, output, cacheRead, cacheWrite } = facts.usage;
    expect(value).toMatchObject({
      turns: facts.turns,
      answers: facts.messagesByRole.assistant ?? 0,
      calls: facts.toolCalls,
      results: facts.toolResults,
      open: 0,
      orphans: 0,
      media: facts.images,
      compactions: facts.compactions,
      tokens: { input, output, cacheRead, cacheWrite },
    });
    expect(promptsOf(projected.events)).toEqual(facts.prompts);
    expect(callsByTool(value)).toEqual(facts.toolCallsByName);
    const name = path.replace(/^.*\/|\.jsonl.*$|\.sqlite$/g, '');
    await expect(shown(projected.events)).toMatchFileSnapshot(`goldens/openclaw/${name}.txt`);
  });
}

async function recordsOf(path: string): Promise<Uint8Array> {
  if (!path.endsWith('.sqlite')) return readFileSync(join(samples, path));
  const root = temporaryFolder();
  const agent = join(root, 'agents/main/agent');
  mkdirSync(agent, { recursive: true });
  copyFileSync(join(samples, path), join(agent, 'openclaw-agent.sqlite'));
  const [session] = await discovered(openclaw, root);
  const [stream] = session?.streams ?? [];
  if (!stream) throw new Error('no stream');
  return (await readAll(openclaw, stream)).bytes;
}
