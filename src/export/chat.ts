import type { RecordEvent } from '../trajectory/events.ts';
import { Lost, refuseLoss, silent } from './lost.ts';
import type { ExportSource } from './source.ts';
import { outputText } from './text.ts';

/** A message as the chat API for fine-tuning takes it. */
export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; content: string | null; tool_calls?: ChatCall[] }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

export interface ChatCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A session as one training example, and what of it the form cannot hold, by reason. */
export interface ChatExample {
  readonly messages: readonly ChatMessage[];
  /** Ids of calls that failed. */
  readonly failed: ReadonlySet<string>;
  readonly lost: Readonly<Record<string, number>>;
}

/** The transcript as chat messages. Every call is answered right behind the message that makes it. */
export async function chatExample(source: ExportSource, stream: string): Promise<ChatExample> {
  const builder = new ChatBuilder();
  for await (const event of source.events(stream)) builder.add(event);
  return builder.finish();
}

/** One line of JSON. @throws CairnError `incomplete` with `strict`, naming what would be lost */
export function chatLine(source: ExportSource, { messages, lost }: ChatExample, strict: boolean): string {
  if (strict) refuseLoss(source, 'chat messages', lost);
  return `${JSON.stringify({ messages })}\n`;
}

class ChatBuilder {
  readonly #messages: ChatMessage[] = [];
  readonly #lost = new Lost();
  readonly #failed = new Set<string>();
  /** Calls by id: the message that holds each, and its answer. */
  readonly #calls = new Map<string, { answer: string | undefined }>();
  #open: Extract<ChatMessage, { role: 'assistant' }> | undefined;

  add(event: RecordEvent): void {
    if (silent.has(event.kind)) return;
    if (event.sidechain) {
      this.#lost.add('sub-agent message');
      return;
    }
    switch (event.kind) {
      case 'message': {
        const content = event.content.map((part) => this.#lost.partText(part)).join('\n');
        if (content.trim() === '') return;
        if (event.from === 'model') {
          const { content: before } = this.#assistant();
          this.#assistant().content = before === null ? content : `${before}\n${content}`;
          return;
        }
        this.#open = undefined;
        this.#messages.push({ role: event.role === 'system' ? 'system' : 'user', content });
        return;
      }
      case 'tool_call': {
        if (this.#calls.has(event.callId)) {
          this.#lost.add('repeated call');
          return;
        }
        this.#calls.set(event.callId, { answer: undefined });
        const call: ChatCall = {
          id: event.callId,
          type: 'function',
          function: { name: event.tool, arguments: JSON.stringify(this.#lost.arguments(event.input)) },
        };
        const message = this.#assistant();
        message.tool_calls = [...(message.tool_calls ?? []), call];
        return;
      }
      case 'tool_result': {
        const call = this.#calls.get(event.callId);
        if (!call || call.answer !== undefined) {
          this.#lost.add('result without a call');
          return;
        }
        call.answer = outputText(event.output);
        this.#lost.output(event.output);
        if (event.error) this.#failed.add(event.callId);
        // What the model says next is a new message.
        this.#open = undefined;
        return;
      }
      default:
        this.#lost.add(event.kind);
    }
  }

  finish(): ChatExample {
    const messages = this.#messages.flatMap((message): ChatMessage[] => {
      if (message.role !== 'assistant' || message.tool_calls === undefined) return [message];
      const answered = message.tool_calls.filter(({ id }) => this.#calls.get(id)?.answer !== undefined);
      for (let i = answered.length; i < message.tool_calls.length; i++) this.#lost.add('call without a result');
      const { tool_calls: _, ...rest } = message;
      if (answered.length === 0) return rest.content === null ? [] : [rest];
      const answers = answered.map(({ id }) => ({
        role: 'tool' as const,
        tool_call_id: id,
        content: this.#calls.get(id)?.answer ?? '',
      }));
      return [{ ...rest, tool_calls: answered }, ...answers];
    });
    return { messages, failed: this.#failed, lost: this.#lost.reasons };
  }

  #assistant(): Extract<ChatMessage, { role: 'assistant' }> {
    if (!this.#open) {
      this.#open = { role: 'assistant', content: null };
      this.#messages.push(this.#open);
    }
    return this.#open;
  }
}
