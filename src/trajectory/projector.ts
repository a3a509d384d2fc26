import type { EventBody } from './events.ts';
import type { Json, Payload } from './payload.ts';

/** What an event may say of its record beside its body. */
export interface RecordFacts {
  readonly time?: string;
  readonly id?: string;
  readonly parentId?: string;
  readonly sidechain?: true;
}

/** The events of one record, in order. None: the record carries none, as one that repeats another. */
export interface Projection extends RecordFacts {
  readonly events: readonly EventBody[];
}

/**
 * Makes events of one stream's records in their order: pure but for what it remembers of the records before, bounded
 * by what is open among them. Never throws, never drops what it does not know.
 */
export interface Projector {
  project(record: SourceRecord): Projection;
}

/** A record as a projector sees it. */
export interface SourceRecord {
  /** `undefined` if the record is no JSON. */
  readonly value: unknown;
  /** A value of the record for an event: large strings in it become payloads. */
  json(value: unknown, pointer: string): Json;
  /** A string of the record, or with `outer` of the JSON that the string there holds. */
  text(text: string, pointer: string, outer?: string): string | Payload;
  /** The JSON that a string of the record holds, or the string where it holds none. */
  parsed(text: string, pointer: string): Json;
  /** Bytes that stand in the record as base64, or as a data URL: always a payload. */
  media(data: string, mediaType: string, pointer: string, encoding?: 'base64' | 'data-url'): Payload;
  /** What is said of a side file's content that is stored as a blob. */
  blob(sha256: string, size: number, mediaType: string, pointer: string): Payload;
  /** The record as it is: for `unknown`. */
  raw(): Json;
}
