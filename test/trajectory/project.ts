import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { type Harness, linesOf } from '../../src/harness/index.ts';
import type { RecordEvent } from '../../src/trajectory/events.ts';
import { isPayload, type Json } from '../../src/trajectory/payload.ts';
import { listPrices } from '../../src/trajectory/prices.ts';
import { type Coverage, emptyCoverage, Sequence } from '../../src/trajectory/sequence.ts';
import { SessionFold, type Statistics, StatisticsSum } from '../../src/trajectory/statistics.ts';

export function harnessOf(name: string): Harness {
  const found = harnesses.find((harness) => harness.name === name);
  if (!found) throw new Error(`no harness ${name}`);
  return found;
}

export interface Projected {
  readonly events: readonly RecordEvent[];
  readonly coverage: Coverage;
}

/** Events of the whole lines of a transcript. */
export function project(harness: string, bytes: Uint8Array, stream = 'main', inline?: number): Projected {
  const coverage = emptyCoverage();
  const projector = harnessOf(harness).projector?.(stream);
  if (!projector) throw new Error(`${harness} makes no events`);
  const sequence = new Sequence(projector, { coverage, ...(inline !== undefined && { inline }) });
  const whole = bytes.subarray(0, Buffer.from(bytes).lastIndexOf(10) + 1);
  const events = [...linesOf(whole)].flatMap((line, record) => sequence.events(line, { stream, epoch: 0, record }));
  return { events, coverage };
}

export function projectFile(harness: string, path: string, stream?: string): Projected {
  return project(harness, readFileSync(path), stream);
}

/** Statistics of one session's streams, or of several sessions in order. */
export function statisticsOf(...sessions: readonly (readonly RecordEvent[])[]): Statistics {
  const sum = new StatisticsSum(listPrices);
  for (const events of sessions) {
    const fold = new SessionFold();
    for (const event of events) fold.add(event);
    sum.add(fold);
  }
  return sum.value;
}

export function promptsOf(events: readonly RecordEvent[]): unknown[] {
  return events.flatMap((event) => {
    const [part] = event.kind === 'message' && event.prompt ? event.content : [];
    return part?.type === 'text' ? [part.text] : [];
  });
}

export function callsByTool({ tools }: Statistics): Record<string, number> {
  return Object.fromEntries([...tools].map(([tool, { calls }]) => [tool, calls]));
}

/** Numbers without a gap, and every record has its events or is counted as having none. */
export function checkCovered({ events, coverage }: Projected, records: number): void {
  expect(coverage.records).toBe(records);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  const places = events.map(({ at }) => at.record);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(new Set(places).size).toBe(records - coverage.silent);
  expect(coverage.events).toBe(events.length);
}

/** One line an event, for goldens. */
export function shown(events: readonly RecordEvent[]): string {
  return `${events.map((event) => `${event.seq} r${event.at.record} t${event.turn} ${brief(event)}`).join('\n')}\n`;
}

function brief({ v: _, seq: __, at: ___, turn: ____, time: _____, kind, ...rest }: RecordEvent): string {
  return `${kind} ${JSON.stringify(rest, (_name, value) => short(value))}`;
}

function short(value: Json): Json {
  if (isPayload(value)) return `<${value.mediaType} ${value.size} ${value.ref.slice(0, 8)} ${value.at.pointer}>`;
  return typeof value === 'string' && value.length > 60 ? `${value.slice(0, 59)}…` : value;
}
