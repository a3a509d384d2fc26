import { type Inspected, inspect } from './inspect.ts';
import type { Policy } from './policy.ts';

/** A block whose slices are taken by whichever thread comes first: `claimed` counts them. */
export interface Job {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly slices: readonly number[];
  readonly claimed: Int32Array;
}

/** Slices that one thread took, and what it found in each. */
export type Taken = readonly (readonly [slice: number, inspected: Inspected])[];

export interface Report {
  readonly id: number;
  readonly taken: Taken;
}

/** Inspects the slices that no other thread has taken. */
export function takeSlices(policy: Policy, block: Buffer, { slices, claimed }: Omit<Job, 'id' | 'memory'>): Taken {
  const taken: [number, Inspected][] = [];
  for (let i = Atomics.add(claimed, 0, 1); i < slices.length - 1; i = Atomics.add(claimed, 0, 1))
    taken.push([i, inspect(policy, block, slices[i] as number, slices[i + 1] as number)]);
  return taken;
}
