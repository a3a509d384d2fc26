import type { MirrorEvent, Place } from './mirror.ts';
import type { Trouble } from './outage.ts';

export interface LiveOptions {
  /** A session is shipped no more often, unless it has grown by 1 MiB. */
  readonly intervalMs: number;
  /** With it sessions wait longer, so that no hour has more requests. */
  readonly requestsPerHour?: number | undefined;
  /** Requests made so far, failed ones included. */
  requests(): number;
}

/** What happens while the mirror is live. Shapes are law for `--json`: docs/json.md. */
export type LiveEvent =
  | Exclude<MirrorEvent, { readonly event: 'found' | 'done' | 'would' }>
  /** Everything was looked through once. */
  | { readonly event: 'watching'; readonly sessions: number; readonly folders: number }
  /** The system gives no more watches: polling alone finds what is new. */
  | { readonly event: 'unwatched'; readonly cause: unknown }
  /** Nothing can be shipped; told once, until `recovered`. */
  | ({ readonly event: 'trouble'; readonly cause: unknown } & Trouble)
  | { readonly event: 'recovered'; readonly code: string; readonly seconds: number }
  /** The loop, or one session, stood still for so long. */
  | ({ readonly event: 'stalled'; readonly seconds: number } & Partial<Place>);

/** What a flush on request came to. */
export interface LiveFlush {
  readonly sessions: number;
  readonly failed: number;
}

/** A session that is not wholly in the bucket. */
export interface LiveSessionStatus extends Place {
  /** For how long something of it has waited. */
  readonly behindMs: number;
  /** About how much waits. */
  readonly bytes: number;
  readonly error?: string;
}

export interface LiveStatus {
  readonly sessions: number;
  /** Folders that are watched. */
  readonly folders: number;
  /** The longest behind first. */
  readonly behind: readonly LiveSessionStatus[];
  readonly trouble?: Trouble;
  readonly nextRetryMs?: number;
  /** Until the hour's budget of requests has room. */
  readonly waitMs: number;
}
