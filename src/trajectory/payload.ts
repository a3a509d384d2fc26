import { createHash } from 'node:crypto';

/** A value of JSON. Where it was large, strings in it are payloads. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }
  | Payload;

/** Stands for content that is large or no text: it stays where it is stored, once. */
export interface Payload {
  /** SHA-256 of the content. */
  readonly ref: string;
  /** Bytes of the content. */
  readonly size: number;
  readonly mediaType: string;
  readonly at: PayloadPlace;
}

/** Where the content lies: a string in a record, or the blob of a side file. */
export interface PayloadPlace {
  readonly stream: string;
  readonly epoch: number;
  readonly record: number;
  /** JSON Pointer (RFC 6901) of the string in the record; empty: the whole record. */
  readonly pointer: string;
  /** Pointer in the JSON that the string at `pointer` holds. */
  readonly inner?: string;
  /** How the string stands for bytes; otherwise they are its UTF-8. */
  readonly encoding?: 'base64' | 'data-url';
  /** SHA-256 of the session's blob that holds the content instead. */
  readonly blob?: string;
}

/** Strings up to so many characters stand in an event. */
export const inlineCharacters = 32_768;

/** Whether a value of an event is a payload. */
export function isPayload(value: unknown): value is Payload {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { ref, size, mediaType, at } = value as Partial<Record<keyof Payload, unknown>>;
  return (
    typeof ref === 'string' &&
    /^[0-9a-f]{64}$/.test(ref) &&
    typeof size === 'number' &&
    typeof mediaType === 'string' &&
    typeof at === 'object' &&
    at !== null &&
    typeof (at as Partial<PayloadPlace>).pointer === 'string'
  );
}

/** The payload for `bytes` that lie at a place. */
export function payloadOf(bytes: Uint8Array | string, mediaType: string, at: PayloadPlace): Payload {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return { ref: createHash('sha256').update(content).digest('hex'), size: content.length, mediaType, at };
}
