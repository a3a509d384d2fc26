import { type EventBody, eventVersion, type Place, type RecordEvent } from './events.ts';
import { inlineCharacters, type Json } from './payload.ts';
import type { Projection, Projector } from './projector.ts';
import { TranscriptRecord } from './record.ts';

/** How the records of a stream were covered. */
export interface Coverage {
  records: number;
  events: number;
  /** Records that carry no event. */
  silent: number;
  /** Records that are unknown, not JSON or too large. */
  unknown: number;
}

export interface SequenceOptions {
  /** Strings up to so many characters stand in events; longer ones are payloads. Default 32,768. */
  readonly inline?: number;
  /** Is added to. */
  readonly coverage?: Coverage;
}

export function emptyCoverage(): Coverage {
  return { records: 0, events: 0, silent: 0, unknown: 0 };
}

/** Numbers the events of one stream. Records are to come in the order of the source, from the first on. */
export class Sequence {
  readonly #projector: Projector;
  readonly #inline: number;
  readonly #coverage: Coverage;
  #seq = 0;
  #turn = 0;

  constructor(projector: Projector, options: SequenceOptions = {}) {
    this.#projector = projector;
    this.#inline = options.inline ?? inlineCharacters;
    this.#coverage = options.coverage ?? emptyCoverage();
  }

  /** The events of one record; never throws. */
  events(line: Uint8Array, at: Place): RecordEvent[] {
    const record = new TranscriptRecord(line, at, this.#inline);
    const { events, ...facts } = record.value === undefined ? unread(record) : this.#projector.project(record);
    const coverage = this.#coverage;
    coverage.records++;
    coverage.events += events.length;
    if (events.length === 0) coverage.silent++;
    else if (events[0]?.kind === 'unknown') coverage.unknown++;
    return events.map((body) => {
      if (body.kind === 'message' && body.prompt === true) this.#turn++;
      return { v: eventVersion, seq: this.#seq++, at, turn: this.#turn, ...facts, ...body };
    });
  }
}

function unread(record: TranscriptRecord): Projection {
  return { events: [unknownBody(record.tooLarge ? 'size' : 'json', record.raw())] };
}

export function unknownBody(reason: 'type' | 'json' | 'size', raw: Json, type?: string): EventBody {
  return { kind: 'unknown', reason, ...(type !== undefined && { type }), raw };
}
