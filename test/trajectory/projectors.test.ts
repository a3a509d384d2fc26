import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { contextOf } from '../../src/trajectory/context.ts';
import { eventSchema } from '../../src/trajectory/schema.ts';
import { checkCovered, project, statisticsOf } from './project.ts';

const names = ['claude-code', 'codex', 'openclaw', 'hermes'] as const;
const fields = fc.constantFrom(
  ...`type payload message content role id uuid parentUuid parentId item usage info subtype attachment toolUseResult put row
  mark delete tool_calls call_id arguments output summary operation thinking text input name timestamp`.split(/\s+/),
);
const types = fc.constantFrom(
  ...`user assistant system attachment response_item event_msg item_completed function_call function_call_output message session
  compaction tool_use tool_result thinking toolCall compacted turn_context token_usage_record sessions messages
  compact_boundary queued_command custom-title reasoning`.split(/\s+/),
);
const { value: odd } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    types,
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fields, tie('value'), { maxKeys: 6 }),
  ),
}));

test('whatever stands in a record, it has its events or carries none, and they are as the schema says', () => {
  const lines = fc.array(
    fc.oneof(
      odd.map((value) => JSON.stringify(value)),
      fc.string().map((text) => text.replaceAll('\n', '')),
    ),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.constantFrom('main', 'agent-x', 'files'),
      lines,
      (harness, stream, records) => {
        const projected = project(harness, Buffer.from(records.map((record) => `${record}\n`).join('')), stream, 16);
        checkCovered(projected, records.length);
        for (const event of projected.events) v.parse(eventSchema, JSON.parse(JSON.stringify(event)));
      },
    ),
    { numRuns: 400 },
  );
});

test('results that come before their calls, or twice, still meet them; one alone is an orphan', () => {
  const call = (id: string) => ({
    type: 'assistant',
    message: { id: 'm', content: [{ type: 'tool_use', id, name: 'Bash', input: {} }] },
  });
  const result = (id: string) => ({
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] },
  });
  const count = (...records: unknown[]) =>
    statisticsOf(project('claude-code', Buffer.from(records.map((one) => `${JSON.stringify(one)}\n`).join(''))).events);
  expect(count(result('a'), call('a'), call('b'), result('b'))).toMatchObject({ calls: 2, open: 0, orphans: 0 });
  expect(count(call('a'), call('b'), result('c'))).toMatchObject({ calls: 2, open: 2, orphans: 1 });
});

test('usage that grows over the lines of a message is counted once, at its highest', () => {
  const line = (output: number) => ({
    type: 'assistant',
    message: { id: 'm', model: 'x', usage: { input_tokens: 3, output_tokens: output } },
  });
  const bytes = Buffer.from([1, 5, 5, 2].map((n) => `${JSON.stringify(line(n))}\n`).join(''));
  const { events } = project('claude-code', bytes);
  expect(events.filter(({ kind }) => kind === 'usage')).toHaveLength(2);
  expect(statisticsOf(events)).toMatchObject({ requests: 1, tokens: { input: 3, output: 5 } });
});

test('the context is without what a rewind left, and of a compaction what it kept', () => {
  const user = (uuid: string, parentUuid: string | null, content: string) => ({
    type: 'user',
    uuid,
    parentUuid,
    message: { content },
  });
  const records = [user('1', null, 'a'), user('2', '1', 'wrong'), user('3', '1', 'right')];
  const events = (all: readonly unknown[]) =>
    project('claude-code', Buffer.from(all.map((one) => `${JSON.stringify(one)}\n`).join(''))).events;
  const texts = (all: readonly unknown[]) =>
    contextOf(events(all)).flatMap((event) =>
      event.kind === 'message' && event.content[0]?.type === 'text' ? [event.content[0].text] : [],
    );
  expect(events(records).filter(({ kind }) => kind === 'rewind')).toMatchObject([{ to: '1' }]);
  expect(texts(records)).toEqual(['a', 'right']);
  const boundary = {
    type: 'system',
    subtype: 'compact_boundary',
    uuid: 'c',
    compactMetadata: { preservedMessages: { uuids: ['3', 'c'] } },
  };
  expect(texts([...records, boundary, user('4', 'c', 'after')])).toEqual(['right', 'after']);
});

test('a long output of a session is a payload, and stays one line short', () => {
  const content = [{ type: 'tool_result', tool_use_id: 'a', content: 'x'.repeat(5_000_000) }];
  const { events } = project('claude-code', Buffer.from(`${JSON.stringify({ type: 'user', message: { content } })}\n`));
  expect(JSON.stringify(events).length).toBeLessThan(2000);
  expect(events.at(-1)).toMatchObject({ output: { size: 5_000_000, at: { pointer: '/message/content/0/content' } } });
});

test('records that a side file stream has are attachments with their content', () => {
  const record = {
    path: 'tool-results/a.txt',
    size: 3,
    mode: 420,
    mtime: '2026-11-21T00:00:00Z',
    mark: 'f'.repeat(16),
    text: 'abc',
  };
  const blob = { ...record, path: 'a.png', text: undefined, sha256: 'a'.repeat(64) };
  const { events } = project(
    'claude-code',
    Buffer.from([record, blob, { path: 'a.png', deleted: true }].map((one) => `${JSON.stringify(one)}\n`).join('')),
    'files',
  );
  expect(events).toMatchObject([
    { kind: 'attachment', file: 'tool-results/a.txt', content: 'abc' },
    {
      kind: 'attachment',
      file: 'a.png',
      content: { ref: 'a'.repeat(64), mediaType: 'image/png', at: { blob: 'a'.repeat(64) } },
    },
    { kind: 'attachment', type: 'deleted', file: 'a.png' },
  ]);
});
