import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { chatExample, chatLine } from '../../src/export/chat.ts';
import type { EventBody } from '../../src/trajectory/events.ts';
import { answer, eventsOf, prompt, sourceOf } from './source.ts';

const call = v.strictObject({
  id: v.pipe(v.string(), v.minLength(1)),
  type: v.literal('function'),
  function: v.strictObject({
    name: v.string(),
    arguments: v.pipe(
      v.string(),
      v.check((text) => typeof JSON.parse(text) === 'object'),
    ),
  }),
});

/** As the fine-tuning format is published: messages by role, tools answered by the id of their call. */
const lineSchema = v.strictObject({
  messages: v.array(
    v.variant('role', [
      v.strictObject({ role: v.picklist(['system', 'user']), content: v.string() }),
      v.pipe(
        v.strictObject({
          role: v.literal('assistant'),
          content: v.nullable(v.string()),
          tool_calls: v.exactOptional(v.pipe(v.array(call), v.minLength(1))),
        }),
        v.check(({ content, tool_calls }) => content !== null || tool_calls !== undefined),
      ),
      v.strictObject({ role: v.literal('tool'), tool_call_id: v.string(), content: v.string() }),
    ]),
  ),
});

const callId = fc.constantFrom('c1', 'c2', 'c3', 'c4');
const body: fc.Arbitrary<EventBody> = fc.oneof(
  fc.string().map(prompt),
  fc.string().map(answer),
  fc
    .tuple(callId, fc.jsonValue())
    .map(([id, input]): EventBody => ({ kind: 'tool_call', callId: id, tool: 'Bash', input: input as string })),
  callId.map((id): EventBody => ({ kind: 'tool_result', callId: id, output: 'out' })),
  fc.constant<EventBody>({ kind: 'thinking', text: 'hm' }),
  fc.constant<EventBody>({ kind: 'usage', tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 } }),
);

describe('chat messages', () => {
  test('are of the published form, each call answered right behind its message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 20 }), async (bodies) => {
        const source = sourceOf({ main: eventsOf('main', bodies) });
        const example = await chatExample(source, 'main');
        const { messages } = v.parse(lineSchema, JSON.parse(chatLine(source, example, false)));
        messages.forEach((message, i) => {
          if (message.role !== 'assistant') return;
          const ids = message.tool_calls?.map(({ id }) => id) ?? [];
          const answers = messages.slice(i + 1, i + 1 + ids.length);
          expect(answers.map((one) => (one.role === 'tool' ? one.tool_call_id : undefined))).toEqual(ids);
        });
        const answers = messages.filter(({ role }) => role === 'tool').length;
        const calls = messages.flatMap((message) =>
          message.role === 'assistant' ? (message.tool_calls ?? []) : [],
        ).length;
        expect(answers).toBe(calls);
      }),
    );
  });

  test('parallel calls stay in one message; what cannot be said is counted, and refused where that is asked', async () => {
    const source = sourceOf({
      main: eventsOf('main', [
        prompt('go'),
        { kind: 'thinking', text: 'two at once' },
        answer('I run both.'),
        { kind: 'tool_call', callId: 'a', tool: 'Bash', input: { command: 'ls' } },
        { kind: 'tool_call', callId: 'b', tool: 'Bash', input: { command: 'pwd' } },
        { kind: 'tool_result', callId: 'b', output: '/' },
        { kind: 'tool_result', callId: 'a', output: 'x' },
        answer('Done.'),
      ]),
    });
    const example = await chatExample(source, 'main');
    expect(example.messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'go'],
      ['assistant', 'I run both.'],
      ['tool', 'x'],
      ['tool', '/'],
      ['assistant', 'Done.'],
    ]);
    expect(example.lost).toEqual({ thinking: 1 });
    expect(() => chatLine(source, example, true)).toThrow(/1 × thinking/);
  });
});
