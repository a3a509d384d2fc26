import type { ContentPart, RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json, type Payload } from '../trajectory/payload.ts';

/** What an event is shown as in a text: a heading and its content, or nothing for what is no part of the reading. */
export interface Block {
  readonly kind: 'user' | 'assistant' | 'thinking' | 'call' | 'result' | 'note' | 'error';
  readonly heading: string;
  /** Prose, which may be Markdown. */
  readonly text?: string;
  /** To be shown letter by letter. */
  readonly code?: string;
}

/** Content that stays where it is: what, how large, which. */
function placeholder({ mediaType, size, ref }: Payload): string {
  return `[${mediaType}, ${size} bytes, sha256 ${ref.slice(0, 16)}]`;
}

export function textOf(content: string | Payload | undefined): string {
  return content === undefined || typeof content === 'string' ? (content ?? '') : placeholder(content);
}

function partText(part: ContentPart): string {
  if (part.type === 'text') return textOf(part.text);
  return part.type === 'media' ? `${part.name ?? ''} ${placeholder(part.media)}`.trim() : jsonText(part.value);
}

/** JSON as it is read: strings alone as they are, payloads as placeholders. */
export function jsonText(value: Json | undefined): string {
  if (typeof value === 'string' || value === undefined) return value ?? '';
  if (isPayload(value)) return placeholder(value);
  return JSON.stringify(value, (_, item) => (isPayload(item) ? placeholder(item) : item), 2);
}

/** What came out of a tool: the texts of its parts. */
export function outputText(output: Json): string {
  if (!Array.isArray(output)) return jsonText(output);
  return output
    .map((part: Json) => {
      const { type, text, media } = (part ?? {}) as {
        readonly type?: Json;
        readonly text?: Json;
        readonly media?: Json;
      };
      if (isPayload(media)) return placeholder(media);
      return type === 'text' && text !== undefined ? jsonText(text) : jsonText(part);
    })
    .join('\n');
}

/** An event as a block; `undefined` for counters, settings and the like. Pure. */
export function blockOf(event: RecordEvent): Block | undefined {
  switch (event.kind) {
    case 'message': {
      const text = event.content.map(partText).join('\n\n');
      if (event.from === 'model') return text === '' ? undefined : { kind: 'assistant', heading: 'Assistant', text };
      if (event.from === 'person')
        return { kind: 'user', heading: event.prompt ? `Prompt ${event.turn}` : 'User', text };
      return { kind: 'note', heading: `Harness${event.purpose === undefined ? '' : `: ${event.purpose}`}`, code: text };
    }
    case 'thinking':
      return event.text === '' ? undefined : { kind: 'thinking', heading: 'Thinking', text: textOf(event.text) };
    case 'tool_call':
      return { kind: 'call', heading: `Call: ${event.tool}`, code: jsonText(event.input) };
    case 'tool_result': {
      const failed = event.error ? ', failed' : '';
      const exit = event.exitCode === undefined ? '' : `, exit ${event.exitCode}`;
      return {
        kind: 'result',
        heading: `Result${event.tool === undefined ? '' : `: ${event.tool}`}${failed}${exit}`,
        code: outputText(event.output),
      };
    }
    case 'decision':
      return { kind: 'note', heading: `Decision: ${event.decision}`, text: event.reason ?? '' };
    case 'compaction':
      return { kind: 'note', heading: 'Compaction', text: textOf(event.summary) };
    case 'rewind':
      return { kind: 'note', heading: 'Rewind', text: event.to ?? '' };
    case 'subagent_spawn': {
      const about = [event.agentType, event.description].filter((part) => part !== undefined).join(': ');
      return { kind: 'note', heading: `Sub-agent ${event.agent} starts`, text: about };
    }
    case 'subagent_return':
      return { kind: 'note', heading: `Sub-agent ${event.agent} returns`, text: textOf(event.text) };
    case 'attachment':
      return { kind: 'note', heading: `Attachment: ${event.type}`, code: event.file ?? jsonText(event.content) };
    case 'error':
      return {
        kind: 'error',
        heading: `Error${event.code === undefined ? '' : ` ${event.code}`}`,
        code: textOf(event.message),
      };
    case 'model_change':
      return { kind: 'note', heading: `Model: ${event.model}` };
    case 'unknown':
      return { kind: 'note', heading: `Unknown: ${event.type ?? event.reason}`, code: jsonText(event.raw) };
    case 'session_start':
    case 'session_end':
    case 'usage':
    case 'state':
      return undefined;
  }
}
