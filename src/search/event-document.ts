import type { ContentPart, RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json, type Payload } from '../trajectory/payload.ts';
import type { DocumentKind, SearchDocument } from './document.ts';

/** Strings above so many characters are not searched. */
export const longestText = 16 << 20;

/** The event as a document; `undefined` where it has no text. `tool`: of the call that a result answers. */
export function documentOf(event: RecordEvent, tool?: string): SearchDocument | undefined {
  const [kind, text] = textOf(event);
  const files = event.kind === 'tool_call' ? filesOf(event.input) : [];
  if (text.trim() === '' && files.length === 0) return undefined;
  const named =
    event.kind === 'tool_call' ? event.tool : event.kind === 'tool_result' ? (event.tool ?? tool) : undefined;
  const time = event.time === undefined ? Number.NaN : Date.parse(event.time);
  return {
    seq: event.seq,
    epoch: event.at.epoch,
    record: event.at.record,
    ...(!Number.isNaN(time) && { time }),
    kind,
    error: event.kind === 'error' || (event.kind === 'tool_result' && event.error === true),
    ...(named !== undefined && { tool: named }),
    files,
    text,
  };
}

function textOf(event: RecordEvent): readonly [DocumentKind, string] {
  switch (event.kind) {
    case 'message': {
      const kind = ({ person: 'user', model: 'assistant', harness: 'system' } as const)[event.from];
      return [kind, event.content.map(partText).join('\n')];
    }
    case 'thinking':
      return ['thinking', stringOf(event.text)];
    case 'tool_call':
      return ['tool_call', `${event.tool}\n${strings(event.input)}`];
    case 'tool_result':
      return ['tool_result', strings(event.output)];
    case 'compaction':
      return ['compaction', stringOf(event.summary)];
    case 'subagent_spawn':
      return ['subagent', [event.agentType, event.description].filter(Boolean).join('\n')];
    case 'subagent_return':
      return ['subagent', stringOf(event.text)];
    case 'attachment':
      return ['attachment', [event.file ?? '', strings(event.content)].join('\n')];
    case 'error':
      return ['error', [event.code ?? '', stringOf(event.message)].join('\n')];
    case 'decision':
      return ['other', event.reason ?? ''];
    case 'state':
      return ['other', strings(event.value)];
    case 'unknown':
      return ['unknown', strings(event.raw)];
    case 'session_start':
    case 'session_end':
    case 'usage':
    case 'model_change':
    case 'rewind':
      return ['other', ''];
  }
}

function partText(part: ContentPart): string {
  if (part.type === 'text') return stringOf(part.text);
  return part.type === 'other' ? strings(part.value) : (part.name ?? '');
}

function stringOf(text: string | Payload | undefined): string {
  return typeof text === 'string' ? text : '';
}

/** Every string in a value, one a line; names of fields are not text. */
function strings(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || isPayload(value)) return '';
  return Object.values(value).map(strings).filter(Boolean).join('\n');
}

const fileFields = ['file_path', 'notebook_path', 'path', 'filePath', 'file'];

/** Paths that a tool's input names: in a field of that meaning, or in the head of a patch. */
function filesOf(input: Json): readonly string[] {
  const named = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const fields = fileFields.map((field) => named[field]).filter((path) => typeof path === 'string');
  const patches = [...strings(input).matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(
    ([, path]) => path ?? '',
  );
  return [...new Set([...fields, ...patches])];
}
