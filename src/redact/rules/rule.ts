import type { Look } from '../looks.ts';
import type { View } from '../view.ts';

/** Characters `[from, to)` of a view that are a secret. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * One way in which secrets appear. A rule is looked at only where one of its triggers stands, and
 * costs a bounded time there, or moves on behind what it has read.
 */
export interface Rule {
  /** `[a-z0-9-]`, at most 32 characters: stands in the mark and in the counts. */
  readonly name: string;
  /** Latin1 words of two bytes or more; letters match in either case. */
  readonly triggers: readonly string[];
  /** Cheap check of the raw bytes around a trigger; without it every trigger is looked at. */
  readonly likely?: Look | ((raw: Uint8Array, from: number, to: number) => boolean);
  /** Raw bytes before the trigger that `find` may need to see, where that is more than a name and its line. */
  readonly back?: number;
  /** Raw bytes behind the trigger that `find` may need to see. */
  readonly reach: number;
  /** Where rules overlap, the higher rank names the finding. */
  readonly rank: number;
  /** Secrets that belong to the trigger at `[from, to)`. */
  readonly find: (view: View, from: number, to: number) => readonly Span[];
  /** All that decides what the rule finds; goes into the id of the rule set. */
  readonly facts: string;
}

export const rank = { assignment: 1, structure: 2, token: 3, key: 4 } as const;

export const nothing: readonly Span[] = [];
