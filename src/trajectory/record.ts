import type { Place } from './events.ts';
import { type Json, type Payload, type PayloadPlace, payloadOf } from './payload.ts';
import type { SourceRecord } from './projector.ts';

/** Above this many bytes a record is not looked into: its parsed form costs several times its size. */
export const largestRecord = 128 * 1024 * 1024;

/** One record, ready for a projector. `inline` is how many characters of a string an event may hold. */
export class TranscriptRecord implements SourceRecord {
  readonly value: unknown;
  readonly at: Place;
  readonly #line: Uint8Array;
  readonly #inline: number;

  constructor(line: Uint8Array, at: Place, inline: number) {
    this.#line = line;
    this.#inline = inline;
    this.at = at;
    this.value = line.length > largestRecord ? undefined : parse(line);
  }

  get tooLarge(): boolean {
    return this.#line.length > largestRecord;
  }

  json(value: unknown, pointer: string): Json {
    return this.#shorten(value, pointer, undefined);
  }

  text(text: string, pointer: string, outer?: string): string | Payload {
    if (text.length <= this.#inline) return text;
    return payloadOf(text, 'text/plain', this.#place(pointer, outer));
  }

  parsed(text: string, pointer: string): Json {
    const value = parse(text);
    // A bare word or number is what a program wrote, not a structure.
    if (typeof value !== 'object' || value === null) return this.text(text, pointer);
    return this.#shorten(value, '', pointer);
  }

  media(data: string, mediaType: string, pointer: string, encoding: 'base64' | 'data-url' = 'base64'): Payload {
    const bytes = Buffer.from(encoding === 'base64' ? data : data.slice(data.indexOf(',') + 1), 'base64');
    return payloadOf(bytes, mediaType, { ...this.#place(pointer, undefined), encoding });
  }

  blob(sha256: string, size: number, mediaType: string, pointer: string): Payload {
    return { ref: sha256, size, mediaType, at: { ...this.#place(pointer, undefined), blob: sha256 } };
  }

  raw(): Json {
    if (this.value !== undefined) return this.json(this.value, '');
    if (this.tooLarge) return payloadOf(this.#line, 'application/json', this.#place('', undefined));
    return this.text(Buffer.from(this.#line).toString('utf8'), '');
  }

  #place(pointer: string, outer: string | undefined): PayloadPlace {
    return outer === undefined ? { ...this.at, pointer } : { ...this.at, pointer: outer, inner: pointer };
  }

  /** Nothing in a short record is large: most records are not walked. */
  #shorten(value: unknown, pointer: string, outer: string | undefined): Json {
    if (this.#line.length <= this.#inline) return value as Json;
    if (typeof value === 'string') return this.text(value, pointer, outer);
    if (typeof value !== 'object' || value === null) return value as Json;
    if (Array.isArray(value)) return value.map((item, i) => this.#shorten(item, `${pointer}/${i}`, outer));
    const shortened: Record<string, Json> = {};
    for (const name of Object.keys(value)) {
      const item = this.#shorten((value as Record<string, unknown>)[name], `${pointer}/${escapePointer(name)}`, outer);
      // A plain assignment to this name would set the prototype.
      if (name === '__proto__') Object.defineProperty(shortened, name, { value: item, enumerable: true });
      else shortened[name] = item;
    }
    return shortened;
  }
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function parse(text: Uint8Array | string): unknown {
  try {
    const line = typeof text === 'string' ? text : Buffer.from(text.buffer, text.byteOffset, text.length).toString();
    return JSON.parse(line);
  } catch {
    return undefined; // a torn line: the event keeps its text
  }
}
