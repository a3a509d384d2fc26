export const newline = 0x0a;

/** Above this many bytes a record is shipped but not looked into: its parsed form would cost several times its size. */
const parseLimit = 16 * 1024 * 1024;

/**
 * What JSON may begin with. Anything else, such as the NULs that a crash leaves, is not given to the parser: V8 keeps
 * the text of an error until all of its memory is gone through.
 */
const jsonStarts: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n{["-0123456789tfn'));

/** The lines of a block of whole records, each without its `\n`, as views into `block`. */
export function* linesOf(block: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < block.length; ) {
    const found = block.indexOf(newline, start);
    const end = found < 0 ? block.length : found;
    yield block.subarray(start, end);
    start = end + 1;
  }
}

/** The lines of records that come in pieces which are not cut at lines. */
export async function* linesOfPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  /** Of a line that has not ended: joined once, however many they are. */
  let begun: Uint8Array[] = [];
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(newline) + 1;
    const whole = piece.subarray(0, end);
    if (end > 0) {
      yield* linesOf(begun.length > 0 ? Buffer.concat([...begun, whole]) : whole);
      begun = [];
    }
    if (end < piece.length) begun.push(piece.subarray(end));
  }
  yield* linesOf(Buffer.concat(begun));
}

/** Number of `\n` in `block`. */
export function countLines(block: Uint8Array): number {
  let count = 0;
  for (let at = block.indexOf(newline); at >= 0; at = block.indexOf(newline, at + 1)) count++;
  return count;
}

/** The value of one line: `undefined` if it is no JSON, `null` if it is above 16 MiB and was not parsed. */
export function parseRecord(line: Uint8Array): unknown {
  if (line.length > parseLimit) return null;
  if (!jsonStarts.has(line[0] as number)) return undefined;
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
