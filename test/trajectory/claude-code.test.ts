import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { StatisticsFold } from '../../src/trajectory/statistics.ts';
import { type Projected, projectFile } from './project.ts';

const samples = join(import.meta.dirname, '../samples/claude-code');
const shared = process.env.CAIRN_SAMPLES ?? join(import.meta.dirname, '../../../shared/data/sessions');
const { _rules, ...expected } = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: facts of a sample, read from JSON
function check({ events, coverage }: Projected, facts: any): void {
  const fold = new StatisticsFold();
  for (const event of events) fold.add(event);
  const { value } = fold;
  const prompts = events.flatMap((event) =>
    event.kind === 'message' && event.prompt ? [event.content.find(({ type }) => type === 'text')] : [],
  );
  expect(coverage.records).toBe(facts.lines);
  expect(coverage.unknown).toBe(facts.lines - facts.records + facts.unknownTypes.length);
  expect(new Set(events.map(({ at }) => at.record)).size).toBe(coverage.records - coverage.silent);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  expect(value).toMatchObject({
    turns: facts.turns,
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
  expect(prompts.map((part) => part?.type === 'text' && part.text)).toEqual(facts.prompts);
  expect(Object.fromEntries([...value.tools].map(([tool, { calls }]) => [tool, calls]))).toEqual(facts.toolCallsByName);
}

for (const [path, facts] of Object.entries(expected)) {
  const file = join(path.startsWith('public/') ? join(shared, 'claude-code') : samples, path);
  test.skipIf(path.startsWith('public/') && !existsSync(file))(`events of ${path}`, () => {
    check(projectFile('claude-code', file), facts);
    // biome-ignore lint/suspicious/noExplicitAny: facts of a sample, read from JSON
    for (const [agent, own] of Object.entries((facts as any).subagents ?? {})) {
      check(projectFile('claude-code', join(dirname(file), pathOf(path), `${agent}.jsonl`), agent), own);
    }
  });
}

function pathOf(path: string): string {
  return join(path.replace(/^.*\/|\.jsonl$/g, ''), 'subagents');
}
