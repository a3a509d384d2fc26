import type { AssistantBlock, CallResult, Conversation, ConversationStep } from '../harness/index.ts';
import { field, linesOf, parseRecord } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';
import type { BucketStore } from '../store/types.ts';
import type { ContentPart, RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json } from '../trajectory/payload.ts';
import { Sequence } from '../trajectory/sequence.ts';
import { contentOf } from './content.ts';
import type { SourceSession } from './source.ts';

/** What of a session has no place in a conversation, and how much of it there is. */
export type Losses = Readonly<Record<string, number>>;

/** A conversation and what of its session is not in it. */
export interface Converted {
  readonly conversation: Conversation;
  readonly lost: Losses;
}

/**
 * The events of a session's transcript, those of its bases first, each up to where the next departs; or of one of its
 * sub-agents alone.
 */
export async function* transcriptEvents(
  store: BucketStore,
  harness: Harness,
  closure: readonly SourceSession[],
  agent?: string,
): AsyncGenerator<RecordEvent> {
  const stream = agent ?? 'main';
  for (const [i, session] of agent === undefined ? closure.entries() : [...closure.entries()].slice(-1)) {
    const main = session.streams.find(({ address }) => address.stream === stream);
    const projector = harness.projector?.(stream);
    if (!main || !projector) continue;
    const next = closure[i + 1]?.streams.find(({ address }) => address.stream === 'main');
    const end = next?.summary.lineage?.find(({ kind, session: base }) => kind === 'base' && base === session.id)?.at;
    const sequence = new Sequence(projector, { inline: Number.POSITIVE_INFINITY });
    let record = 0;
    for await (const block of contentOf(store, main, (same) => same)) {
      for (const line of linesOf(block)) {
        const ordinal = typeof end === 'number' ? field(parseRecord(line), 'ordinal') : undefined;
        if (typeof ordinal === 'number' && typeof end === 'number' && ordinal >= end) break;
        yield* sequence.events(line, { stream, epoch: main.last.epoch, record: record++ });
      }
    }
  }
}

/** Folds events into what a model saw of them last: without what was rewound, compacted, or kept from it. */
export async function readConversation(
  events: AsyncIterable<RecordEvent>,
  place: { readonly harness: string; readonly session: string },
): Promise<Converted> {
  const fold = new ConversationFold();
  for await (const event of events) fold.add(event);
  return { conversation: { ...place, steps: fold.steps() }, lost: fold.lost };
}

type Item = { readonly id: string | undefined; readonly time: string | undefined } & (
  | { readonly is: 'user'; readonly text: string }
  | { readonly is: 'model'; readonly block: AssistantBlock; readonly messageId: string | undefined }
  | { readonly is: 'result'; readonly result: CallResult }
);

class ConversationFold {
  readonly lost: Record<string, number> = {};
  #items: Item[] = [];

  add(event: RecordEvent): void {
    const { id, time } = event;
    if (event.sidechain) return;
    switch (event.kind) {
      case 'message':
        if (event.from === 'harness') {
          if (event.purpose === 'summary') this.#items.push({ is: 'user', text: this.#text(event.content), id, time });
          return;
        }
        this.#say(event.role === 'assistant', this.#text(event.content), event);
        return;
      case 'tool_call':
        this.#items.push({
          ...{ is: 'model', id, time, messageId: event.messageId },
          block: {
            callId: callIdOf(event.callId),
            tool: event.tool.replace(/[^\w-]/g, '_'),
            input: inputOf(event.input),
          },
        });
        return;
      case 'tool_result': {
        const text = this.#output(event.output);
        const result = { callId: callIdOf(event.callId), text, ...(event.error && { error: true as const }) };
        this.#items.push({ is: 'result', id, time, result });
        return;
      }
      case 'compaction':
        this.#compact(event.kept ?? []);
        if (typeof event.summary === 'string') this.#items.push({ is: 'user', text: event.summary, id, time });
        return;
      case 'rewind': {
        const at = this.#items.findLastIndex((item) => item.id === event.to);
        this.#items = event.to === undefined ? this.#items : this.#items.slice(0, at + 1);
        return;
      }
      case 'thinking':
        this.#lose('thoughts');
        return;
      case 'attachment':
        this.#lose('attachments');
        return;
      case 'subagent_spawn':
        this.#lose('transcripts of sub-agents');
        return;
    }
  }

  /** In the order that models want: calls, then a result for each, whatever order they came in. */
  steps(): ConversationStep[] {
    const steps: ConversationStep[] = [];
    let blocks: AssistantBlock[] = [];
    let results = new Map<string, CallResult>();
    let group: { messageId: string | undefined; time: string | undefined } | undefined;
    const flush = () => {
      const time = group?.time === undefined ? {} : { time: group.time };
      if (blocks.length > 0) steps.push({ role: 'assistant', blocks, ...time });
      const calls = blocks.flatMap((block) => ('callId' in block ? [block.callId] : []));
      const answers = calls.map((callId) => results.get(callId) ?? { callId, text: '(no result was recorded)' });
      if (answers.length > 0) steps.push({ role: 'tool', results: answers, ...time });
      [blocks, results, group] = [[], new Map(), undefined];
    };
    for (const item of this.#items) {
      if (item.is === 'user') {
        flush();
        steps.push({ role: 'user', text: item.text, ...(item.time !== undefined && { time: item.time }) });
      } else if (item.is === 'result') {
        const known = blocks.some((block) => 'callId' in block && block.callId === item.result.callId);
        if (known) results.set(item.result.callId, item.result);
        else this.#lose('results without a call');
      } else {
        const same = item.messageId !== undefined && item.messageId === group?.messageId;
        if (results.size > 0 && !same) flush();
        group ??= item;
        blocks.push(item.block);
      }
    }
    flush();
    return steps;
  }

  /** What a person asked stays, and what the agent says that it kept. */
  #compact(kept: readonly string[]): void {
    const ids = new Set(kept);
    const stays = this.#items.filter((item) => item.is === 'user' || (item.id !== undefined && ids.has(item.id)));
    this.#lose('messages before a compaction', this.#items.length - stays.length);
    this.#items = stays;
  }

  #say(isModel: boolean, text: string, { id, time, ...event }: RecordEvent & { readonly kind: 'message' }): void {
    if (text.trim() === '') return;
    if (isModel) this.#items.push({ is: 'model', block: { text }, messageId: event.messageId, id, time });
    else this.#items.push({ is: 'user', text, id, time });
  }

  #text(content: readonly ContentPart[]): string {
    return content
      .map((part) => {
        if (part.type === 'text' && typeof part.text === 'string') return part.text;
        this.#lose(part.type === 'media' ? 'images and documents' : 'parts of messages');
        return part.type === 'media' ? `[${part.media.mediaType}, left behind]` : '';
      })
      .filter(Boolean)
      .join('\n');
  }

  #output(output: Json): string {
    if (typeof output === 'string') return output;
    if (!Array.isArray(output)) return isPayload(output) ? this.#media(output.mediaType) : JSON.stringify(output);
    return (output as readonly Json[])
      .map((part) => {
        const { type, text, media } = (part ?? {}) as { type?: unknown; text?: unknown; media?: unknown };
        if (type === 'text' && typeof text === 'string') return text;
        return isPayload(media) ? this.#media(media.mediaType) : JSON.stringify(part);
      })
      .join('\n');
  }

  #media(mediaType: string): string {
    this.#lose('images and documents');
    return `[${mediaType}, left behind]`;
  }

  #lose(what: string, count = 1): void {
    if (count > 0) this.lost[what] = (this.lost[what] ?? 0) + count;
  }
}

function callIdOf(id: string): string {
  return id.replace(/[^\w-]/g, '_').slice(0, 64);
}

function inputOf(input: Json): Readonly<Record<string, unknown>> {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  return { input };
}
