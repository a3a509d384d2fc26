import type { Body, Protocol, ServerEvent } from './protocol.ts';
import type { Answer, Block, Entry } from './scenario.ts';

type Item = {
  readonly type?: string;
  readonly role?: string;
  readonly content?: string | readonly { readonly text?: string }[];
};

/** OpenAI Responses, as codex 0.169.0 speaks it. */
export const openai: Protocol = { path: '/v1/responses', conversation, reply };

function conversation(body: Body): readonly Entry[] {
  const found: Entry[] = [];
  let batch = false;
  for (const item of (body.input ?? []) as Item[]) {
    const result = item.type?.endsWith('_output') === true;
    if (result && !batch) found.push('results');
    batch = result;
    if (item.role === 'user') found.push(...prompts(item));
  }
  return found;
}

function prompts({ content }: Item): readonly Entry[] {
  if (typeof content === 'string') return [{ prompt: content }];
  return (content ?? []).flatMap(({ text }) => (text === undefined ? [] : [{ prompt: text }]));
}

function reply(id: string, body: Body, answer: Answer) {
  const output = answer.blocks.map((block, index) => outputItem(block, `${id}_${index}`));
  const input_tokens = answer.inputTokens ?? 1200;
  const usage = {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 60,
    output_tokens_details: { reasoning_tokens: 20 },
    total_tokens: input_tokens + 60,
  };
  const whole = { id: `resp_${id}`, object: 'response', status: 'completed', model: body.model, output, usage };
  const events: readonly ServerEvent[] = [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [] } },
    ...output.flatMap((item, output_index) => [
      { type: 'response.output_item.added', output_index, item },
      { type: 'response.output_item.done', output_index, item },
    ]),
    { type: 'response.completed', response: whole },
  ];
  return { whole, events };
}

function outputItem(block: Block, id: string) {
  if ('tool' in block) {
    const call = { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name: block.tool };
    return { ...call, arguments: JSON.stringify(block.input), ...(block.namespace && { namespace: block.namespace }) };
  }
  if ('thinking' in block) {
    const summary = [{ type: 'summary_text', text: block.thinking }];
    return { type: 'reasoning', id: `rs_${id}`, summary, encrypted_content: 'c2VhbGVk' };
  }
  const content = [{ type: 'output_text', text: block.text, annotations: [] }];
  return { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content };
}
