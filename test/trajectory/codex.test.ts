import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unzstd } from '../../src/harness/index.ts';
import { callsByTool, checkCovered, project, shown, statisticsOf } from './project.ts';

const samples = join(import.meta.dirname, '../samples/codex');
const { _rules, ...expected } = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: facts of a sample, read from JSON
for (const [path, facts] of Object.entries<any>(expected)) {
  test(`events of ${path}`, async () => {
    const stored = readFileSync(join(samples, path));
    const isAgent = facts.session.session_id !== undefined && facts.session.session_id !== facts.session.id;
    const stream = isAgent ? `agent-${facts.session.id}` : 'main';
    const projected = project('codex', path.endsWith('.zst') ? unzstd(stored, 1 << 20) : stored, stream);
    const { events, coverage } = projected;
    const value = statisticsOf(events);
    checkCovered(projected, facts.lines);
    expect(coverage.unknown).toBe(facts.lines - facts.records + (facts.recordsByType['future_item/x'] ?? 0));
    expect(value).toMatchObject({
      turns: facts.turns,
      answers: facts.assistantMessages,
      calls: facts.toolCalls,
      results: facts.toolOutputs,
      open: facts.callsWithoutOutput,
      media: facts.images,
      compactions: facts.compactions,
    });
    const { input, cacheRead, cacheWrite, output, thinking } = value.tokens;
    expect({ input: input + cacheRead + cacheWrite, cacheRead, cacheWrite, output, thinking: thinking ?? 0 }).toEqual({
      input: facts.usage.input_tokens,
      cacheRead: facts.usage.cached_input_tokens,
      cacheWrite: facts.usage.cache_write_input_tokens,
      output: facts.usage.output_tokens,
      thinking: facts.usage.reasoning_output_tokens,
    });
    expect(callsByTool(value)).toEqual(facts.toolCallsByName);
    await expect(shown(events)).toMatchFileSnapshot(
      `goldens/codex/${path.replace(/\.jsonl.*$/, '').replaceAll('/', '_')}.txt`,
    );
  });
}

test('a spawned thread is a sub-agent of the call that started it', () => {
  const path = Object.keys(expected).find((each) => each.includes('compaction') && each.includes('c8323365614b')) ?? '';
  const { events } = project('codex', readFileSync(join(samples, path)));
  const spawn = events.find(({ kind }) => kind === 'subagent_spawn');
  const call = events.find((event) => event.kind === 'tool_call' && event.tool === 'spawn_agent');
  expect(spawn).toMatchObject({ agent: '01a1fd88-aa56-7102-b804-3172d522e466', agentType: 'default' });
  expect(spawn?.kind === 'subagent_spawn' && spawn.callId).toBe(call?.kind === 'tool_call' && call.callId);
});
