import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedData } from '../shared.ts';
import { callsByTool, checkCovered, type Projected, projectFile, promptsOf, shown, statisticsOf } from './project.ts';

const samples = join(import.meta.dirname, '../samples/claude-code');
const shared = process.env.CAIRN_SAMPLES ?? sharedData('sessions') ?? '';
const { _rules, ...expected } = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: facts of a sample, read from JSON
function check(projected: Projected, facts: any): void {
  const { events, coverage } = projected;
  const value = statisticsOf(events);
  checkCovered(projected, facts.lines);
  expect(coverage.unknown).toBe(facts.lines - facts.records + facts.unknownTypes.length);
  expect(value).toMatchObject({
    answers: facts.assistantMessages,
    calls: facts.toolCalls,
    results: facts.toolResults,
    failed: facts.toolErrors,
    open: facts.callsWithoutResult,
    orphans: 0,
    media: facts.images,
    compactions: facts.compactions,
    tokens: {
      input: facts.usage.input_tokens,
      cacheRead: facts.usage.cache_read_input_tokens,
      cacheWrite: facts.usage.cache_creation_input_tokens,
      output: facts.usage.output_tokens,
    },
  });
  if (!('meta' in facts)) expect(value.turns).toBe(facts.turns);
  expect(promptsOf(events)).toEqual(facts.prompts);
  expect(callsByTool(value)).toEqual(facts.toolCallsByName);
}

for (const [path, facts] of Object.entries(expected)) {
  const isPublic = path.startsWith('public/');
  const file = join(isPublic ? join(shared, 'claude-code') : samples, path);
  test.skipIf(isPublic && !existsSync(file))(`events of ${path}`, async () => {
    const projected = projectFile('claude-code', file);
    check(projected, facts);
    const stem = basename(path, '.jsonl');
    if (!isPublic) {
      await expect(shown(projected.events)).toMatchFileSnapshot(`goldens/claude-code/${stem}.txt`);
    }
    // biome-ignore lint/suspicious/noExplicitAny: facts of a sample, read from JSON
    for (const [agent, own] of Object.entries((facts as any).subagents ?? {})) {
      check(projectFile('claude-code', join(dirname(file), stem, 'subagents', `${agent}.jsonl`), agent), own);
    }
  });
}
