import {
  type ContentPart,
  type EventBody,
  field,
  optional,
  type SourceRecord,
  stringField,
} from '../../src/harness/index.ts';

/** A block of a message that is neither a call nor a result. */
export function partOf(record: SourceRecord, block: unknown, pointer: string): ContentPart {
  const text = field(block, 'text');
  if (field(block, 'type') === 'text' && typeof text === 'string') {
    return { type: 'text', text: record.text(text, `${pointer}/text`) };
  }
  const source = field(block, 'source');
  const data = field(source, 'data');
  if (field(source, 'type') === 'base64' && typeof data === 'string') {
    const mediaType = stringField(source, 'media_type') ?? 'application/octet-stream';
    return {
      type: 'media',
      media: record.media(data, mediaType, `${pointer}/source/data`),
      ...optional('name', stringField(block, 'title')),
    };
  }
  return { type: 'other', value: record.json(block, pointer) };
}

/** A block of the model's answer. */
export function answerEvents(
  record: SourceRecord,
  block: unknown,
  pointer: string,
  messageId: string | undefined,
): EventBody[] {
  const ofMessage = optional('messageId', messageId);
  switch (field(block, 'type')) {
    case 'thinking': {
      const text = field(block, 'thinking');
      return [
        {
          kind: 'thinking',
          text: typeof text === 'string' ? record.text(text, `${pointer}/thinking`) : '',
          ...ofMessage,
        },
      ];
    }
    case 'redacted_thinking':
      return [{ kind: 'thinking', text: '', encrypted: true, ...ofMessage }];
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return [
        {
          kind: 'tool_call',
          callId: stringField(block, 'id') ?? '',
          tool: stringField(block, 'name') ?? '',
          input: record.json(field(block, 'input') ?? null, `${pointer}/input`),
          ...ofMessage,
          ...(field(block, 'type') !== 'tool_use' && { server: true as const }),
        },
      ];
    default: {
      const callId = stringField(block, 'tool_use_id');
      if (callId !== undefined) {
        const output = record.json(field(block, 'content') ?? null, `${pointer}/content`);
        return [{ kind: 'tool_result', callId, output }];
      }
      const content = [partOf(record, block, pointer)];
      return [{ kind: 'message', role: 'assistant', from: 'model', content, ...ofMessage }];
    }
  }
}

/** A result, and what it says of a sub-agent that the call started. */
export function resultEvents(record: SourceRecord, block: unknown, pointer: string): EventBody[] {
  const callId = stringField(block, 'tool_use_id') ?? '';
  const details = field(record.value, 'toolUseResult');
  const content = field(block, 'content');
  const output = Array.isArray(content)
    ? content.map((part, i) => outputOf(record, part, `${pointer}/content/${i}`))
    : record.json(content ?? null, `${pointer}/content`);
  const files = sideFilesOf(details);
  const durationMs = field(details, 'durationMs') ?? field(details, 'totalDurationMs');
  const events: EventBody[] = [
    {
      kind: 'tool_result',
      callId,
      output,
      ...(field(block, 'is_error') === true && { error: true as const }),
      ...(typeof durationMs === 'number' && { durationMs }),
      ...(details !== undefined && { details: detailsOf(record, details) }),
      ...(files.length > 0 && { files }),
    },
  ];
  if (/^(Error: )?The user doesn't want to (proceed|take this action)|^User rejected/.test(textOf(details, content))) {
    events.push({ kind: 'decision', callId, decision: 'denied' });
  }
  const agent = stringField(details, 'agentId');
  if (agent !== undefined) {
    const agentType = stringField(details, 'agentType');
    const description = stringField(details, 'description');
    events.push({
      kind: 'subagent_spawn',
      callId,
      agent,
      ...optional('agentType', agentType),
      ...optional('description', description),
    });
    const status = stringField(details, 'status');
    if (status !== 'async_launched') {
      events.push({ kind: 'subagent_return', callId, agent, ...optional('status', status) });
    }
  }
  return events;
}

function textOf(details: unknown, content: unknown): string {
  if (typeof details === 'string') return details;
  return typeof content === 'string' ? content : '';
}

/** Text stays a block; an image is one whose data is a payload. */
function outputOf(record: SourceRecord, part: unknown, pointer: string) {
  const shown = partOf(record, part, pointer);
  return shown.type === 'media' ? { ...shown } : record.json(part, pointer);
}

/** An image that was read stands here once more (2.1.329). */
function detailsOf(record: SourceRecord, details: unknown) {
  const data = field(details, 'file', 'base64');
  if (typeof data !== 'string') return record.json(details, '/toolUseResult');
  const { file, ...rest } = details as { readonly file: Readonly<Record<string, unknown>> };
  const { base64: _, ...facts } = file;
  const mediaType = stringField(file, 'type') ?? 'application/octet-stream';
  const media = record.media(data, mediaType, '/toolUseResult/file/base64');
  const shown = record.json(facts, '/toolUseResult/file') as Readonly<Record<string, never>>;
  return {
    ...(record.json(rest, '/toolUseResult') as Readonly<Record<string, never>>),
    file: { ...shown, base64: media },
  };
}

/** A long output lies beside the transcript, and the record has its path on the host that wrote it. */
function sideFilesOf(details: unknown): string[] {
  const path = stringField(details, 'persistedOutputPath');
  const name = path === undefined ? undefined : /[\\/](tool-results[\\/][^\\/]+)$/.exec(path)?.[1];
  return name === undefined ? [] : [name.replace('\\', '/')];
}
