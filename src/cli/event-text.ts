import type { ContentPart, TrajectoryEvent } from '../trajectory/events.ts';
import { isPayload, type Json, type Payload } from '../trajectory/payload.ts';
import { formatBytes } from './text.ts';

/** What a payload is shown as: never its content. */
export function payloadText({ mediaType, size, ref }: Payload): string {
  return `[${mediaType} ${formatBytes(size)} ${ref.slice(0, 12)}]`;
}

/** Text of an event's field; a payload as what it is. */
export function contentText(content: string | Payload | undefined): string {
  if (content === undefined) return '';
  return typeof content === 'string' ? content : payloadText(content);
}

export function partText(part: ContentPart): string {
  switch (part.type) {
    case 'text':
      return contentText(part.text);
    case 'media':
      return payloadText(part.media);
    case 'other':
      return jsonText(part.value);
  }
}

/** JSON on one line; payloads as what they are, a text alone without its quotes. */
export function jsonText(value: Json): string {
  if (typeof value === 'string') return value;
  if (isPayload(value)) return payloadText(value);
  return JSON.stringify(value, (_, item) => (isPayload(item) ? payloadText(item) : item)) ?? 'null';
}

/** What came out of a tool, as text: the texts of its parts. */
export function outputText(output: Json): string {
  if (!Array.isArray(output)) return jsonText(output);
  return output
    .map((part) => {
      const { type, text, media } = (part ?? {}) as Readonly<Record<string, unknown>>;
      if (isPayload(media)) return payloadText(media);
      return type === 'text' && (typeof text === 'string' || isPayload(text)) ? contentText(text) : jsonText(part);
    })
    .join('\n');
}

/** What a call was about: its most telling argument, else all. */
export function inputText(input: Json): string {
  if (typeof input !== 'object' || input === null || isPayload(input) || Array.isArray(input)) return jsonText(input);
  const fields = input as Readonly<Record<string, Json | undefined>>;
  for (const name of ['command', 'cmd', 'file_path', 'path', 'pattern', 'query', 'url', 'description', 'prompt']) {
    const value = fields[name];
    if (typeof value === 'string') return value;
    if (Array.isArray(value)) return value.map(jsonText).join(' ');
  }
  return jsonText(input);
}

/** An event in a few words: what it is, and what it says. */
export function eventText(event: TrajectoryEvent): { readonly label: string; readonly text: string } {
  switch (event.kind) {
    case 'session_start':
      return { label: 'start', text: [event.cwd, event.branch, event.agentVersion].filter(Boolean).join(' · ') };
    case 'session_end':
      return { label: 'end', text: event.reason ?? '' };
    case 'message': {
      const label = event.prompt ? 'prompt' : event.from === 'model' ? event.role : (event.purpose ?? event.from);
      return { label, text: event.content.map(partText).join('\n') };
    }
    case 'thinking':
      return { label: 'thinking', text: contentText(event.text) };
    case 'tool_call':
      return { label: 'call', text: `${event.tool}  ${inputText(event.input)}` };
    case 'tool_result':
      return { label: event.error ? 'failed' : 'result', text: outputText(event.output) };
    case 'decision':
      return { label: event.decision, text: event.reason ?? '' };
    case 'usage': {
      const { input, cacheRead, cacheWrite, output } = event.tokens;
      return { label: 'usage', text: `in ${input}, cached ${cacheRead}, written ${cacheWrite}, out ${output}` };
    }
    case 'model_change':
      return { label: 'model', text: event.model };
    case 'state':
      return { label: 'state', text: `${event.name}: ${jsonText(event.value)}` };
    case 'compaction':
      return { label: 'compact', text: contentText(event.summary) };
    case 'rewind':
      return { label: 'rewind', text: event.to ?? '' };
    case 'subagent_spawn':
      return { label: 'spawn', text: [event.agent, event.agentType, event.description].filter(Boolean).join(' · ') };
    case 'subagent_return':
      return { label: 'return', text: [event.agent, event.status].filter(Boolean).join(' · ') };
    case 'attachment':
      return { label: 'attached', text: event.file ?? event.type };
    case 'error':
      return { label: 'error', text: contentText(event.message) };
    case 'unknown':
      return { label: 'unknown', text: `${event.type ?? event.reason}: ${jsonText(event.raw)}` };
    case 'coordination':
      return { label: event.op, text: event.slot.register };
  }
}

/** One line. */
export function firstLine(text: string): string {
  return text.slice(0, 2000).replace(/\s+/g, ' ').trim();
}
