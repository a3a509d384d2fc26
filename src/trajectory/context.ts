import type { RecordEvent } from './events.ts';

/**
 * Events as the model sees them at the end: without what a rewind left behind, and of what a compaction put away only
 * what it kept. Usage, state and links stay: they are not part of the context.
 */
export function contextOf(events: readonly RecordEvent[]): readonly RecordEvent[] {
  let kept: RecordEvent[] = [];
  for (const event of events) {
    if (event.kind === 'rewind' && event.to !== undefined) {
      const to = kept.findLastIndex(({ id }) => id === event.to);
      if (to >= 0) kept = kept.filter((one, i) => i <= to || !isContext(one));
    }
    if (event.kind === 'compaction') {
      const [first] = event.kept ?? [];
      // One id is the first that stays; several are all that stay.
      const from = event.kept?.length === 1 ? kept.findIndex(({ id }) => id === first) : -1;
      const stays = (one: RecordEvent, i: number) =>
        !isContext(one) || (from >= 0 && i >= from) || (one.id !== undefined && event.kept?.includes(one.id));
      kept = kept.filter(stays);
    }
    kept.push(event);
  }
  return kept;
}

function isContext({ kind }: RecordEvent): boolean {
  return kind === 'message' || kind === 'thinking' || kind === 'tool_call' || kind === 'tool_result';
}
