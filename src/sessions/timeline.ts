import type { CoordinationEvent, RecordEvent } from '../trajectory/events.ts';
import type { SharedStep } from './shared-steps.ts';

/** An event of a session, or a step of what agents share. */
export type TimelineEvent =
  | { readonly harness: string; readonly session: string; readonly event: RecordEvent }
  | { readonly event: CoordinationEvent };

/** Something in the one order, and what put it there. */
export type TimelineEntry = TimelineEvent & {
  /** ISO 8601, by the clock that `order` names; absent where nothing tells. */
  readonly time?: string;
  /**
   * `store`: by the store's clock, which is one for all. `host`: by its host's clock, which may be wrong. `cause`: its
   * time says earlier, but something that led to it stands before it.
   */
  readonly order: 'store' | 'host' | 'cause';
};

interface Item {
  readonly entry: TimelineEvent;
  readonly time: number;
  readonly order: 'store' | 'host';
  /** What has to stand before, by name. */
  readonly after: readonly string[];
  /** By which others name it. */
  readonly names: readonly string[];
}

/** Events of one stream of a session, in its order. */
export interface TimelineStream {
  readonly harness: string;
  readonly session: string;
  readonly stream: string;
  readonly events: readonly RecordEvent[];
}

/**
 * One order for what several agents did: each stream and each register in its own order; a message before the step that
 * passes it, a sub-agent's work after its start; everything else by time.
 */
export function* orderTimeline(
  streams: readonly TimelineStream[],
  steps: readonly SharedStep[],
): Generator<TimelineEntry> {
  const lanes = [...streams.map(laneOfStream), ...lanesOfSteps(steps)].filter((lane) => lane.length > 0);
  const pending = new Set(lanes.flatMap((lane) => lane.flatMap(({ names }) => names)));
  const at = lanes.map(() => 0);
  let last = Number.NEGATIVE_INFINITY;
  for (;;) {
    let best: number | undefined;
    let free = false;
    for (let lane = 0; lane < lanes.length; lane++) {
      const item = lanes[lane]?.[at[lane] ?? 0];
      if (!item) continue;
      const isFree = item.after.every((name) => !pending.has(name));
      const other = best === undefined ? undefined : lanes[best]?.[at[best] ?? 0];
      // Damaged or forged steps may wait for each other: then time decides.
      if (!other || (isFree && !free) || (isFree === free && item.time < other.time)) {
        best = lane;
        free = isFree;
      }
    }
    const item = best === undefined ? undefined : lanes[best]?.[at[best] ?? 0];
    if (best === undefined || !item) return;
    at[best] = (at[best] ?? 0) + 1;
    for (const name of item.names) pending.delete(name);
    const isLate = item.time < last;
    last = Math.max(last, item.time);
    const time = Number.isFinite(item.time) ? { time: new Date(item.time).toISOString() } : {};
    yield { ...item.entry, ...time, order: isLate ? 'cause' : item.order };
  }
}

function laneOfStream({ harness, session, stream, events }: TimelineStream): Item[] {
  let time = Number.NEGATIVE_INFINITY;
  const agent = /^agent-(.+)$/.exec(stream)?.[1];
  return events.map((event, i) => {
    const own = Date.parse(event.time ?? '');
    // Without a time of its own, or with an earlier one than the event before, it stands where its stream has it.
    if (!Number.isNaN(own)) time = Math.max(time, own);
    return {
      entry: { harness, session, event },
      time,
      order: 'host',
      after: i === 0 && agent !== undefined ? [spawnName(harness, session, agent)] : [],
      names: event.kind === 'subagent_spawn' ? [spawnName(harness, session, event.agent)] : [],
    };
  });
}

function spawnName(harness: string, session: string, agent: string): string {
  return `spawn ${harness}/${session}/${agent}`;
}

/** A lane for each register; a cursor's step waits for the messages that it passes. */
function lanesOfSteps(steps: readonly SharedStep[]): Item[][] {
  const lanes = new Map<string, Item[]>();
  const messages = new Map<string, number[]>();
  for (const { event } of steps) {
    const { register, n } = event.slot;
    if (!register.startsWith('messages/')) continue;
    const known = messages.get(register);
    if (known) known.push(n);
    else messages.set(register, [n]);
  }
  const acked = new Map<string, number>();
  for (const { event, stored } of steps) {
    const { register, n } = event.slot;
    const lane = lanes.get(register) ?? [];
    lanes.set(register, lane);
    const passed = ackedBy(event);
    const channel = `messages/${register.split('/')[2] ?? ''}`;
    const before = acked.get(register) ?? 0;
    if (passed !== undefined) acked.set(register, Math.max(before, passed));
    const after =
      passed === undefined ? [] : (messages.get(channel) ?? []).filter((one) => one > before && one <= passed);
    lane.push({
      entry: { event },
      time: Math.max(stored, lane.at(-1)?.time ?? stored),
      order: 'store',
      after: after.map((one) => `${channel} ${one}`),
      names: [`${register} ${n}`],
    });
  }
  return [...lanes.values()];
}

/** Up to which message a step of a cursor has passed its channel. */
function ackedBy({ slot, value }: CoordinationEvent): number | undefined {
  if (!slot.register.startsWith('cursors/') || typeof value !== 'object' || value === null) return undefined;
  const { acked } = value as { readonly acked?: unknown };
  return typeof acked === 'number' ? acked : undefined;
}
