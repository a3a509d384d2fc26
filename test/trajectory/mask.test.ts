import * as v from 'valibot';
import { expect, test } from 'vitest';
import { type Masked, maskable, maskEvent, maskFacts } from '../../src/trajectory/mask.ts';
import { eventSchema } from '../../src/trajectory/schema.ts';
import { projectFile } from './project.ts';
import { samplePaths } from './samples.ts';

const events = samplePaths().flatMap(([harness, path]) => projectFile(harness, path).events);
const all = new Set(maskable);
/** Fields that say what an event is, and never what is in it. */
const kept =
  /^(?:v|seq|at|turn|time|id|parentId|sidechain|kind|role|from|prompt|purpose|messageId|encrypted|callId|tool|namespace|server|error|exitCode|durationMs|decision|responseId|model|tokens|firstTokenMs|cost|provider|name|trigger|tokensBefore|tokensAfter|kept|to|agent|agentType|status|type|code|reason|session|agentVersion|source)$/;

test('with everything masked, nothing is left of any text in the samples but what an event is', () => {
  for (const event of events) {
    const masked = maskEvent(event, all);
    expect(v.parse(eventSchema, JSON.parse(JSON.stringify(masked)))).toEqual(masked);
    expect(masked).toMatchObject({ seq: event.seq, kind: event.kind, turn: event.turn, at: event.at });
    for (const [field, value] of Object.entries(masked)) {
      if (!kept.test(field))
        expect([event.kind, field, JSON.stringify(value)]).toEqual([
          event.kind,
          field,
          expect.stringMatching(/^(?:"\[masked\]"|\[\]|\[(?:\{"type":"text","text":"\[masked\]"\},?)*\])$/),
        ]);
    }
  }
  expect(events.length).toBeGreaterThan(300);
});

test.each(maskable)('%s alone leaves the other fields as they are', (field) => {
  const fields: Readonly<Record<Masked, readonly string[]>> = {
    text: ['message', 'compaction', 'subagent_spawn', 'subagent_return', 'decision'],
    thinking: ['thinking'],
    input: ['tool_call'],
    output: ['tool_result', 'attachment', 'error'],
    names: ['session_start'],
  };
  const masked = new Set<string>();
  for (const event of events) {
    const changed = JSON.stringify(maskEvent(event, new Set([field]))) !== JSON.stringify(event);
    const mayChange = [...fields[field], 'state', 'unknown'].includes(event.kind);
    if (changed) expect([event.kind, mayChange]).toEqual([event.kind, true]);
    if (changed) masked.add(event.kind);
    expect(maskEvent(event, new Set())).toEqual(event);
  }
  expect([...masked]).toContain(fields[field][0]);
});

test('facts of a session lose their names; what is absent stays absent', () => {
  const facts = { title: 'Fix it', host: 'h', cwd: '~/x', turns: 3 };
  expect(maskFacts(facts, new Set(['names']))).toEqual({
    title: 'Fix it',
    host: '[masked]',
    cwd: '[masked]',
    turns: 3,
  });
  expect(maskFacts(facts, new Set(['text']))).toEqual({ ...facts, title: '[masked]' });
});
