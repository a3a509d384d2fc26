import {
  type EventBody,
  field,
  optional,
  type RecordFacts,
  type SourceRecord,
  stringField,
} from '../../src/harness/index.ts';
import { promptOf } from './records.ts';

/** What a record of the chain says of itself. */
export function factsOf(value: unknown): RecordFacts {
  return {
    ...optional('time', stringField(value, 'timestamp')),
    ...optional('id', stringField(value, 'uuid')),
    ...optional('parentId', stringField(value, 'parentUuid')),
    ...(field(value, 'isSidechain') === true && field(value, 'agentId') === undefined && { sidechain: true as const }),
  };
}

/** What a `user` record that is no prompt is for. */
export function purposeOf(value: unknown): string {
  if (field(value, 'isCompactSummary') === true) return 'summary';
  const text = promptOf(value);
  if (/^<command-(name|message)>/.test(text)) return 'command';
  return /^<local-command-/.test(text) ? 'command-output' : 'context';
}

/** A sub-agent's return: `<task-notification>` with one element for each fact (2.1.329). */
export function notificationBody(record: SourceRecord, text: string, pointer: string): EventBody {
  const say = (name: string) => new RegExp(`<${name}>([^<]{1,200})</${name}>`).exec(text)?.[1];
  return {
    kind: 'subagent_return',
    ...optional('callId', say('tool-use-id')),
    agent: say('task-id') ?? '',
    ...optional('status', say('status')),
    text: record.text(text, pointer),
  };
}

export function systemBody(record: SourceRecord): EventBody {
  const { value } = record;
  const subtype = stringField(value, 'subtype') ?? 'system';
  if (subtype === 'compact_boundary') {
    const facts = field(value, 'compactMetadata');
    const before = field(facts, 'preTokens');
    const after = field(facts, 'postTokens');
    const kept = field(facts, 'preservedMessages', 'uuids');
    return {
      kind: 'compaction',
      ...optional('trigger', stringField(facts, 'trigger')),
      ...(typeof before === 'number' && { tokensBefore: before }),
      ...(typeof after === 'number' && { tokensAfter: after }),
      ...(Array.isArray(kept) && { kept: kept.filter((id) => typeof id === 'string') }),
    };
  }
  if (subtype === 'api_error') {
    const message = stringField(value, 'error', 'message') ?? stringField(value, 'content') ?? 'API error';
    const status = field(value, 'error', 'status');
    return { kind: 'error', message, ...(typeof status === 'number' && { code: String(status) }) };
  }
  return { kind: 'attachment', type: subtype, content: record.raw() };
}

export function attachmentBody(record: SourceRecord): EventBody {
  const attachment = field(record.value, 'attachment');
  const type = stringField(attachment, 'type') ?? 'attachment';
  const prompt = field(attachment, 'prompt');
  if (type === 'queued_command' && typeof prompt === 'string') {
    if (prompt.startsWith('<task-notification>')) return notificationBody(record, prompt, '/attachment/prompt');
    const content = [{ type: 'text' as const, text: record.text(prompt, '/attachment/prompt') }];
    return { kind: 'message', role: 'user', from: 'person', purpose: 'queued', content };
  }
  return { kind: 'attachment', type, content: record.json(attachment ?? null, '/attachment') };
}
