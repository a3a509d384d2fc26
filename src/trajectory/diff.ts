import { createHash } from 'node:crypto';
import type { RecordEvent } from './events.ts';
import { isPayload, type Json } from './payload.ts';

/** What of a run is compared: a message, or a call with its result. Ids and times are no part of it. */
export interface Step {
  /** Of the event in its stream. */
  readonly seq: number;
  readonly turn: number;
  readonly kind: 'prompt' | 'answer' | 'call';
  readonly tool?: string;
  /** The text, or the call's input. */
  readonly input: Json;
  readonly output?: Json;
  readonly error?: boolean;
  readonly durationMs?: number;
}

export type Difference = 'same' | 'changed' | 'output' | 'only-a' | 'only-b';

/** Two steps that stand for each other, or one that stands alone. `output`: the same call came to something else. */
export interface Pair {
  readonly difference: Difference;
  readonly a?: Step;
  readonly b?: Step;
}

/** The steps of a run's transcript. */
export function stepsOf(events: Iterable<RecordEvent>): readonly Step[] {
  const steps: Step[] = [];
  const calls = new Map<string, number>();
  for (const event of events) {
    const place = { seq: event.seq, turn: event.turn };
    if (event.kind === 'message' && (event.prompt || event.from === 'model')) {
      steps.push({ ...place, kind: event.prompt ? 'prompt' : 'answer', input: event.content as unknown as Json });
    } else if (event.kind === 'tool_call') {
      calls.set(event.callId, steps.length);
      steps.push({ ...place, kind: 'call', tool: event.tool, input: event.input });
    } else if (event.kind === 'tool_result') {
      const at = calls.get(event.callId);
      const call = at === undefined ? undefined : steps[at];
      if (at === undefined || call === undefined) continue;
      const { output, error = false, durationMs } = event;
      steps[at] = { ...call, output, error, ...(durationMs !== undefined && { durationMs }) };
    }
  }
  return steps;
}

/**
 * Aligns two runs: first what is equal in input, as much of it as can be in order, then, between those, steps of the
 * same kind and tool as changed ones.
 */
export function align(a: readonly Step[], b: readonly Step[]): readonly Pair[] {
  const keys = [a, b].map((steps) => steps.map(({ kind, tool, input }) => signature([kind, tool ?? null, input])));
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...commonSteps(keys[0] ?? [], keys[1] ?? []), [a.length, b.length] as const]) {
    pairs.push(...between(a.slice(i, x), b.slice(j, y)));
    const [left, right] = [a[x], b[y]];
    if (left && right) pairs.push({ difference: sameOutput(left, right) ? 'same' : 'output', a: left, b: right });
    [i, j] = [x + 1, y + 1];
  }
  return pairs;
}

function between(a: readonly Step[], b: readonly Step[]): Pair[] {
  const pairs: Pair[] = [];
  let j = 0;
  for (const left of a) {
    const at = b.findIndex((right, k) => k >= j && right.kind === left.kind && right.tool === left.tool);
    const right = b[at];
    if (right === undefined) {
      pairs.push({ difference: 'only-a', a: left });
      continue;
    }
    for (const alone of b.slice(j, at)) pairs.push({ difference: 'only-b', b: alone });
    pairs.push({ difference: 'changed', a: left, b: right });
    j = at + 1;
  }
  for (const alone of b.slice(j)) pairs.push({ difference: 'only-b', b: alone });
  return pairs;
}

function sameOutput(a: Step, b: Step): boolean {
  return a.error === b.error && signature(a.output ?? null) === signature(b.output ?? null);
}

/** A payload is its content, wherever it lies. */
function signature(value: Json): string {
  const text = JSON.stringify(value, (_, item) => (isPayload(item) ? item.ref : item)) ?? 'null';
  return text.length <= 64 ? text : createHash('sha256').update(text).digest('hex');
}

/** Runs whose middles have more differences than this are aligned greedily: memory grows with its square. */
const mostDifferences = 2000;

/** Index pairs of a longest common subsequence (Myers, An O(ND) Difference Algorithm, 1986). */
function commonSteps(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const most = Math.min(a.length + b.length, mostDifferences);
  const trace: Int32Array[] = [];
  const far = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let d = 0; d <= most; d++) {
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (far[middle + k - 1] ?? 0) < (far[middle + k + 1] ?? 0));
      let x = down ? (far[middle + k + 1] ?? 0) : (far[middle + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      far[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length, d);
    }
    trace.push(far.slice(middle - d - 1, middle + d + 2));
  }
  return greedy(a, b);
}

function walkBack(trace: readonly Int32Array[], endA: number, endB: number, differences: number) {
  const common: [number, number][] = [];
  let [x, y] = [endA, endB];
  for (let d = differences; d > 0; d--) {
    const before = trace[d - 1] ?? new Int32Array();
    // The slice of step d-1 begins at diagonal -d.
    const at = (k: number) => before[k + d] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = at(fromK);
    const startX = down ? fromX : fromX + 1;
    while (x > startX) common.push([--x, --y]);
    [x, y] = [fromX, fromX - fromK];
  }
  while (x > 0 && y > 0) common.push([--x, --y]);
  return common.reverse();
}

function greedy(a: readonly string[], b: readonly string[]): [number, number][] {
  const common: [number, number][] = [];
  let j = 0;
  for (const [i, key] of a.entries()) {
    const at = b.indexOf(key, j);
    if (at < 0) continue;
    common.push([i, at]);
    j = at + 1;
  }
  return common;
}
