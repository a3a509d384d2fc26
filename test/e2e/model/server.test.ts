import { afterAll, describe, expect, test } from 'vitest';
import type { Scenario } from './scenario.ts';
import { startModel } from './server.ts';

const scenario: Scenario = {
  turns: [
    {
      cue: 'CUE-A',
      steps: [[{ thinking: 'hm' }, { tool: 'Run', input: { at: 1 } }], [{ text: 'A is done' }]],
      inputTokens: [77],
    },
    { cue: 'CUE-B', steps: [[{ text: 'B is done' }]] },
  ],
  summary: { cue: 'Summarise', text: 'short' },
  afterSummary: 'Continued from',
};
const model = await startModel(scenario);
afterAll(() => model.close());

const post = (path: string, body: object) => fetch(model.url + path, { method: 'POST', body: JSON.stringify(body) });

describe('Anthropic Messages', () => {
  const user = (content: unknown) => ({ role: 'user', content });
  const results = user([
    { type: 'tool_result', content: 'x' },
    { type: 'tool_result', content: 'y' },
  ]);
  const ask = async (...messages: object[]) => (await post('/v1/messages', { model: 'm', messages })).json();

  test('the last cue answers, one step for each batch of results', async () => {
    expect(await ask(user('CUE-B'), user('CUE-A'))).toMatchObject({
      stop_reason: 'tool_use',
      usage: { input_tokens: 77 },
      content: [{ type: 'thinking' }, { type: 'tool_use', name: 'Run', input: { at: 1 } }],
    });
    const done = { stop_reason: 'end_turn', content: [{ type: 'text', text: 'A is done' }] };
    expect(await ask(user('CUE-A'), results)).toMatchObject(done);
    expect(await ask(user('CUE-A'), results, user('CUE-B'))).toMatchObject({ content: [{ text: 'B is done' }] });
  });

  test('a summary ends the turn it interrupts', async () => {
    expect(await ask(user('CUE-A'), user('Summarise'))).toMatchObject({ content: [{ text: 'short' }] });
    expect(await ask(user('CUE-A'), user('Continued from'))).toMatchObject({ content: [{ text: 'A is done' }] });
  });

  test('streamed, it says the same as whole', async () => {
    const response = await post('/v1/messages', { model: 'm', stream: true, messages: [user('CUE-A')] });
    const events = await streamed(response);
    expect(events.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
      ...['message_start', 'content_block_start', 'content_block_stop', 'content_block_start', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ]);
    const deltas = events.filter(({ type }) => type === 'content_block_delta').map(({ delta }) => delta);
    expect(deltas).toMatchObject([{ thinking: 'hm' }, { type: 'signature_delta' }, { partial_json: '{"at":1}' }]);
  });
});

describe('OpenAI Responses', () => {
  const user = (text: string) => ({ role: 'user', content: [{ type: 'input_text', text }] });
  const output = { type: 'function_call_output', output: 'x' };

  test('outputs in a row are one batch', async () => {
    const ask = async (...input: object[]) => (await post('/v1/responses', { model: 'm', input })).json();
    expect(await ask(user('CUE-A'))).toMatchObject({
      output: [{ type: 'reasoning' }, { type: 'function_call', name: 'Run', arguments: '{"at":1}' }],
      usage: { input_tokens: 77 },
    });
    const done = { output: [{ type: 'message', content: [{ text: 'A is done' }] }] };
    expect(await ask(user('CUE-A'), output, output)).toMatchObject(done);
    expect(await ask(user('nothing known'))).toMatchObject({ output: [{ content: [{ text: 'Understood.' }] }] });
  });

  test('streamed, the last event carries the whole answer', async () => {
    const events = await streamed(await post('/v1/responses', { stream: true, input: [user('CUE-B')] }));
    expect(events.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { output: [{ content: [{ text: 'B is done' }] }] },
    });
  });
});

async function streamed(response: Response): Promise<{ type: string; [field: string]: unknown }[]> {
  const frames = (await response.text()).trimEnd().split('\n\n');
  return frames.map((frame) => JSON.parse(frame.replace(/^event: .*\ndata: /, '')));
}
