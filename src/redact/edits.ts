/** A stretch of a text that something of another length took the place of. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  /** Of what stands there now. */
  readonly length: number;
}

/**
 * Where `offset` of an edited text lies in the text before. What lies within a replacement is at the
 * beginning of what was replaced, or with `end` at its end.
 * @param edits in order, without overlap, in offsets of the text before
 */
export function originalOffset(edits: readonly Edit[], offset: number, end = false): number {
  let shift = 0;
  for (const { from, to, length } of edits) {
    const at = from + shift;
    if (offset < at || (end && offset === at)) break;
    if (offset < at + length || (end && offset === at + length)) return end ? to : from;
    shift += length - (to - from);
  }
  return offset - shift;
}
