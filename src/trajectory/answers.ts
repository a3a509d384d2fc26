import type { RecordEvent, Tokens } from './events.ts';
import { isPayload, type Json } from './payload.ts';
import { addTokens, noTokens } from './tokens.ts';

/** One answer of the model, as a client got it. */
export interface Answer {
  readonly model: string;
  readonly blocks: readonly AnswerBlock[];
  readonly tokens: Tokens;
}

export type AnswerBlock =
  | { readonly type: 'text' | 'thinking'; readonly text: string }
  | { readonly type: 'call'; readonly id: string; readonly tool: string; readonly input: Json };

/** The model's answers in order. What an agent records between an answer's parts, as results that come early, does not end it. */
export async function answersOf(events: AsyncIterable<RecordEvent>): Promise<readonly Answer[]> {
  const answers: { model: string; blocks: AnswerBlock[]; tokens: Tokens }[] = [];
  const byId = new Map<string, (typeof answers)[number]>();
  let open: (typeof answers)[number] | undefined;
  let model = 'recorded';
  const answer = (messageId: string | undefined) => {
    const known = messageId === undefined ? open : byId.get(messageId);
    if (known) return known;
    const next = { model, blocks: [], tokens: noTokens };
    answers.push(next);
    if (messageId === undefined) open = next;
    else byId.set(messageId, next);
    return next;
  };
  for await (const event of events) {
    switch (event.kind) {
      case 'model_change':
        model = event.model;
        break;
      case 'thinking':
        if (typeof event.text === 'string') answer(event.messageId).blocks.push({ type: 'thinking', text: event.text });
        break;
      case 'message': {
        if (event.from !== 'model' || event.role !== 'assistant') {
          if (event.prompt) open = undefined;
          break;
        }
        const text = event.content
          .flatMap((part) => (part.type === 'text' && !isPayload(part.text) ? [part.text] : []))
          .join('\n');
        answer(event.messageId).blocks.push({ type: 'text', text });
        break;
      }
      case 'tool_call':
        answer(event.messageId).blocks.push({ type: 'call', id: event.callId, tool: event.tool, input: event.input });
        break;
      case 'usage': {
        const of = event.responseId === undefined ? open : (byId.get(event.responseId) ?? open);
        if (of) of.tokens = addTokens(of.tokens, event.tokens);
        open = undefined;
        break;
      }
      case 'tool_result':
        open = undefined;
        break;
      default:
    }
  }
  return answers.filter(({ blocks }) => blocks.some(({ type }) => type !== 'thinking'));
}
