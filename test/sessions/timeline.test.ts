import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SharedStep } from '../../src/sessions/shared-steps.ts';
import { orderTimeline, type TimelineStream } from '../../src/sessions/timeline.ts';
import type { EventBody, RecordEvent } from '../../src/trajectory/events.ts';
import type { Json } from '../../src/trajectory/payload.ts';

function stream(
  name: string,
  session: string,
  events: readonly (EventBody & { readonly time?: string })[],
): TimelineStream {
  const placed = events.map(
    (event, seq): RecordEvent => ({ v: 1, seq, turn: 0, at: { stream: name, epoch: 0, record: seq }, ...event }),
  );
  return { harness: 'h', session, stream: name, events: placed };
}

function step(register: string, n: number, stored: number, value: Json = {}): SharedStep {
  return { stored, event: { v: 1, kind: 'coordination', slot: { register, n }, op: 'write', value } };
}

const at = (ms: number) => new Date(ms).toISOString();
const state = (time?: number): EventBody & { readonly time?: string } => ({
  kind: 'state',
  name: 'n',
  value: 1,
  ...(time !== undefined && { time: at(time) }),
});

test('by time across sessions; what has no time stands where its stream has it', () => {
  const entries = [
    ...orderTimeline(
      [stream('main', 'a', [state(1), state(), state(5)]), stream('main', 'b', [state(3)])],
      [step('tasks/t', 1, 4)],
    ),
  ];
  expect(entries.map((entry) => [('session' in entry && entry.session) || 'shared', entry.order])).toEqual([
    ['a', 'host'],
    ['a', 'host'],
    ['b', 'host'],
    ['shared', 'store'],
    ['a', 'host'],
  ]);
});

test('a message stands before the step that passes it, whatever the clocks say', () => {
  const steps = [
    step('cursors/bob/=40bob', 1, 10, { acked: 2 }),
    step('messages/=40bob', 1, 5),
    step('messages/=40bob', 2, 30),
    step('messages/=40bob', 3, 40),
  ];
  const entries = [...orderTimeline([], steps)];
  expect(
    entries.map(({ event, order }) => [
      event.kind === 'coordination' && `${event.slot.register} ${event.slot.n}`,
      order,
    ]),
  ).toEqual([
    ['messages/=40bob 1', 'store'],
    ['messages/=40bob 2', 'store'],
    ['cursors/bob/=40bob 1', 'cause'],
    ['messages/=40bob 3', 'store'],
  ]);
});

test('a sub-agent stands after its start', () => {
  const parent = stream('main', 's', [{ kind: 'subagent_spawn', agent: 'x', time: at(100) }]);
  const child = stream('agent-x', 's', [state(50)]);
  expect([...orderTimeline([child, parent], [])].map(({ event, order }) => [event.kind, order])).toEqual([
    ['subagent_spawn', 'host'],
    ['state', 'cause'],
  ]);
});

test('steps that wait for each other do not stop it', () => {
  const parent = stream('agent-x', 's', [{ kind: 'subagent_spawn', agent: 'y', time: at(1) }]);
  const child = stream('agent-y', 's', [{ kind: 'subagent_spawn', agent: 'x', time: at(2) }]);
  expect([...orderTimeline([parent, child], [])]).toHaveLength(2);
});

test('everything once, every lane in its own order', () => {
  const times = fc.array(fc.option(fc.nat(1000), { nil: undefined }), { maxLength: 8 });
  const slots = fc.array(
    fc.tuple(fc.constantFrom('tasks/a', 'messages/c', 'cursors/b/c', 'memory/m'), fc.nat(1000), fc.nat(5)),
    { maxLength: 15 },
  );
  fc.assert(
    fc.property(fc.array(times, { maxLength: 5 }), slots, (sessions, shared) => {
      const streams = sessions.map((own, i) => stream('main', `s${i}`, own.map(state)));
      const numbers = new Map<string, number>();
      const steps = shared.map(([register, stored, acked]) => {
        const n = (numbers.get(register) ?? 0) + 1;
        numbers.set(register, n);
        return step(register, n, stored, { acked });
      });
      steps.sort((a, b) =>
        a.event.slot.register < b.event.slot.register
          ? -1
          : a.event.slot.register > b.event.slot.register
            ? 1
            : a.event.slot.n - b.event.slot.n,
      );
      const entries = [...orderTimeline(streams, steps)];
      expect(entries).toHaveLength(sessions.flat().length + steps.length);
      const lanes = new Map<string, number[]>();
      for (const entry of entries) {
        const { event } = entry;
        const [lane, n] =
          event.kind === 'coordination'
            ? [event.slot.register, event.slot.n]
            : [('session' in entry && entry.session) || '', event.seq];
        lanes.set(lane, [...(lanes.get(lane) ?? []), n]);
      }
      for (const own of lanes.values()) expect(own).toEqual([...own].sort((a, b) => a - b));
      const position = (register: string, n: number) =>
        entries.findIndex(
          ({ event }) => event.kind === 'coordination' && event.slot.register === register && event.slot.n === n,
        );
      for (const { event } of steps.filter(({ event: one }) => one.slot.register === 'cursors/b/c')) {
        const { acked } = event.value as { acked: number };
        for (let n = 1; n <= Math.min(acked, numbers.get('messages/c') ?? 0); n++) {
          expect(position('messages/c', n)).toBeLessThan(position('cursors/b/c', event.slot.n));
        }
      }
    }),
  );
});
