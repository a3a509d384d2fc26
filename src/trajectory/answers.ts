import type { ContentPart, RecordEvent, Tokens } from './events.ts';
import { isPayload, type Json } from './payload.ts';
import { addTokens, noTokens } from './tokens.ts';

/** One answer of the model, as a client got it. */
export interface Answer {
  readonly model: string;
  readonly blocks: readonly AnswerBlock[];
  readonly tokens: Tokens;
}

/** The answers of one stream, and the prompt that it begins with. */
export interface Recording {
  readonly prompt: string;
  readonly answers: readonly Answer[];
}

/** The answers of each stream, in the order of the streams; those of sub-agents answer them. */
export async function recordingsOf(events: AsyncIterable<RecordEvent>): Promise<readonly Recording[]> {
  const streams = new Map<string, RecordEvent[]>();
  for await (const event of events) {
    // A segment goes on with the transcript.
    const name = event.at.stream.startsWith('agent-') ? event.at.stream : 'main';
    const stream = streams.get(name);
    if (stream) stream.push(event);
    else streams.set(name, [event]);
  }
  const recordings = [...streams.values()].map((stream) => ({ prompt: promptOf(stream), answers: answersOf(stream) }));
  return recordings.filter(({ answers }) => answers.length > 0);
}

function promptOf(events: readonly RecordEvent[]): string {
  const prompt = events.find((event) => event.kind === 'message' && event.prompt === true);
  return prompt?.kind === 'message' ? textOf(prompt.content) : '';
}

function textOf(content: readonly ContentPart[]): string {
  return content.flatMap((part) => (part.type === 'text' && !isPayload(part.text) ? [part.text] : [])).join('\n');
}

export type AnswerBlock =
  | { readonly type: 'text' | 'thinking'; readonly text: string }
  | {
      readonly type: 'call';
      readonly id: string;
      readonly tool: string;
      readonly namespace?: string;
      readonly input: Json;
    };

/** The model's answers in order. What an agent records between an answer's parts, as results that come early, does not end it. */
function answersOf(events: readonly RecordEvent[]): readonly Answer[] {
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
  for (const event of events) {
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
        answer(event.messageId).blocks.push({ type: 'text', text: textOf(event.content) });
        break;
      }
      case 'tool_call': {
        const { callId: id, tool, namespace, input } = event;
        answer(event.messageId).blocks.push({ type: 'call', id, tool, ...(namespace && { namespace }), input });
        break;
      }
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
