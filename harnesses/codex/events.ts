import {
  type EventBody,
  field,
  type Json,
  type MessageBody,
  optional,
  type Projection,
  type Projector,
  repositoryName,
  type SourceRecord,
  stringField,
  type Tokens,
  unknownBody,
} from '../../src/harness/index.ts';
import { type CallDetails, callBody, detailsOf, outputBody, partsOf } from './items.ts';
import { known, metaOf, promptOf } from './records.ts';

/** Events that repeat items of the model, or announce what comes. */
const repeating: ReadonlySet<unknown> = new Set(
  'task_started agent_message agent_reasoning agent_reasoning_raw_content agent_reasoning_section_break'.split(' '),
);

/** Completed items that repeat a `response_item` or `compacted`. */
const repeatingItems: ReadonlySet<unknown> = new Set('AgentMessage Reasoning ContextCompaction'.split(' '));

/** Events of a rollout of 0.63.0 to 0.169.0. */
export function projector(stream: string): Projector {
  return new RolloutProjector(stream.startsWith('agent-'));
}

class RolloutProjector implements Projector {
  readonly #subAgent: boolean;
  /** Calls of which an item was completed and the output has not come. */
  readonly #calls = new Map<string, CallDetails>();
  /** Value of each state, as JSON. */
  readonly #states = new Map<string, string>();
  #model: string | undefined;
  /** Requests have records of their own: estimates and repeated totals do not count. */
  #recorded = false;
  #total: string | undefined;

  constructor(subAgent: boolean) {
    this.#subAgent = subAgent;
  }

  project(record: SourceRecord): Projection {
    const { value } = record;
    const time = stringField(value, 'timestamp');
    const payload = field(value, 'payload') ?? null;
    const id = stringField(payload, 'id') ?? stringField(payload, 'item', 'id');
    return { ...optional('time', time), ...optional('id', id), events: this.#events(record, payload) };
  }

  #events(record: SourceRecord, payload: unknown): EventBody[] {
    const { value } = record;
    const type = stringField(value, 'type');
    const meta = metaOf(value);
    if (meta !== undefined) return metaEvents(record, meta, meta === value ? '' : '/payload');
    if (!known.has(type)) return [unknownBody('type', record.raw(), type)];
    switch (type) {
      case 'response_item':
        return this.#item(record, payload, '/payload');
      case 'event_msg':
        return this.#event(record, payload);
      case 'turn_context':
        return this.#settings(record, payload);
      case 'world_state':
        return [{ kind: 'state', name: 'world', value: record.json(payload, '/payload') }];
      case 'token_usage_record': {
        this.#recorded = true;
        const responseId = stringField(payload, 'response_id');
        return this.#usage(field(payload, 'usage'), responseId);
      }
      case 'compacted':
        return [compactionBody(record, payload)];
      default:
        // The first versions wrote items bare.
        return this.#item(record, value, '');
    }
  }

  #item(record: SourceRecord, item: unknown, pointer: string): EventBody[] {
    const type = stringField(item, 'type');
    switch (type) {
      case 'message':
        return messageEvents(record, item, pointer);
      case 'reasoning': {
        const summary = [field(item, 'summary'), field(item, 'content')].flat();
        const text = summary.flatMap((part) => stringOf(field(part, 'text'))).join('\n');
        const encrypted = typeof field(item, 'encrypted_content') === 'string';
        return [{ kind: 'thinking', text, ...(encrypted && { encrypted }) }];
      }
      case 'function_call':
      case 'custom_tool_call':
      case 'local_shell_call':
      case 'web_search_call':
      case 'tool_search_call':
        return [callBody(record, item, pointer)];
      case 'function_call_output':
      case 'custom_tool_call_output':
      case 'tool_search_output': {
        const callId = stringField(item, 'call_id') ?? '';
        const call = this.#calls.get(callId);
        this.#calls.delete(callId);
        return [outputBody(record, item, pointer, call)];
      }
      default:
        return [unknownBody('type', record.raw(), `response_item/${type}`)];
    }
  }

  #event(record: SourceRecord, payload: unknown): EventBody[] {
    const type = stringField(payload, 'type') ?? '';
    if (repeating.has(type)) return [];
    if (promptOf(payload) !== undefined) return [this.#prompt(record, payload)];
    switch (type) {
      case 'item_completed':
        return this.#completed(record, payload);
      case 'token_count':
        return this.#counted(field(payload, 'info'));
      case 'thread_settings_applied':
        return this.#state('thread_settings', field(payload, 'thread_settings'), record, '/payload/thread_settings');
      case 'task_complete':
      case 'turn_aborted':
        return [turnBody(payload, type)];
      case 'error':
      case 'stream_error':
        return [{ kind: 'error', message: stringField(payload, 'message') ?? type, code: type }];
      default:
        return [{ kind: 'attachment', type, content: record.json(payload, '/payload') }];
    }
  }

  #prompt(record: SourceRecord, payload: unknown): MessageBody {
    const legacy = field(payload, 'type') === 'user_message';
    const content = legacy ? field(payload, 'message') : field(payload, 'item', 'content');
    const parts = partsOf(record, content, legacy ? '/payload/message' : '/payload/item/content');
    return { kind: 'message', role: 'user', from: this.#subAgent ? 'model' : 'person', prompt: true, content: parts };
  }

  #completed(record: SourceRecord, payload: unknown): EventBody[] {
    const item = field(payload, 'item');
    const type = stringField(item, 'type') ?? '';
    const id = stringField(item, 'id') ?? '';
    if (repeatingItems.has(type)) return [];
    this.#calls.set(id, detailsOf(record, payload));
    const agents = field(item, 'receiver_agents');
    if (type !== 'CollabAgentToolCall' || field(item, 'tool') !== 'spawn_agent' || !Array.isArray(agents)) return [];
    return agents.map((agent) => ({
      kind: 'subagent_spawn',
      callId: id,
      agent: stringField(agent, 'thread_id') ?? '',
      ...optional('agentType', stringField(agent, 'agent_role')),
      ...optional('description', stringField(item, 'prompt')),
    }));
  }

  #settings(record: SourceRecord, payload: unknown): EventBody[] {
    const events: EventBody[] = [];
    const model = stringField(payload, 'model');
    if (model !== undefined && model !== this.#model) {
      this.#model = model;
      events.push({ kind: 'model_change', model });
    }
    const { turn_id: _, root_turn_id: __, ...settings } = (payload ?? {}) as Readonly<Record<string, unknown>>;
    return [...events, ...this.#state('turn_context', settings, record, '/payload')];
  }

  #state(name: string, value: unknown, record: SourceRecord, pointer: string): EventBody[] {
    const text = JSON.stringify(value) ?? 'null';
    if (this.#states.get(name) === text) return [];
    this.#states.set(name, text);
    return [{ kind: 'state', name, value: record.json(value ?? null, pointer) }];
  }

  /** Of threads without usage records: the event is repeated without a new request, then its total stands still. */
  #counted(info: unknown): EventBody[] {
    const total = JSON.stringify(field(info, 'total_token_usage'));
    if (this.#recorded || total === undefined || total === this.#total) return [];
    this.#total = total;
    return this.#usage(field(info, 'last_token_usage'), undefined);
  }

  #usage(usage: unknown, responseId: string | undefined): EventBody[] {
    const tokens = tokensOf(usage);
    return [{ kind: 'usage', ...optional('responseId', responseId), ...optional('model', this.#model), tokens }];
  }
}

/** Input counts what was read from the cache and written to it, output the thinking (0.169.0). */
function tokensOf(usage: unknown): Tokens {
  const count = (name: string) => {
    const value = field(usage, name);
    return typeof value === 'number' && value > 0 ? value : 0;
  };
  const cacheRead = count('cached_input_tokens');
  const cacheWrite = count('cache_write_input_tokens');
  return {
    input: Math.max(0, count('input_tokens') - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: count('output_tokens'),
    thinking: count('reasoning_output_tokens'),
  };
}

function metaEvents(record: SourceRecord, meta: unknown, pointer: string): EventBody[] {
  const url = stringField(meta, 'git', 'repository_url');
  const source = field(meta, 'source');
  const start: EventBody = {
    kind: 'session_start',
    ...optional('session', stringField(meta, 'id')),
    ...optional('cwd', stringField(meta, 'cwd')),
    ...optional('agentVersion', stringField(meta, 'cli_version')),
    ...optional('branch', stringField(meta, 'git', 'branch')),
    ...optional('commit', stringField(meta, 'git', 'commit_hash')),
    ...optional('repository', url === undefined ? undefined : repositoryName(url)),
    ...optional('source', typeof source === 'string' ? source : undefined),
  };
  const name = field(meta, 'base_instructions') ? 'base_instructions' : 'instructions';
  const instructions = field(meta, name);
  if (!instructions) return [start];
  return [start, { kind: 'attachment', type: name, content: record.json(instructions, `${pointer}/${name}`) }];
}

/** What is put into the context under the role of the user begins with a tag or a heading; prompts are items too. */
function messageEvents(record: SourceRecord, item: unknown, pointer: string): EventBody[] {
  const role = field(item, 'role');
  const parts = partsOf(record, field(item, 'content'), `${pointer}/content`);
  if (role === 'assistant') return [{ kind: 'message', role, from: 'model', content: parts }];
  if (role === 'user' && pointer === '') return [{ kind: 'message', role, from: 'person', content: parts }];
  const [first] = [field(item, 'content')].flat();
  const text = field(first, 'text');
  if (role === 'user' && !(typeof text === 'string' && /^(<|# AGENTS\.md)/.test(text))) return [];
  const from = { kind: 'message', from: 'harness', purpose: 'context', content: parts } as const;
  return [{ ...from, role: role === 'user' ? 'user' : 'system' }];
}

function compactionBody(record: SourceRecord, payload: unknown): EventBody {
  const history = field(payload, 'replacement_history');
  const kept = (Array.isArray(history) ? history : []).flatMap((item) => stringField(item, 'id') ?? []);
  const message = field(payload, 'message');
  return {
    kind: 'compaction',
    ...(typeof message === 'string' && { summary: record.text(message, '/payload/message') }),
    ...(kept.length > 0 && { kept }),
  };
}

/** How a turn ended, and how fast its first token came. */
function turnBody(payload: unknown, type: string): EventBody {
  const number = (name: string): number | undefined => {
    const value = field(payload, name);
    return typeof value === 'number' ? value : undefined;
  };
  const value: Json = {
    status: type === 'task_complete' ? 'complete' : 'aborted',
    ...optional('reason', stringField(payload, 'reason')),
    ...optional('durationMs', number('duration_ms')),
    ...optional('firstTokenMs', number('time_to_first_token_ms')),
  };
  return { kind: 'state', name: 'turn', value };
}

function stringOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}
