import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { anthropicExample, anthropicLine } from '../../src/export/anthropic.ts';
import { atifExample, atifLine } from '../../src/export/atif.ts';
import { chatExample } from '../../src/export/chat.ts';
import type { EventBody } from '../../src/trajectory/events.ts';
import { projectFile, statisticsOf } from '../trajectory/project.ts';
import { samplePaths } from '../trajectory/samples.ts';
import { answer, eventsOf, prompt, sourceOf } from './source.ts';

const tokens = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const extra = v.exactOptional(v.record(v.string(), v.unknown()));
const text = v.string();

/** As the specification says: no other field anywhere, and what only an agent has on steps of the agent alone. */
const common = {
  step_id: v.pipe(v.number(), v.minValue(1)),
  timestamp: v.exactOptional(v.pipe(text, v.isoTimestamp())),
  message: text,
  extra,
};
const trajectory = v.strictObject({
  schema_version: v.literal('ATIF-v1.4'),
  session_id: v.pipe(text, v.minLength(1)),
  agent: v.strictObject({ name: text, version: text, model_name: v.exactOptional(text), extra }),
  steps: v.array(
    v.variant('source', [
      v.strictObject({ ...common, source: v.picklist(['system', 'user']) }),
      v.strictObject({
        ...common,
        source: v.literal('agent'),
        model_name: v.exactOptional(text),
        reasoning_content: v.exactOptional(text),
        tool_calls: v.exactOptional(
          v.array(v.strictObject({ tool_call_id: text, function_name: text, arguments: v.record(text, v.unknown()) })),
        ),
        observation: v.exactOptional(
          v.strictObject({
            results: v.array(
              v.strictObject({
                source_call_id: text,
                content: text,
                subagent_trajectory_ref: v.exactOptional(v.array(v.strictObject({ session_id: text }))),
              }),
            ),
          }),
        ),
        metrics: v.exactOptional(
          v.strictObject({
            prompt_tokens: tokens,
            completion_tokens: tokens,
            cached_tokens: tokens,
            cost_usd: v.exactOptional(v.number()),
            extra,
          }),
        ),
      }),
    ]),
  ),
  final_metrics: v.strictObject({
    total_prompt_tokens: tokens,
    total_completion_tokens: tokens,
    total_cached_tokens: tokens,
    total_steps: tokens,
  }),
  extra,
});

function checked(line: string) {
  const parsed = v.parse(trajectory, JSON.parse(line));
  expect(parsed.steps.map(({ step_id }) => step_id)).toEqual(parsed.steps.map((_, i) => i + 1));
  for (const step of parsed.steps) {
    if (step.source !== 'agent') continue;
    const calls = step.tool_calls?.map(({ tool_call_id }) => tool_call_id) ?? [];
    for (const { source_call_id } of step.observation?.results ?? []) expect(calls).toContain(source_call_id);
  }
  return parsed;
}

test('every sample as ATIF: each prompt a step, each call in the step that made it, tokens as they are counted', async () => {
  for (const [harness, path] of samplePaths()) {
    const { events } = projectFile(harness, path);
    const own = events.filter(({ sidechain }) => !sidechain);
    const source = sourceOf({ main: own });
    const { steps, final_metrics: totals } = checked(atifLine(source, await atifExample(source, 'main'), false));
    const counted = statisticsOf(own);
    const calls = steps.flatMap((step) => (step.source === 'agent' ? (step.tool_calls ?? []) : []));
    expect(new Set(calls.map((call) => call.tool_call_id)).size, path).toBe(calls.length);
    const ids = new Set(own.flatMap((event) => (event.kind === 'tool_call' ? [event.callId] : [])));
    expect(calls.length, path).toBe(ids.size);
    const prompts = own.filter((event) => event.kind === 'message' && event.prompt);
    expect(steps.filter(({ source: from }) => from === 'user').length, path).toBeGreaterThanOrEqual(prompts.length - 2);
    if (calls.length === 0) continue;
    const { input, cacheRead, cacheWrite, output } = counted.tokens;
    expect(totals, path).toMatchObject({
      total_prompt_tokens: input + cacheRead + cacheWrite,
      total_completion_tokens: output,
      total_cached_tokens: cacheRead,
    });
  }
});

const body: fc.Arbitrary<EventBody> = fc.oneof(
  fc.string().map(prompt),
  fc.string().map(answer),
  fc.tuple(fc.constantFrom('c1', 'c2', 'c3'), fc.jsonValue()).map(([callId, input]): EventBody => {
    return { kind: 'tool_call', callId, tool: 'Bash', input: input as string };
  }),
  fc.constantFrom('c1', 'c2', 'c3').map((callId): EventBody => ({ kind: 'tool_result', callId, output: 'out' })),
  fc.constant<EventBody>({ kind: 'thinking', text: 'hm' }),
  fc.constant<EventBody>({ kind: 'usage', tokens: { input: 1, cacheRead: 2, cacheWrite: 3, output: 4 } }),
);

test('whatever happened, both forms are of their shape: roles in turns, results behind their calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(body, { maxLength: 20 }), async (bodies) => {
      const source = sourceOf({ main: eventsOf('main', bodies) });
      checked(atifLine(source, await atifExample(source, 'main'), false));
      const { messages } = anthropicExample(await chatExample(source, 'main'));
      messages.forEach(({ role, content }, i) => {
        expect(role).not.toBe(messages[i + 1]?.role);
        const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
        const next = messages[i + 1]?.content ?? [];
        const results = next.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
        expect(results).toEqual(calls);
        expect(next.slice(0, calls.length).every(({ type }) => type === 'tool_result')).toBe(true);
      });
    }),
  );
});

test('a failed call, a system prompt, a sub-agent, thinking; what is lost is named where that is asked', async () => {
  const source = sourceOf({
    main: eventsOf('main', [
      { kind: 'message', role: 'system', from: 'harness', content: [{ type: 'text', text: 'Be short.' }] },
      { ...prompt('go'), time: '2026-11-21T09:00:00.000Z' },
      { kind: 'thinking', text: 'a sub-agent is best', messageId: 'm1' },
      { kind: 'tool_call', callId: 'a', tool: 'Task', input: { prompt: 'look' }, messageId: 'm1' },
      {
        kind: 'usage',
        responseId: 'm1',
        model: 'm',
        tokens: { input: 5, cacheRead: 10, cacheWrite: 2, output: 7, thinking: 3 },
        cost: 0.5,
      },
      { kind: 'subagent_spawn', callId: 'a', agent: 'x1' },
      { kind: 'tool_result', callId: 'a', output: 'no', error: true },
      answer('It failed.'),
      { kind: 'rewind' },
    ]),
  });
  const chat = await chatExample(source, 'main');
  expect(anthropicExample(chat)).toEqual({
    system: 'Be short.',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'go' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Task', input: { prompt: 'look' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'no', is_error: true }] },
      { role: 'assistant', content: [{ type: 'text', text: 'It failed.' }] },
    ],
  });
  expect(() => anthropicLine(source, chat, true)).toThrow(/1 × thinking, 1 × rewind/);
  const example = await atifExample(source, 'main');
  const { steps, agent } = checked(atifLine(source, example, false));
  expect(agent.model_name).toBe('m');
  expect(steps).toMatchObject([
    { source: 'system', message: 'Be short.' },
    { source: 'user', message: 'go', timestamp: '2026-11-21T09:00:00.000Z' },
    {
      source: 'agent',
      message: '',
      reasoning_content: 'a sub-agent is best',
      observation: {
        results: [
          {
            source_call_id: 'a',
            content: 'no',
            subagent_trajectory_ref: [{ session_id: `${source.session}/agent-x1` }],
          },
        ],
      },
      metrics: { prompt_tokens: 17, completion_tokens: 7, cached_tokens: 10, cost_usd: 0.5 },
    },
    { source: 'agent', message: 'It failed.' },
  ]);
  expect(() => atifLine(source, example, true)).toThrow(/1 × rewind/);
});
