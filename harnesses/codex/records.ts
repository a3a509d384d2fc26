import { field, type SessionKind, stringField } from '../../src/harness/index.ts';

/** Record types of 0.169.0, and the bare items of the first versions. */
export const known: ReadonlySet<unknown> = new Set(
  `session_meta response_item event_msg turn_context world_state token_usage_record compacted
   message reasoning function_call function_call_output local_shell_call`.split(/\s+/),
);

/** The payload of `session_meta`; the first versions wrote it bare: `{id, timestamp, instructions, git}`. */
export function metaOf(record: unknown): unknown {
  if (field(record, 'type') === 'session_meta') return field(record, 'payload');
  return field(record, 'type') === undefined && stringField(record, 'id') !== undefined ? record : undefined;
}

/** A person's prompt in an `event_msg`: an item since threads are paginated, an event of its own before. */
export function promptOf(payload: unknown): unknown {
  if (field(payload, 'type') === 'user_message') return field(payload, 'message') ?? '';
  if (field(payload, 'type') !== 'item_completed' || field(payload, 'item', 'type') !== 'UserMessage') return undefined;
  const content = field(payload, 'item', 'content');
  const text = Array.isArray(content) ? content.find((part) => field(part, 'type') === 'text') : undefined;
  return field(text, 'text') ?? '';
}

/** By the `source` of `session_meta` (0.169.0): a sub-agent's is an object, and the first versions wrote none. */
export function kindOf(meta: unknown): SessionKind | undefined {
  const source = stringField(meta, 'source');
  if (source === undefined) return undefined;
  if (source === 'exec') return 'batch';
  return source === 'cli' || source === 'vscode' ? 'interactive' : 'sdk';
}

/** The event that closes a turn (0.169.0). */
export function endsTurn(record: unknown): boolean {
  if (field(record, 'type') !== 'event_msg') return false;
  return ['task_complete', 'turn_complete', 'turn_aborted'].includes(String(field(record, 'payload', 'type')));
}

/** 0.169.0 tells its model that another one wrote the summary. */
export function unwrapped(summary: string): string {
  return summary.replace(/^Another language model started to solve this problem [^\n]*\n+/, '').trim();
}
