import type { CatalogLine } from '../mirror/meta.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import type { Payload } from '../trajectory/payload.ts';

/** A session as every format takes it. */
export interface ExportSource {
  readonly harness: string;
  readonly session: string;
  /** What the catalog says; formats that are pure functions of the events leave it aside. */
  readonly line?: CatalogLine | undefined;
  /** Names of the streams that are exported, the transcript first. */
  readonly streams: readonly string[];
  /** The events of one stream, in order. */
  events(stream: string): AsyncIterable<RecordEvent>;
  /** The content behind a payload. @throws CairnError `not-found`, `corrupt` */
  payload(payload: Payload): Promise<Uint8Array>;
}
