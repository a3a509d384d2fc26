import type { ExportSource } from '../../src/export/source.ts';
import type { EventBody, RecordEvent } from '../../src/trajectory/events.ts';

/** Events of one stream from their bodies. */
export function eventsOf(stream: string, bodies: readonly (EventBody & { readonly time?: string })[]): RecordEvent[] {
  let turn = 0;
  return bodies.map((body, seq) => {
    if (body.kind === 'message' && body.prompt) turn++;
    return { v: 1, seq, turn, at: { stream, epoch: 0, record: seq }, ...body };
  });
}

export function sourceOf(streams: Readonly<Record<string, readonly RecordEvent[]>>, title?: string): ExportSource {
  return {
    harness: 'claude-code',
    session: '49d9aac8-4336-424d-8f44-ade0771584a6',
    line: title === undefined ? undefined : lineOf(title),
    streams: Object.keys(streams),
    async *events(stream) {
      yield* streams[stream] ?? [];
    },
    payload: async () => new Uint8Array(),
  };
}

export function lineOf(title: string) {
  const none = { turns: 0, records: 0, bytes: 0, agents: 0, unknown: 0, redactions: 0 };
  const session = '49d9aac8-4336-424d-8f44-ade0771584a6';
  const updatedAt = '2026-11-21T10:00:00.000Z';
  return {
    harness: 'claude-code',
    session,
    state: 'active',
    host: 'host',
    mirror: 'm',
    title,
    ...none,
    updatedAt,
  } as const;
}

export function prompt(text: string): EventBody {
  return { kind: 'message', role: 'user', from: 'person', prompt: true, content: [{ type: 'text', text }] };
}

export function answer(text: string): EventBody {
  return { kind: 'message', role: 'assistant', from: 'model', content: [{ type: 'text', text }] };
}

export async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
