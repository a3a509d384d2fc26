import {
  type ContentPart,
  type EventBody,
  field,
  type Json,
  optional,
  type SourceRecord,
  stringField,
} from '../../src/harness/index.ts';

/** What an item that was completed said of a call, until the call's output comes. */
export interface CallDetails {
  readonly details: Json;
  readonly exitCode?: number;
  readonly durationMs?: number;
  readonly failed?: boolean;
}

/** Parts of a message, or of an output that is a list. */
export function partsOf(record: SourceRecord, content: unknown, pointer: string): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: record.text(content, pointer) }];
  return (Array.isArray(content) ? content : []).map((part, i) => partOf(record, part, `${pointer}/${i}`));
}

function partOf(record: SourceRecord, part: unknown, pointer: string): ContentPart {
  const text = field(part, 'text');
  if (typeof text === 'string') return { type: 'text', text: record.text(text, `${pointer}/text`) };
  const url = field(part, 'image_url');
  const mediaType =
    typeof url === 'string' ? /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url.slice(0, 200))?.[1] : undefined;
  if (typeof url === 'string' && mediaType !== undefined) {
    return { type: 'media', media: record.media(url, mediaType, `${pointer}/image_url`, 'data-url') };
  }
  return { type: 'other', value: record.json(part, pointer) };
}

/** The model's call: arguments are the JSON that a string holds, or the text of a custom tool. */
export function callBody(record: SourceRecord, item: unknown, pointer: string): EventBody {
  const namespace = stringField(item, 'namespace');
  const name = stringField(item, 'name') ?? stringField(item, 'type')?.replace(/_call$/, '') ?? '';
  const text = field(item, 'arguments') ?? field(item, 'input');
  const where = `${pointer}/${field(item, 'arguments') === undefined ? 'input' : 'arguments'}`;
  const input =
    typeof text === 'string'
      ? record.parsed(text, where)
      : record.json(field(item, 'action') ?? text ?? null, `${pointer}/action`);
  const server = field(item, 'type') === 'web_search_call';
  return {
    kind: 'tool_call',
    callId: stringField(item, 'call_id') ?? stringField(item, 'id') ?? '',
    tool: name,
    ...optional('namespace', namespace),
    input,
    ...(server && { server }),
  };
}

/** The output that the model saw, with what the agent said of the call before. */
export function outputBody(
  record: SourceRecord,
  item: unknown,
  pointer: string,
  call: CallDetails | undefined,
): EventBody {
  const shown = field(item, 'output');
  const output =
    typeof shown === 'string'
      ? record.parsed(shown, `${pointer}/output`)
      : Array.isArray(shown)
        ? (partsOf(record, shown, `${pointer}/output`) as readonly Json[])
        : record.json(shown ?? null, `${pointer}/output`);
  const said =
    typeof shown === 'string' ? /^Process exited with code (-?\d+)$/m.exec(shown.slice(0, 500))?.[1] : undefined;
  const legacy = legacyFacts(shown);
  const exitCode = call?.exitCode ?? legacy.exitCode ?? (said === undefined ? undefined : Number(said));
  const durationMs = call?.durationMs ?? legacy.durationMs;
  const failed = call?.failed === true || (exitCode !== undefined && exitCode !== 0);
  return {
    kind: 'tool_result',
    callId: stringField(item, 'call_id') ?? '',
    output,
    ...(failed && { error: true as const }),
    ...optional('exitCode', exitCode),
    ...optional('durationMs', durationMs),
    ...optional('details', call?.details),
  };
}

/** Up to 0.6x an output was the JSON `{output, metadata: {exit_code, duration_seconds}}` in a string. */
function legacyFacts(shown: unknown): { readonly exitCode?: number; readonly durationMs?: number } {
  if (typeof shown !== 'string' || !shown.startsWith('{"output":')) return {};
  const tail = shown.slice(-200);
  const exitCode = /"exit_code":(-?\d+)/.exec(tail)?.[1];
  const seconds = /"duration_seconds":([\d.]+)/.exec(tail)?.[1];
  return {
    ...(exitCode !== undefined && { exitCode: Number(exitCode) }),
    ...(seconds !== undefined && { durationMs: Math.round(1000 * Number(seconds)) }),
  };
}

/** What an item says of the call that has its id. */
export function detailsOf(record: SourceRecord, payload: unknown): CallDetails {
  const item = field(payload, 'item');
  const exitCode = field(item, 'exit_code');
  const status = field(item, 'status');
  const from = field(payload, 'started_at_ms');
  const to = field(payload, 'completed_at_ms');
  const durationMs = typeof from === 'number' && typeof to === 'number' && to >= from ? to - from : undefined;
  return {
    details: record.json(item, '/payload/item'),
    ...(typeof exitCode === 'number' && { exitCode }),
    ...optional('durationMs', durationMs),
    ...((status === 'failed' || status === 'declined') && { failed: true }),
  };
}
