import { expect, test } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { forkedContent } from '../../src/resume/fork.ts';

const target = { root: '/r', cwd: '/w', env: {}, from: 'old', session: 'new' };
const prompt = (text: string) => ({ type: 'user', uuid: text, message: { role: 'user', content: text } });
const answer = (text: string) => ({ type: 'assistant', uuid: text, message: { content: [{ type: 'text', text }] } });
const call = { type: 'assistant', uuid: 'call', message: { content: [{ type: 'tool_use', id: 'c', name: 'Bash' }] } };
const result = { type: 'user', uuid: 'r', message: { content: [{ type: 'tool_result', tool_use_id: 'c' }] } };
const queued = (operation: string) => ({ type: 'queue-operation', operation, sessionId: 'old' });
const event = (type: string, more: object = {}) => ({ type: 'event_msg', payload: { type, ...more } });
const said = (text: string) => event('user_message', { message: text });
const item = (role: string) => ({ type: 'response_item', payload: { type: 'message', role } });

const cases = [
  [
    'claude-code',
    'on a terminal: a turn ends in the answer to its last call',
    [prompt('one'), call, result, answer('a1'), prompt('two'), answer('a2')],
    4,
  ],
  [
    'claude-code',
    'without one: what announces the next prompt stays out',
    [
      queued('enqueue'),
      queued('dequeue'),
      prompt('one'),
      answer('a1'),
      queued('enqueue'),
      queued('dequeue'),
      prompt('two'),
    ],
    4,
  ],
  [
    'claude-code',
    'what is announced and is no prompt belongs to the turn',
    [prompt('one'), answer('a1'), queued('enqueue'), answer('a2'), prompt('two')],
    4,
  ],
  [
    'codex',
    'what the next turn begins with stays out',
    [
      ...[{ type: 'session_meta', payload: { id: 'old' } }, event('task_started'), item('developer'), said('one')],
      ...[item('assistant'), event('task_complete'), event('task_started'), item('developer'), said('two')],
    ],
    6,
  ],
] as const;

test.each(cases)('%s, %s', async (name, _, records, wanted) => {
  const harness = harnesses.find((one) => one.name === name)!;
  const lines = records.map((record) => `${JSON.stringify(record)}\n`);
  const cut = async (blocks: readonly string[], turns: number) => {
    async function* bytes() {
      for (const block of blocks) yield Buffer.from(block);
    }
    const out: Uint8Array[] = [];
    for await (const piece of forkedContent(harness, harness.restoring!, target, bytes(), turns)) out.push(piece);
    return Buffer.concat(out).toString().split('\n').slice(0, -1);
  };
  const once = await cut([lines.join('')], 1);
  expect(once.length).toBe(wanted);
  expect(await cut(lines, 1)).toEqual(once);
  expect((await cut(lines, 2)).length).toBe(records.length);
  await expect(cut(lines, 3)).rejects.toMatchObject({ code: 'usage' });
});
