import {
  type ContentPart,
  type EventBody,
  field,
  highestTokens,
  type Json,
  optional,
  type Projection,
  type Projector,
  type SourceRecord,
  sideFileEvents,
  stringField,
  sumTokens,
  type Tokens,
  tokensBeyond,
  unknownBody,
} from '../../src/harness/index.ts';
import { answerEvents, partOf, resultEvents } from './blocks.ts';
import { attachmentBody, factsOf, notificationBody, purposeOf, systemBody } from './notices.ts';
import { branchOf, isPrompt, known, promptOf } from './records.ts';

/** Records that repeat what others say: the request log, the queue, copies of files, the newest prompt. */
const repeating: ReadonlySet<unknown> = new Set(
  `api-request-shape api-request-blob api-request queue-operation last-prompt file-history-snapshot
   file-history-delta progress`.split(/\s+/),
);

/** State records, and the field that holds the state; they are appended again and again. */
const states: Readonly<Record<string, string>> = {
  mode: 'mode',
  'permission-mode': 'permissionMode',
  'atis-latch': 'atis',
  'tools-used': 'tools',
  'cost-state': 'modelUsage',
  'custom-title': 'customTitle',
  'ai-title': 'aiTitle',
  'agent-name': 'agentName',
  summary: 'summary',
  tag: 'tag',
};

const none: Projection = { events: [] };

/** Events of a transcript of 1.0.98 to 2.1.329, or of the session's side files. */
export function projector(stream: string): Projector {
  if (stream === 'files' || stream === 'file-history') return { project: sideFileEvents };
  return new TranscriptProjector(stream.startsWith('agent-'));
}

class TranscriptProjector implements Projector {
  readonly #subAgent: boolean;
  /** Of each request what its lines have said so far: an answer is one line for each of its blocks, all with its usage. */
  readonly #usage = new Map<string, Tokens>();
  /** Value of each state, as JSON. */
  readonly #states = new Map<string, string>();
  /** What prompts hang below. A second one there is a rewind. */
  readonly #prompted = new Set<string>();
  #started = false;
  #branch: string | undefined;
  #cwd: string | undefined;
  #model: string | undefined;

  constructor(subAgent: boolean) {
    this.#subAgent = subAgent;
  }

  project(record: SourceRecord): Projection {
    const { value } = record;
    const type = field(value, 'type');
    if (typeof type !== 'string' || !known.has(type)) {
      return { ...factsOf(value), events: [unknownBody('type', record.raw(), stringField(value, 'type'))] };
    }
    if (repeating.has(type)) return none;
    const state = states[type];
    if (state !== undefined)
      return { events: this.#state(type, field(value, state), record.json(field(value, state), `/${state}`)) };
    const events = [...this.#context(value), ...this.#chained(type, record)];
    return { ...factsOf(value), events };
  }

  #chained(type: string, record: SourceRecord): EventBody[] {
    switch (type) {
      case 'user':
        return this.#user(record);
      case 'assistant':
        return this.#assistant(record);
      case 'system':
        return [systemBody(record)];
      case 'attachment':
        return [attachmentBody(record)];
      default:
        return [{ kind: 'attachment', type, content: record.raw() }];
    }
  }

  /** Every record of the chain carries the session's state: what is new in it is said. */
  #context(value: unknown): EventBody[] {
    const cwd = stringField(value, 'cwd');
    const branch = branchOf(value);
    if (!this.#started) {
      this.#started = true;
      this.#cwd = cwd;
      this.#branch = branch;
      return [
        {
          kind: 'session_start',
          ...optional('session', stringField(value, 'sessionId')),
          ...optional('cwd', cwd),
          ...optional('agentVersion', stringField(value, 'version')),
          ...optional('branch', branch),
          ...optional('source', stringField(value, 'entrypoint')),
        },
      ];
    }
    const events: EventBody[] = [];
    if (cwd !== undefined && cwd !== this.#cwd) events.push({ kind: 'state', name: 'cwd', value: cwd });
    if (branch !== undefined && branch !== this.#branch) events.push({ kind: 'state', name: 'branch', value: branch });
    this.#cwd = cwd ?? this.#cwd;
    this.#branch = branch ?? this.#branch;
    return events;
  }

  #state(type: string, value: unknown, shown: Json): EventBody[] {
    const text = JSON.stringify(value) ?? 'null';
    const before = this.#states.get(type);
    if (before === text || (before === undefined && (value === undefined || value === ''))) return [];
    this.#states.set(type, text);
    const name = type.endsWith('-title') ? 'title' : type === 'cost-state' ? 'cost' : type;
    return [{ kind: 'state', name, value: value === undefined ? null : shown }];
  }

  #user(record: SourceRecord): EventBody[] {
    const { value } = record;
    const content = field(value, 'message', 'content');
    const events: EventBody[] = [];
    const parts: ContentPart[] = [];
    if (typeof content === 'string') parts.push({ type: 'text', text: record.text(content, '/message/content') });
    for (const [i, block] of (Array.isArray(content) ? content : []).entries()) {
      const pointer = `/message/content/${i}`;
      if (field(block, 'type') === 'tool_result') events.push(...resultEvents(record, block, pointer));
      else parts.push(partOf(record, block, pointer));
    }
    if (parts.length === 0 && events.length > 0) return events;
    if (field(value, 'origin', 'kind') === 'task-notification')
      return [notificationBody(record, promptOf(value), '/message/content')];
    const prompt = events.length === 0 && isPrompt(value, this.#subAgent);
    const parent = stringField(value, 'parentUuid');
    if (prompt && parent !== undefined) {
      if (this.#prompted.has(parent)) events.push({ kind: 'rewind', to: parent });
      this.#prompted.add(parent);
    }
    const purpose = prompt ? undefined : purposeOf(value);
    // A sub-agent is prompted by the agent above it.
    const from = prompt ? (this.#subAgent ? 'model' : 'person') : purpose === 'command' ? 'person' : 'harness';
    const message = { kind: 'message', role: 'user', from, content: parts } as const;
    events.push({ ...message, ...(prompt && { prompt }), ...optional('purpose', purpose) });
    return events;
  }

  #assistant(record: SourceRecord): EventBody[] {
    const { value } = record;
    const events: EventBody[] = [];
    const messageId = stringField(value, 'message', 'id');
    const model = stringField(value, 'message', 'model');
    const own = model === '<synthetic>' ? undefined : model;
    if (own !== undefined && own !== this.#model) {
      this.#model = own;
      events.push({ kind: 'model_change', model: own });
    }
    const content = field(value, 'message', 'content');
    const blocks =
      typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [];
    if (field(value, 'isApiErrorMessage') === true) {
      const message = blocks.map((block) => String(field(block, 'text') ?? '')).join('\n');
      events.push({ kind: 'error', message, ...optional('code', stringField(value, 'error')) });
    } else {
      for (const [i, block] of blocks.entries()) {
        const pointer = typeof content === 'string' ? '/message/content' : `/message/content/${i}`;
        events.push(...answerEvents(record, block, pointer, messageId));
      }
    }
    const usage = this.#used(value, messageId);
    if (usage !== undefined) {
      events.push({ kind: 'usage', ...optional('responseId', messageId), ...optional('model', own), tokens: usage });
    }
    return events;
  }

  /** What this line says beyond those before it of the same message: lines up to 2.1.96 carried placeholders. */
  #used(value: unknown, messageId: string | undefined): Tokens | undefined {
    const usage = field(value, 'message', 'usage');
    if (typeof usage !== 'object' || usage === null) return undefined;
    const said: Tokens = {
      input: count(usage, 'input_tokens'),
      cacheRead: count(usage, 'cache_read_input_tokens'),
      cacheWrite: count(usage, 'cache_creation_input_tokens'),
      ...optional('cacheWrite1h', count(usage, 'cache_creation', 'ephemeral_1h_input_tokens') || undefined),
      output: count(usage, 'output_tokens'),
      ...optional('thinking', count(usage, 'output_tokens_details', 'thinking_tokens') || undefined),
    };
    const before = messageId === undefined ? undefined : this.#usage.get(messageId);
    const most = before === undefined ? said : highestTokens(before, said);
    if (messageId !== undefined) this.#usage.set(messageId, most);
    if (before === undefined) return sumTokens(said) > 0 ? said : undefined;
    const more = tokensBeyond(most, before);
    return sumTokens(more) > 0 ? more : undefined;
  }
}

function count(usage: unknown, ...names: readonly string[]): number {
  const value = field(usage, ...names);
  return typeof value === 'number' && value > 0 ? value : 0;
}
