import { readFileSync } from 'node:fs';
import { harnesses } from '../../harnesses/index.ts';
import { type Harness, linesOf } from '../../src/harness/index.ts';
import type { RecordEvent } from '../../src/trajectory/events.ts';
import { type Coverage, emptyCoverage, Sequence } from '../../src/trajectory/sequence.ts';

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
