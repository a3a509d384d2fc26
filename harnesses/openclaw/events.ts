import {
  type ContentPart,
  type EventBody,
  field,
  type Json,
  optional,
  type Projection,
  type Projector,
  type SourceRecord,
  stringField,
  type Tokens,
  unknownBody,
} from '../../src/harness/index.ts';
import { known } from './records.ts';

/** Events of a transcript of 2026.9.6, and of the JSONL files before it: each event is one record. */
export function projector(): Projector {
  return new TranscriptProjector();
}

class TranscriptProjector implements Projector {
  #model: string | undefined;
  /** What prompts hang below. A second one there is a rewind. */
  readonly #prompted = new Set<string>();

  project(record: SourceRecord): Projection {
    const { value } = record;
    return {
      ...optional('time', stringField(value, 'timestamp')),
      ...optional('id', stringField(value, 'id')),
      ...optional('parentId', stringField(value, 'parentId')),
      events: this.#events(record),
    };
  }

  #events(record: SourceRecord): EventBody[] {
    const { value } = record;
    const type = stringField(value, 'type');
    if (!known.has(type)) return [unknownBody('type', record.raw(), type)];
    switch (type) {
      case 'session':
        return [
          {
            kind: 'session_start',
            ...optional('session', stringField(value, 'id')),
            ...optional('cwd', stringField(value, 'cwd')),
          },
        ];
      case 'message':
        return this.#message(record);
      case 'model_change':
        return this.#modelChange(stringField(value, 'modelId'), stringField(value, 'provider'));
      case 'thinking_level_change':
        return [
          {
            kind: 'state',
            name: 'thinking',
            value: record.json(field(value, 'thinkingLevel') ?? null, '/thinkingLevel'),
          },
        ];
      case 'session_info':
        return [{ kind: 'state', name: 'title', value: record.json(field(value, 'name') ?? null, '/name') }];
      case 'custom_message': {
        const content = partsOf(record, field(value, 'content'), '/content');
        return [{ kind: 'message', role: 'user', from: 'harness', purpose: 'context', content }];
      }
      case 'compaction':
        return [compactionBody(record)];
      case 'reset':
        return [{ kind: 'rewind', ...optional('to', stringField(value, 'parentId')) }];
      default:
        return [{ kind: 'attachment', type: stringField(value, 'customType') ?? String(type), content: record.raw() }];
    }
  }

  #modelChange(model: string | undefined, provider: string | undefined): EventBody[] {
    if (model === undefined || model === this.#model) return [];
    this.#model = model;
    return [{ kind: 'model_change', model, ...optional('provider', provider) }];
  }

  #message(record: SourceRecord): EventBody[] {
    const { value } = record;
    const message = field(value, 'message');
    const content = field(message, 'content');
    switch (field(message, 'role')) {
      case 'user': {
        const parts = partsOf(record, content, '/message/content');
        const parent = stringField(value, 'parentId');
        const back = parent !== undefined && this.#prompted.has(parent);
        if (parent !== undefined) this.#prompted.add(parent);
        const prompt: EventBody = { kind: 'message', role: 'user', from: 'person', prompt: true, content: parts };
        return back ? [{ kind: 'rewind', to: parent }, prompt] : [prompt];
      }
      case 'assistant':
        return this.#answer(record, message, content);
      case 'toolResult':
        return [resultBody(record, message, content)];
      default:
        return [
          { kind: 'message', role: 'system', from: 'harness', content: partsOf(record, content, '/message/content') },
        ];
    }
  }

  /** One record is one request's answer, with its usage. */
  #answer(record: SourceRecord, message: unknown, content: unknown): EventBody[] {
    const messageId = stringField(record.value, 'id');
    const ofMessage = optional('messageId', messageId);
    const model = stringField(message, 'model');
    const events = this.#modelChange(model, stringField(message, 'provider'));
    for (const [i, block] of (Array.isArray(content) ? content : [{ type: 'text', text: content }]).entries()) {
      const pointer = `/message/content/${i}`;
      const thinking = field(block, 'thinking');
      if (field(block, 'type') === 'thinking' && typeof thinking === 'string') {
        events.push({ kind: 'thinking', text: record.text(thinking, `${pointer}/thinking`), ...ofMessage });
      } else if (field(block, 'type') === 'toolCall') {
        events.push({
          kind: 'tool_call',
          callId: stringField(block, 'id') ?? '',
          tool: stringField(block, 'name') ?? '',
          input: record.json(field(block, 'arguments') ?? null, `${pointer}/arguments`),
          ...ofMessage,
        });
      } else {
        const part = partOf(record, block, Array.isArray(content) ? pointer : '/message/content');
        events.push({ kind: 'message', role: 'assistant', from: 'model', content: [part], ...ofMessage });
      }
    }
    const error = stringField(message, 'errorMessage');
    if (error !== undefined) events.push({ kind: 'error', message: error });
    const usage = field(message, 'usage');
    if (usage === undefined) return events;
    const cost = field(usage, 'cost', 'total');
    const body = { kind: 'usage', ...optional('responseId', messageId), ...optional('model', model) } as const;
    events.push({ ...body, tokens: tokensOf(usage), ...(typeof cost === 'number' && { cost }) });
    return events;
  }
}

function partsOf(record: SourceRecord, content: unknown, pointer: string): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: record.text(content, pointer) }];
  return (Array.isArray(content) ? content : []).map((part, i) => partOf(record, part, `${pointer}/${i}`));
}

function partOf(record: SourceRecord, part: unknown, pointer: string): ContentPart {
  const text = field(part, 'text');
  // An answer that is text alone has no parts to point into.
  if (typeof text === 'string') {
    const where = pointer === '/message/content' ? pointer : `${pointer}/text`;
    return { type: 'text', text: record.text(text, where) };
  }
  const data = field(part, 'data');
  if (field(part, 'type') === 'image' && typeof data === 'string') {
    return { type: 'media', media: record.media(data, stringField(part, 'mimeType') ?? 'image/*', `${pointer}/data`) };
  }
  return { type: 'other', value: record.json(part, pointer) };
}

function resultBody(record: SourceRecord, message: unknown, content: unknown): EventBody {
  const details = field(message, 'details');
  const exitCode = field(details, 'exitCode');
  const durationMs = field(details, 'durationMs');
  return {
    kind: 'tool_result',
    callId: stringField(message, 'toolCallId') ?? '',
    ...optional('tool', stringField(message, 'toolName')),
    output: partsOf(record, content, '/message/content') as readonly Json[],
    ...(field(message, 'isError') === true && { error: true as const }),
    ...(typeof exitCode === 'number' && { exitCode }),
    ...(typeof durationMs === 'number' && { durationMs }),
    ...(details !== undefined && { details: record.json(details, '/message/details') }),
  };
}

function compactionBody(record: SourceRecord): EventBody {
  const summary = field(record.value, 'summary');
  const before = field(record.value, 'tokensBefore');
  const kept = stringField(record.value, 'firstKeptEntryId');
  return {
    kind: 'compaction',
    ...(typeof before === 'number' && { tokensBefore: before }),
    ...(typeof summary === 'string' && { summary: record.text(summary, '/summary') }),
    ...(kept !== undefined && { kept: [kept] }),
  };
}

function tokensOf(usage: unknown): Tokens {
  const count = (name: string) => {
    const value = field(usage, name);
    return typeof value === 'number' && value > 0 ? value : 0;
  };
  return {
    input: count('input'),
    cacheRead: count('cacheRead'),
    cacheWrite: count('cacheWrite'),
    output: count('output'),
  };
}
