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
  /** From one compaction to the next: a conversation counts its answers from there. One at least. */
  readonly segments: readonly Segment[];
}

/** Answers to a conversation that begins with a summary of what was before; the first has none. */
export interface Segment {
  readonly summary?: string;
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
  const recordings = [...streams.values()].map((stream) => ({
    prompt: promptOf(stream),
    segments: segmentsOf(stream),
  }));
  return recordings.filter((recording) => answersIn(recording).length > 0);
}

/** All answers of a recording. */
export function answersIn({ segments }: Recording): readonly Answer[] {
  return segments.flatMap(({ answers }) => answers);
}

/**
 * The answer to a conversation in which the user said `said`, and which has `asked` answers: counted from the last
 * compaction whose summary was said. Behind the last answer before a compaction it is the summary: that is what an agent
 * asks for then. `undefined` where the recording has no more.
 */
export function answerTo({ segments }: Recording, said: string, asked: number): Answer | undefined {
  const at = segments.findLastIndex(({ summary }) => summary === undefined || wasSaid(summary, said));
  const answers = segments[at]?.answers ?? [];
  const summary = segments[at + 1]?.summary;
  if (asked !== answers.length || summary === undefined) return answers[asked];
  const model = answers.at(-1)?.model ?? 'recorded';
  return { model, blocks: [{ type: 'text', text: summary }], tokens: noTokens };
}

/** Agents put words of their own around a summary, such as where the transcript lies: most of it has to be there. */
function wasSaid(summary: string, said: string): boolean {
  const lines = summary.split('\n').filter((line) => line.trim() !== '');
  const length = (some: readonly string[]) => some.reduce((sum, line) => sum + line.length, 0);
  return 2 * length(lines.filter((line) => said.includes(line.trim()))) >= length(lines) && lines.length > 0;
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
function segmentsOf(events: readonly RecordEvent[]): readonly Segment[] {
  type Building = { model: string; blocks: AnswerBlock[]; tokens: Tokens };
  const segments: { summary?: string; answers: Building[] }[] = [{ answers: [] }];
  const byId = new Map<string, Building>();
  let open: Building | undefined;
  let model = 'recorded';
  const answer = (messageId: string | undefined) => {
    const known = messageId === undefined ? open : byId.get(messageId);
    if (known) return known;
    const next = { model, blocks: [], tokens: noTokens };
    segments.at(-1)?.answers.push(next);
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
          // Some agents write the summary as a message behind the compaction.
          const last = segments.at(-1);
          if (event.purpose === 'summary' && last && segments.length > 1) last.summary ??= textOf(event.content);
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
      case 'compaction':
        segments.push({ answers: [], ...(typeof event.summary === 'string' && { summary: event.summary }) });
        open = undefined;
        break;
      default:
    }
  }
  const isAnswer = ({ blocks }: Answer) => blocks.some(({ type }) => type !== 'thinking');
  return joined(segments.map(({ answers, ...segment }) => ({ ...segment, answers: answers.filter(isAnswer) })));
}

/** What follows a compaction without a summary is told apart from what was before by nothing. */
function joined(segments: readonly Segment[]): readonly Segment[] {
  const all: { summary?: string; answers: Answer[] }[] = [];
  for (const { answers, ...segment } of segments) {
    const before = all.at(-1);
    if (before && segment.summary === undefined) for (const answer of answers) before.answers.push(answer);
    else all.push({ ...segment, answers: [...answers] });
  }
  return all;
}
