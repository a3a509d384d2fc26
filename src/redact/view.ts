import type { Engine } from './engine.ts';

/**
 * A stretch of a record as its writer meant it: JSON escapes of any depth undone, terminal colours
 * and zero-width characters left out, a mark of an earlier redaction reduced to one control
 * character. Every character knows the raw bytes it came from, so that a finding can be cut out of
 * the bytes themselves and nothing is ever written anew. Valid until the engine makes the next one.
 */
export interface View {
  /** One latin1 character a byte; code points above U+00FF become U+00FF. */
  readonly text: string;
  readonly raw: Uint8Array;
  /** How far the rule that is asked has read; it says so where that may be far. */
  readTo: number;
  /** The run of token characters that was looked at last. */
  readonly run: { from: number; to: number };
  /** The run of base64 before the place that a token was looked for last, as far as it was followed. */
  readonly lead: { from: number; to: number };
  /** The line goes on behind the view. */
  readonly cut: boolean;
  /** First raw byte of character `index`. */
  start(index: number): number;
  /** Raw offset behind character `index`. */
  end(index: number): number;
  /** Backslashes in front of character `index`: 0 is a quote of the record's own JSON. */
  depth(index: number): number;
}

/** The view of `raw[from, to)`, which must lie within one line of `raw`; `lineEnd` is that line's. */
export function createView(engine: Engine, raw: Uint8Array, from: number, to: number, lineEnd: number): View {
  // No escape is long enough to see the end of its line from further off.
  const limit = Math.min(lineEnd, to + 256) - from;
  const text = engine.readRegion(raw, from, to, limit);
  const end = from + engine.regionEnd();
  return {
    text,
    raw,
    readTo: 0,
    run: { from: text.length, to: text.length },
    lead: { from: 0, to: 0 },
    cut: end < lineEnd,
    start: (index) => (index < text.length ? from + engine.startOf(index) : end),
    end: (index) => from + engine.endOf(index, limit),
    depth: (index) => engine.depthOf(index, limit),
  };
}
