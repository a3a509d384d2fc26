import type { Answer, AnswerBlock } from '../trajectory/answers.ts';

/** How one API asks for an answer and gives it. */
export interface Protocol {
  readonly path: string;
  /** How many answers the request's conversation has already: the next one is wanted. */
  asked(request: unknown): number;
  /** All that was said under the role of the user. */
  said(request: unknown): string;
  whole(answer: Answer, id: string): unknown;
  /** The same as server-sent events: name and data; no name where the API has none. */
  events(answer: Answer, id: string): readonly (readonly [name: string | undefined, data: unknown])[];
}

type Message = Readonly<Record<string, unknown>>;

function listOf(request: unknown, name: string): readonly Message[] {
  const list = (request as Message | null)?.[name];
  return Array.isArray(list) ? list.filter((item): item is Message => typeof item === 'object' && item !== null) : [];
}

/** Runs of items that the model made, one behind the other. */
function runs(items: readonly Message[], isModel: (item: Message) => boolean): number {
  return items.filter((item, i) => isModel(item) && !(i > 0 && isModel(items[i - 1] ?? {}))).length;
}

/** Texts of messages of the user: as a string, or as parts that have one. */
function saidIn(messages: readonly Message[]): string {
  return messages
    .filter(({ role }) => role === 'user')
    .flatMap(({ content }) =>
      typeof content === 'string' ? [content] : listOf({ content }, 'content').map(({ text }) => text),
    )
    .filter((text) => typeof text === 'string')
    .join('\n');
}

const isAssistant = ({ role }: Message) => role === 'assistant';
const hasCalls = ({ blocks }: Answer) => blocks.some(({ type }) => type === 'call');

/** https://platform.claude.com/docs/en/api/messages */
const anthropic: Protocol = {
  path: '/v1/messages',
  asked: (request) => runs(listOf(request, 'messages'), isAssistant),
  said: (request) => saidIn(listOf(request, 'messages')),
  whole: (answer, id) => ({
    id,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: answer.blocks.map(anthropicBlock),
    stop_reason: hasCalls(answer) ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: anthropicUsage(answer),
  }),
  events(answer, id) {
    const start = { ...(anthropic.whole(answer, id) as Message), content: [], stop_reason: null };
    const blocks = answer.blocks.flatMap((block, index) => [
      ['content_block_start', { type: 'content_block_start', index, content_block: emptyBlock(block) }] as const,
      ['content_block_delta', { type: 'content_block_delta', index, delta: blockDelta(block) }] as const,
      ['content_block_stop', { type: 'content_block_stop', index }] as const,
    ]);
    const delta = { stop_reason: hasCalls(answer) ? 'tool_use' : 'end_turn', stop_sequence: null };
    return [
      ['message_start', { type: 'message_start', message: start }],
      ...blocks,
      ['message_delta', { type: 'message_delta', delta, usage: { output_tokens: answer.tokens.output } }],
      ['message_stop', { type: 'message_stop' }],
    ];
  },
};

function anthropicBlock(block: AnswerBlock) {
  if (block.type === 'call') return { type: 'tool_use', id: block.id, name: block.tool, input: block.input };
  return block.type === 'thinking'
    ? { type: 'thinking', thinking: block.text, signature: '' }
    : { type: 'text', text: block.text };
}

function emptyBlock(block: AnswerBlock) {
  if (block.type === 'call') return { type: 'tool_use', id: block.id, name: block.tool, input: {} };
  return block.type === 'thinking' ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' };
}

function blockDelta(block: AnswerBlock) {
  if (block.type === 'call') return { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
  return block.type === 'thinking'
    ? { type: 'thinking_delta', thinking: block.text }
    : { type: 'text_delta', text: block.text };
}

function anthropicUsage({ tokens }: Answer) {
  return {
    input_tokens: tokens.input,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation_input_tokens: tokens.cacheWrite,
    output_tokens: tokens.output,
  };
}

/** https://platform.openai.com/docs/api-reference/chat */
const chat: Protocol = {
  path: '/v1/chat/completions',
  asked: (request) => runs(listOf(request, 'messages'), isAssistant),
  said: (request) => saidIn(listOf(request, 'messages')),
  whole: (answer, id) => ({
    id,
    object: 'chat.completion',
    created: 0,
    model: answer.model,
    choices: [{ index: 0, message: { role: 'assistant', ...chatMessage(answer) }, finish_reason: finish(answer) }],
    usage: chatUsage(answer),
  }),
  events(answer, id) {
    const chunk = (delta: unknown, reason: string | null) => ({
      id,
      object: 'chat.completion.chunk',
      created: 0,
      model: answer.model,
      choices: [{ index: 0, delta, finish_reason: reason }],
    });
    const { tool_calls: calls, ...message } = chatMessage(answer);
    const numbered = calls?.map((call, index) => ({ index, ...call }));
    return [
      [undefined, chunk({ role: 'assistant', ...message, ...(numbered && { tool_calls: numbered }) }, null)],
      [undefined, { ...chunk({}, finish(answer)), usage: chatUsage(answer) }],
      [undefined, '[DONE]'],
    ];
  },
};

function chatMessage({ blocks }: Answer) {
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
  const calls = blocks.flatMap((block) =>
    block.type === 'call'
      ? [{ id: block.id, type: 'function', function: { name: block.tool, arguments: JSON.stringify(block.input) } }]
      : [],
  );
  return { content: text === '' ? null : text, ...(calls.length > 0 && { tool_calls: calls }) };
}

function finish(answer: Answer): string {
  return hasCalls(answer) ? 'tool_calls' : 'stop';
}

function chatUsage({ tokens }: Answer) {
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  return { prompt_tokens: prompt, completion_tokens: tokens.output, total_tokens: prompt + tokens.output };
}

/** https://platform.openai.com/docs/api-reference/responses */
const responses: Protocol = {
  path: '/v1/responses',
  asked: (request) =>
    runs(
      listOf(request, 'input'),
      ({ type, role }) => role === 'assistant' || /^(reasoning|.*_call)$/.test(String(type)),
    ),
  said: (request) => saidIn(listOf(request, 'input')),
  whole: (answer, id) =>
    response(
      answer,
      id,
      'completed',
      answer.blocks.map((block, i) => responseItem(block, `${id}_${i}`)),
    ),
  events(answer, id) {
    const items = answer.blocks.map((block, i) => responseItem(block, `${id}_${i}`));
    const typed = (type: string, data: object): readonly [string, unknown] => [type, { type, ...data }];
    return [
      typed('response.created', { response: response(answer, id, 'in_progress', []) }),
      ...items.flatMap((item, index) => [
        typed('response.output_item.added', { output_index: index, item }),
        typed('response.output_item.done', { output_index: index, item }),
      ]),
      typed('response.completed', { response: response(answer, id, 'completed', items) }),
    ];
  },
};

function responseItem(block: AnswerBlock, id: string): Message {
  if (block.type === 'call') {
    return {
      type: 'function_call',
      id,
      call_id: block.id,
      name: block.tool,
      // Tools of a group are known by its name only (codex 0.169).
      ...(block.namespace && { namespace: block.namespace }),
      arguments: JSON.stringify(block.input),
      status: 'completed',
    };
  }
  if (block.type === 'thinking')
    return { type: 'reasoning', id, summary: [{ type: 'summary_text', text: block.text }] };
  return {
    type: 'message',
    id,
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: block.text, annotations: [] }],
  };
}

function response(answer: Answer, id: string, status: string, output: readonly unknown[]) {
  const { input, cacheRead, cacheWrite, output: written, thinking = 0 } = answer.tokens;
  const prompt = input + cacheRead + cacheWrite;
  const usage = {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: written,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: prompt + written,
  };
  return {
    id,
    object: 'response',
    created_at: 0,
    model: answer.model,
    status,
    output,
    usage: status === 'completed' ? usage : null,
  };
}

/** Every API that a recording can be served by. */
export const protocols: readonly Protocol[] = [anthropic, chat, responses];
