import { CairnError } from '../errors.ts';
import type { ContentPart, RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json } from '../trajectory/payload.ts';
import type { ExportSource } from './source.ts';
import { jsonText, outputText } from './text.ts';

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
  readonly lost: Readonly<Record<string, number>>;
}

/** Events that are no part of a conversation: leaving them out loses nothing that a model would say. */
const silent = new Set<RecordEvent['kind']>([
  'session_start',
  'session_end',
  'usage',
  'model_change',
  'state',
  'decision',
  'subagent_spawn',
  'subagent_return',
]);

/** The transcript as chat messages. Every call is answered right behind the message that makes it. */
export async function chatExample(source: ExportSource, stream: string): Promise<ChatExample> {
  const builder = new ChatBuilder();
  for await (const event of source.events(stream)) builder.add(event);
  return builder.finish();
}

/** One line of JSON. @throws CairnError `incomplete` with `strict`, naming what would be lost */
export function chatLine(source: ExportSource, { messages, lost }: ChatExample, strict: boolean): string {
  const reasons = Object.entries(lost).map(([reason, count]) => `${count} × ${reason}`);
  if (strict && reasons.length > 0) {
    throw new CairnError(
      'incomplete',
      `expected ${source.harness}/${source.session} as chat messages without loss, but these cannot be said: ${reasons.join(', ')}`,
      { hint: 'leave --strict out to export it without them', details: { lost } },
    );
  }
  return `${JSON.stringify({ messages })}\n`;
}

class ChatBuilder {
  readonly #messages: ChatMessage[] = [];
  readonly #lost: Record<string, number> = {};
  /** Calls by id: the message that holds each, and its answer. */
  readonly #calls = new Map<string, { answer: string | undefined }>();
  #open: Extract<ChatMessage, { role: 'assistant' }> | undefined;

  add(event: RecordEvent): void {
    if (silent.has(event.kind)) return;
    if (event.sidechain) {
      this.#lose('sub-agent message');
      return;
    }
    switch (event.kind) {
      case 'message': {
        const content = event.content.map((part) => this.#partText(part)).join('\n');
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
          this.#lose('repeated call');
          return;
        }
        this.#calls.set(event.callId, { answer: undefined });
        const call: ChatCall = {
          id: event.callId,
          type: 'function',
          function: { name: event.tool, arguments: this.#arguments(event.input) },
        };
        const message = this.#assistant();
        message.tool_calls = [...(message.tool_calls ?? []), call];
        return;
      }
      case 'tool_result': {
        const call = this.#calls.get(event.callId);
        if (!call || call.answer !== undefined) {
          this.#lose('result without a call');
          return;
        }
        call.answer = outputText(event.output);
        if (holdsPayload(event.output)) this.#lose('large or binary output');
        // What the model says next is a new message.
        this.#open = undefined;
        return;
      }
      default:
        this.#lose(event.kind);
    }
  }

  finish(): ChatExample {
    const messages = this.#messages.flatMap((message): ChatMessage[] => {
      if (message.role !== 'assistant' || message.tool_calls === undefined) return [message];
      const answered = message.tool_calls.filter(({ id }) => this.#calls.get(id)?.answer !== undefined);
      for (let i = answered.length; i < message.tool_calls.length; i++) this.#lose('call without a result');
      const { tool_calls: _, ...rest } = message;
      if (answered.length === 0) return rest.content === null ? [] : [rest];
      const answers = answered.map(({ id }) => ({
        role: 'tool' as const,
        tool_call_id: id,
        content: this.#calls.get(id)?.answer ?? '',
      }));
      return [{ ...rest, tool_calls: answered }, ...answers];
    });
    return { messages, lost: this.#lost };
  }

  #assistant(): Extract<ChatMessage, { role: 'assistant' }> {
    if (!this.#open) {
      this.#open = { role: 'assistant', content: null };
      this.#messages.push(this.#open);
    }
    return this.#open;
  }

  #partText(part: ContentPart): string {
    if (part.type === 'text' && typeof part.text === 'string') return part.text;
    this.#lose(part.type === 'text' ? 'large text' : part.type === 'media' ? 'media' : 'unknown content');
    return '';
  }

  #arguments(input: Json): string {
    if (holdsPayload(input)) this.#lose('large input');
    // Arguments are an object, in JSON.
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input) && !isPayload(input);
    return isObject ? JSON.stringify(input) : JSON.stringify({ input: jsonText(input) });
  }

  #lose(reason: string): void {
    this.#lost[reason] = (this.#lost[reason] ?? 0) + 1;
  }
}

function holdsPayload(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isPayload(value) || Object.values(value).some((item) => item !== undefined && holdsPayload(item as Json));
}
