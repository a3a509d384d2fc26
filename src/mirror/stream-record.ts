import type { Cursor } from '../harness/cursor.ts';
import type { SessionSummary } from '../harness/types.ts';
import { noTotals, type Opened, type Totals } from './part.ts';

/**
 * What this host knows of one stream: where the next part goes and what the parts before it cover.
 * Losing it loses nothing but time.
 */
export interface StreamRecord {
  readonly v: 1;
  epoch: number;
  /** Number of the next part. */
  seq: number;
  /** Chain of the part before it; for part 0, of the part that the epoch departs from, or empty. */
  chain: string;
  totals: Totals;
  /** What the parts so far cover of the source; absent at its start. */
  cursor?: Cursor | undefined;
  /** The store's clock at the last success, milliseconds since 1970. */
  confirmed?: number | undefined;
  /** The same by this host's clock. */
  lookedAt?: number | undefined;
  /** Writes at (`epoch`, `seq`) whose outcome is not known, each with the cursor it would lead to. */
  pending: readonly Pending[];
  /** The epoch is not mine yet: its part 0 says this. */
  opening?: Opened | undefined;
  /** The epoch that was left and still has to be closed. */
  closing?: Closing | undefined;
  /**
   * The last part that was not shipped from this source but put back into it: up to there it was redacted or written
   * for other paths, and is not compared. `cursor`: where a source without byte offsets stands behind it.
   */
  restored?: { readonly epoch: number; readonly seq: number; readonly cursor?: Cursor | undefined } | undefined;
  /** Fold over the records of this epoch and what it departs from; absent when it must be folded again. */
  summary?: SessionSummary | undefined;
  /** When the last part was made, by its writer's clock. */
  at?: string | undefined;
  /** The last part said so. */
  event?: 'ended' | 'gone' | undefined;
}

export interface Pending {
  readonly w: string;
  readonly to?: Cursor | undefined;
}

export interface Closing {
  readonly reason: string;
  readonly epoch: number;
  seq: number;
  chain: string;
  totals: Totals;
  readonly cursor?: Cursor | undefined;
  /** Writes of mine that may still land in the epoch being left. */
  readonly ws: readonly string[];
  /** Where the stream goes on, once that epoch is open. */
  next?: number;
}

export function firstRecord(): StreamRecord {
  return { v: 1, epoch: 0, seq: 0, chain: '', totals: noTotals, pending: [] };
}
