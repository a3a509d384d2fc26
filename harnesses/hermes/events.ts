import {
  type ContentPart,
  changeRecord,
  type EventBody,
  field,
  type Json,
  optional,
  type Projection,
  type Projector,
  parseRecord,
  type SourceRecord,
  stringField,
  sumTokens,
  type Tokens,
  tokensBeyond,
  unknownBody,
} from '../../src/harness/index.ts';

/** Events of a log of changes (schema 30). */
export function projector(): Projector {
  return new ChangesProjector();
}

const noTokens: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/**
 * A message is an event when its row first comes. A row that comes again says what became of it, and a clone of a row
 * under another id, as compaction and /retry make them, repeats it: it has the time of its original.
 */
class ChangesProjector implements Projector {
  /** Of each message row whether it is in the context. */
  readonly #rows = new Map<string, boolean>();
  readonly #originals = new Set<string>();
  readonly #states = new Map<string, string>();
  #started = false;
  #ended = false;
  #rewinds = 0;
  #used = noTokens;
  #cost = 0;

  project(record: SourceRecord): Projection {
    const change = changeRecord(record.value);
    if (change === undefined) return { events: [unknownBody('type', record.raw())] };
    const id = String(change.id);
    if ('delete' in change) {
      return {
        id,
        events: [{ kind: 'state', name: 'row', value: { table: change.delete, id: change.id, deleted: true } }],
      };
    }
    const { row } = change;
    if (change.put === 'sessions')
      return { ...timeOf(row, 'last_activity_at', 'started_at'), id, events: this.#session(row) };
    if (change.put === 'messages') return { ...timeOf(row, 'timestamp'), id, events: this.#message(record, id, row) };
    return { id, events: [{ kind: 'state', name: change.put, value: record.json(row, '/row') }] };
  }

  #session(row: unknown): EventBody[] {
    const events: EventBody[] = [];
    if (!this.#started) {
      this.#started = true;
      events.push({
        kind: 'session_start',
        ...optional('session', stringField(row, 'id')),
        ...optional('cwd', stringField(row, 'cwd')),
        ...optional('branch', stringField(row, 'git_branch')),
        ...optional('source', stringField(row, 'source')),
      });
    }
    const model = stringField(row, 'model');
    if (model !== undefined && this.#isNews('model', model)) events.push({ kind: 'model_change', model });
    const title = stringField(row, 'title');
    if (title !== undefined && this.#isNews('title', title))
      events.push({ kind: 'state', name: 'title', value: title });
    const rewinds = numberOf(row, 'rewind_count');
    if (rewinds > this.#rewinds) events.push({ kind: 'rewind' });
    this.#rewinds = Math.max(rewinds, this.#rewinds);
    events.push(...this.#usage(row, model));
    const ended = typeof field(row, 'ended_at') === 'number';
    if (ended && !this.#ended)
      events.push({ kind: 'session_end', ...optional('reason', stringField(row, 'end_reason')) });
    if (!ended && this.#ended) events.push({ kind: 'state', name: 'reopened', value: true });
    this.#ended = ended;
    return events;
  }

  /** Counters of the row grow in place. */
  #usage(row: unknown, model: string | undefined): EventBody[] {
    const told: Tokens = {
      input: numberOf(row, 'input_tokens'),
      cacheRead: numberOf(row, 'cache_read_tokens'),
      cacheWrite: numberOf(row, 'cache_write_tokens'),
      output: numberOf(row, 'output_tokens'),
      ...optional('thinking', numberOf(row, 'reasoning_tokens') || undefined),
    };
    const tokens = tokensBeyond(told, this.#used);
    const cost = numberOf(row, 'actual_cost_usd') || numberOf(row, 'estimated_cost_usd');
    const more = cost - this.#cost;
    this.#used = told;
    this.#cost = Math.max(cost, this.#cost);
    if (sumTokens(tokens) === 0) return [];
    return [{ kind: 'usage', ...optional('model', model), tokens, ...(more > 0 && { cost: more }) }];
  }

  #message(record: SourceRecord, id: string, row: unknown): EventBody[] {
    const active = field(row, 'active') !== 0;
    const before = this.#rows.get(id);
    this.#rows.set(id, active);
    if (before !== undefined) {
      if (before === active) return [];
      return [{ kind: 'state', name: 'row', value: { table: 'messages', id: Number(id), active } }];
    }
    const original = JSON.stringify([
      ...['role', 'timestamp', 'tool_call_id', '_compressed_summary'].map((name) => field(row, name)),
      JSON.stringify(field(row, 'content'))?.length,
    ]);
    if (this.#originals.has(original)) return [];
    this.#originals.add(original);
    return messageEvents(record, id, row);
  }

  #isNews(name: string, value: string): boolean {
    if (this.#states.get(name) === value) return false;
    this.#states.set(name, value);
    return true;
  }
}

function messageEvents(record: SourceRecord, id: string, row: unknown): EventBody[] {
  const content = partsOf(record, field(row, 'content'));
  const role = stringField(row, 'role');
  if (field(row, '_compressed_summary') === 1) {
    const [first] = content;
    const text = first?.type === 'text' ? first.text : undefined;
    return [
      { kind: 'compaction', ...optional('summary', text) },
      { kind: 'message', role: 'user', from: 'harness', purpose: 'summary', content },
    ];
  }
  switch (role) {
    case 'user':
      return [{ kind: 'message', role, from: 'person', prompt: true, content }];
    case 'assistant':
      return answerEvents(record, id, row, content);
    case 'tool': {
      const text = field(row, 'content');
      const output = typeof text === 'string' ? record.parsed(text, '/row/content') : (content as readonly Json[]);
      const callId = stringField(row, 'tool_call_id') ?? '';
      return [{ kind: 'tool_result', callId, ...optional('tool', stringField(row, 'tool_name')), output }];
    }
    default:
      return [{ kind: 'message', role: 'system', from: 'harness', content }];
  }
}

function answerEvents(record: SourceRecord, messageId: string, row: unknown, content: ContentPart[]): EventBody[] {
  const events: EventBody[] = [];
  for (const name of ['reasoning', 'reasoning_content']) {
    const text = field(row, name);
    if (typeof text === 'string' && text !== '' && events.length === 0) {
      events.push({ kind: 'thinking', text: record.text(text, `/row/${name}`), messageId });
    }
  }
  if (content.length > 0) events.push({ kind: 'message', role: 'assistant', from: 'model', content, messageId });
  const text = field(row, 'tool_calls');
  const calls = typeof text === 'string' ? parseRecord(Buffer.from(text)) : text;
  for (const [i, call] of (Array.isArray(calls) ? calls : []).entries()) {
    const input = field(call, 'function', 'arguments');
    const shown = typeof input === 'string' ? record.text(input, `/${i}/function/arguments`, '/row/tool_calls') : input;
    const value = typeof shown === 'string' ? parseRecord(Buffer.from(shown)) : shown;
    events.push({
      kind: 'tool_call',
      callId: stringField(call, 'id') ?? '',
      tool: stringField(call, 'function', 'name') ?? '',
      input: ((typeof value === 'object' ? value : shown) ?? null) as Json,
      messageId,
    });
  }
  return events;
}

/** Content is text, nothing, or parts as OpenAI has them. */
function partsOf(record: SourceRecord, content: unknown): ContentPart[] {
  if (typeof content === 'string')
    return content === '' ? [] : [{ type: 'text', text: record.text(content, '/row/content') }];
  return (Array.isArray(content) ? content : []).map((part, i) => {
    const pointer = `/row/content/${i}`;
    const text = field(part, 'text');
    if (typeof text === 'string') return { type: 'text', text: record.text(text, `${pointer}/text`) };
    const url = field(part, 'image_url', 'url');
    const mediaType =
      typeof url === 'string' ? /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url.slice(0, 200))?.[1] : undefined;
    if (typeof url !== 'string' || mediaType === undefined) return { type: 'other', value: record.json(part, pointer) };
    return { type: 'media', media: record.media(url, mediaType, `${pointer}/image_url/url`, 'data-url') };
  });
}

function numberOf(row: unknown, name: string): number {
  const value = field(row, name);
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** Seconds since 1970; years beyond 9999 are no times. */
function timeOf(row: unknown, ...names: readonly string[]): { readonly time?: string } {
  for (const name of names) {
    const at = field(row, name);
    if (typeof at === 'number' && at >= 0 && at < 253_402_300_800) return { time: new Date(at * 1000).toISOString() };
  }
  return {};
}
