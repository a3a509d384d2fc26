import type { RecordEvent } from './events.ts';

/**
 * What readers who may not see it can be spared: what was said, what the model thought, what tools were given, what
 * came back, and names of people, hosts, folders, repositories and branches.
 */
export const maskable = ['text', 'thinking', 'input', 'output', 'names'] as const;
export type Masked = (typeof maskable)[number];

/** Stands for what was masked. */
const maskText = '[masked]';

/** An event without these fields; its kind, number, place, ids, times, tools and counts stay. */
export function maskEvent(event: RecordEvent, masked: ReadonlySet<Masked>): RecordEvent {
  const of = (field: Masked, change: object): RecordEvent =>
    masked.has(field) ? ({ ...event, ...present(event, change) } as RecordEvent) : event;
  switch (event.kind) {
    case 'message':
      return of('text', { content: event.content.map(() => ({ type: 'text', text: maskText })) });
    case 'thinking':
      return of('thinking', { text: maskText });
    case 'tool_call':
      return of('input', { input: maskText });
    case 'tool_result':
      return of('output', { output: maskText, details: maskText, files: [] });
    case 'attachment':
      return of('output', { content: maskText, file: maskText });
    case 'compaction':
      return of('text', { summary: maskText });
    case 'subagent_spawn':
      return of('text', { description: maskText });
    case 'subagent_return':
      return of('text', { text: maskText });
    case 'decision':
      return of('text', { reason: maskText });
    case 'error':
      return of('output', { message: maskText });
    // Nobody knows what is in them.
    case 'unknown':
      return masked.size > 0 ? { ...event, raw: maskText } : event;
    case 'state':
      return masked.size > 0 ? { ...event, value: maskText } : event;
    case 'session_start':
      return of('names', { cwd: maskText, branch: maskText, commit: maskText, repository: maskText });
    default:
      return event;
  }
}

const names = ['user', 'host', 'agent', 'cwd', 'repository', 'branch', 'hosts'];

/** What is known of a session without these fields: its title is text, too. */
export function maskFacts<T extends object>(facts: T, masked: ReadonlySet<Masked>): T {
  const fields = [...(masked.has('text') ? ['title'] : []), ...(masked.has('names') ? names : [])];
  const change = Object.fromEntries(fields.map((field) => [field, field === 'hosts' ? [] : maskText]));
  return { ...facts, ...present(facts, change) };
}

/** Only what is there is masked: absent fields say nothing. */
function present(of: object, change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([field]) => field in of));
}
