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

/** A step and what decides whether another one is the same. */
export interface ComparedStep {
  readonly step: Step;
  readonly key: string;
  readonly result: string;
}

/** What of a text in a result is the same when the call is made again; `name` is its field's. */
export type Lasting = (text: string, name: string) => string;

/** Texts in a step are cut here: they were compared in full. */
const longestText = 4096;

/** The steps of a run's transcript. Ids are no part of what is compared, nor what `lasting` takes out of results. */
export function stepsOf(events: Iterable<RecordEvent>, lasting: Lasting = (text) => text): readonly ComparedStep[] {
  const steps: ComparedStep[] = [];
  const add = (step: Step) => {
    const key = signature([step.kind, step.tool ?? null, step.input]);
    steps.push({ step: { ...step, input: shortened(step.input) }, key, result: '' });
  };
  const calls = new Map<string, number>();
  for (const event of events) {
    const place = { seq: event.seq, turn: event.turn };
    if (event.kind === 'message' && (event.prompt || event.from === 'model')) {
      add({ ...place, kind: event.prompt ? 'prompt' : 'answer', input: event.content as unknown as Json });
    } else if (event.kind === 'tool_call') {
      calls.set(event.callId, steps.length);
      add({ ...place, kind: 'call', tool: event.tool, input: event.input });
    } else if (event.kind === 'tool_result') {
      const at = calls.get(event.callId);
      const call = at === undefined ? undefined : steps[at];
      if (at === undefined || call === undefined) continue;
      const { output, error = false, durationMs } = event;
      const facts = { output: shortened(output), error, ...(durationMs !== undefined && { durationMs }) };
      const result = signature([error, eachText(output, (text, name) => lasting(text, name).replace(ids, ''))]);
      steps[at] = { ...call, step: { ...call.step, ...facts }, result };
    }
  }
  return steps;
}

/**
 * Aligns two runs: first what is equal in input, as much of it as can be in order, then, between those, steps of the
 * same kind and tool as changed ones.
 */
export function align(a: readonly ComparedStep[], b: readonly ComparedStep[]): readonly Pair[] {
  const keys = [a, b].map((steps) => steps.map(({ key }) => key));
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...commonSteps(keys[0] ?? [], keys[1] ?? []), [a.length, b.length] as const]) {
    for (const pair of between(a.slice(i, x).map(stepOf), b.slice(j, y).map(stepOf))) pairs.push(pair);
    const [left, right] = [a[x], b[y]];
    if (left && right)
      pairs.push({ difference: left.result === right.result ? 'same' : 'output', a: left.step, b: right.step });
    [i, j] = [x + 1, y + 1];
  }
  return pairs;
}

const stepOf = ({ step }: ComparedStep) => step;

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

/** What programs make up as ids. */
const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

function shortened(value: Json): Json {
  return eachText(value, (text) => (text.length > longestText ? `${text.slice(0, longestText)}…` : text));
}

/** A value with its texts changed; a payload stays. */
function eachText(value: Json, change: Lasting, name = ''): Json {
  if (typeof value === 'string') return change(value, name);
  if (value === null || typeof value !== 'object' || isPayload(value)) return value;
  if (Array.isArray(value)) return value.map((item: Json) => eachText(item, change, name));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, eachText(item as Json, change, key)]));
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
