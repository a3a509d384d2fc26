import type { ChatExample, ChatMessage } from './chat.ts';
import { refuseLoss } from './lost.ts';
import type { ExportSource } from './source.ts';

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: 'tool_result';
      readonly tool_use_id: string;
      readonly content: string;
      readonly is_error?: true;
    };

/** A message as the messages API takes it: https://platform.claude.com/docs/en/api/messages */
export interface AnthropicMessage {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

/** A session as a request of the messages API. */
export interface AnthropicExample {
  /** What stood under the role of the system before the first message; the API has no such messages later. */
  readonly system?: string;
  readonly messages: readonly AnthropicMessage[];
}

/** The same example: both roles in turns, the results of calls first in the message behind them. */
export function anthropicExample({ messages, failed }: ChatExample): AnthropicExample {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const system = messages.slice(0, Math.max(0, first)).map(({ content }) => content);
  const turns: AnthropicMessage[] = [];
  for (const message of messages.slice(Math.max(0, first))) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const before = turns.at(-1);
    if (before?.role === role) before.content.push(...blocksOf(message, failed));
    else turns.push({ role, content: blocksOf(message, failed) });
  }
  return { ...(system.length > 0 && { system: system.join('\n\n') }), messages: turns };
}

/** One line of JSON. @throws CairnError `incomplete` with `strict`, naming what would be lost */
export function anthropicLine(source: ExportSource, example: ChatExample, strict: boolean): string {
  if (strict) refuseLoss(source, 'messages', example.lost);
  return `${JSON.stringify(anthropicExample(example))}\n`;
}

function blocksOf(message: ChatMessage, failed: ReadonlySet<string>): Block[] {
  if (message.role === 'tool') {
    const { tool_call_id: id, content } = message;
    return [{ type: 'tool_result', tool_use_id: id, content, ...(failed.has(id) && { is_error: true }) }];
  }
  const text: Block[] = message.content === null ? [] : [{ type: 'text', text: message.content }];
  if (message.role !== 'assistant') return text;
  const calls = message.tool_calls ?? [];
  const uses = calls.map(({ id, function: { name, arguments: input } }): Block => {
    return { type: 'tool_use', id, name, input: JSON.parse(input) };
  });
  return [...text, ...uses];
}
