import { floorPath } from './keys.ts';
import { createSlot, type Moment, moment, newestNumber, type SlotSpace, type WriteOptions } from './slots.ts';

/** `trim`: lower slots may be gone. `collected`: all of them. */
export interface Floor {
  /** Path of what it is the floor of, for people. */
  readonly register: string;
  readonly cause: 'trim' | 'collected';
}

/** Collection touches only what was superseded for a day; what is decided within an hour needs no look. */
const freshMs = 3_600_000;

/** Slots up to this number may be gone; 0 where there is no floor. */
export async function readFloor(space: SlotSpace, path: string): Promise<number> {
  return (await newestNumber(space, floorPath(path)))?.n ?? 0;
}

/** Raises the floor of `path` to `n`. It is durable when this returns; a lower one changes nothing. */
export async function raiseFloor(
  space: SlotSpace,
  path: string,
  n: number,
  cause: Floor['cause'],
  options: WriteOptions,
): Promise<void> {
  const w = options.w ?? space.runtime.id();
  const head = { n, prev: undefined, w };
  await createSlot(space, floorPath(path), head, { register: path, cause }, { ...options, parse, seen: moment(space) });
}

/**
 * Whether slot `n`, just created by a writer that saw slot n-1 as the newest at `seen`, stands above the
 * floor. Otherwise n had been there, and was collected: it is not won. Without a look where the store's
 * clock and this host's both say that less than an hour has passed.
 */
export async function standsAboveFloor(space: SlotSpace, path: string, n: number, seen: Moment): Promise<boolean> {
  const now = moment(space);
  const isFresh = (from: number | undefined, to: number | undefined) =>
    from !== undefined && to !== undefined && to - from >= 0 && to - from < freshMs;
  if (space.verify === 'stale' && isFresh(seen.date, now.date) && isFresh(seen.monotonic, now.monotonic)) return true;
  return n > (await readFloor(space, path));
}

function parse(value: unknown): Floor {
  return value as Floor; // only its number counts
}
