import type { Body, Protocol, ServerEvent } from './protocol.ts';
import type { Answer, Block, Entry } from './scenario.ts';

type Content = string | readonly { readonly type: string; readonly text?: string }[];
type Message = { readonly role: string; readonly content: Content };

/** Anthropic Messages, as claude-code 2.1.329 speaks it. */
export const anthropic: Protocol = { path: '/v1/messages', conversation, reply };

function conversation(body: Body): readonly Entry[] {
  return ((body.messages ?? []) as Message[])
    .filter(({ role }) => role === 'user')
    .flatMap(({ content }) => entries(content));
}

function entries(content: Content): readonly Entry[] {
  if (typeof content === 'string') return [{ prompt: content }];
  const prompts = content.flatMap(({ text }) => (text === undefined ? [] : [{ prompt: text }]));
  return content.some(({ type }) => type === 'tool_result') ? ['results', ...prompts] : prompts;
}

function reply(id: string, body: Body, answer: Answer) {
  const content = answer.blocks.map((block, index) => contentBlock(block, `toolu_${id}_${index}`));
  const stop_reason = content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
  const usage = {
    input_tokens: answer.inputTokens ?? 12,
    cache_creation_input_tokens: 1000,
    cache_read_input_tokens: 2000,
    output_tokens: 88,
  };
  const head = { id: `msg_${id}`, type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
  return {
    whole: { ...head, content, stop_reason, usage },
    events: [
      { type: 'message_start', message: { ...head, content: [], stop_reason: null, usage } },
      ...content.flatMap(blockEvents),
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ],
  };
}

type ContentBlock = ReturnType<typeof contentBlock>;

function contentBlock(block: Block, id: string) {
  if ('tool' in block) return { type: 'tool_use', id, name: block.tool, input: block.input } as const;
  if ('thinking' in block) return { type: 'thinking', thinking: block.thinking, signature: 'c2lnbmVk' } as const;
  return { type: 'text', text: block.text } as const;
}

function blockEvents(block: ContentBlock, index: number): readonly ServerEvent[] {
  const delta = (fields: ServerEvent) => ({ type: 'content_block_delta', index, delta: fields });
  const around = (empty: object, ...deltas: ServerEvent[]) => [
    { type: 'content_block_start', index, content_block: { ...block, ...empty } },
    ...deltas,
    { type: 'content_block_stop', index },
  ];
  switch (block.type) {
    case 'text':
      return around({ text: '' }, delta({ type: 'text_delta', text: block.text }));
    case 'thinking':
      return around(
        { thinking: '', signature: '' },
        delta({ type: 'thinking_delta', thinking: block.thinking }),
        delta({ type: 'signature_delta', signature: block.signature }),
      );
    case 'tool_use':
      return around({ input: {} }, delta({ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }));
  }
}
