import type { Cursor, Position } from '../harness/cursor.ts';
import { emptySummary } from '../harness/index.ts';
import type { Chunk, ResetReason } from '../harness/types.ts';
import type { PreparedLines } from './preparer.ts';
import { type Stream, sealLines } from './stream.ts';
import { addTallies } from './tally.ts';

/** A part that lacks only its place. */
export interface PreparedPart extends PreparedLines {
  readonly from: Position;
  readonly to: Cursor | undefined;
  readonly records: number;
  readonly source: string;
}

/** What comes next of a stream; `release` gives back what it holds of the budget for memory. */
export type Step =
  | { readonly part: Promise<PreparedPart>; readonly pending: number; release(): void }
  | { readonly reset: ResetReason }
  /** No record: the cursor may have moved (the source lies elsewhere), or a record is being written. */
  | { readonly moved: Cursor; readonly pending: number };

/** A bound on the bytes that all streams hold at once. */
export interface ByteBudget {
  /** Waits until `bytes` are free; the answer gives them back, but for `keep`. */
  acquire(bytes: number): Promise<(keep?: number) => void>;
}

/**
 * What is new in a stream, as parts. The next one is read, and its preparation begun, while the one before
 * is being prepared and stored.
 */
export async function* prepareParts(stream: Stream, budget: ByteBudget): AsyncGenerator<Step> {
  const { record, preparer, ref } = stream;
  const chunks = stream.harness
    .read(ref, record.cursor, {
      key: stream.key,
      chunkBytes: stream.chunkBytes,
      blob: stream.blob,
      ...(stream.signal && { signal: stream.signal }),
    })
    [Symbol.asyncIterator]();
  preparer.begin(ref.name, record.seq === 0 && !record.opening?.departs ? emptySummary : record.summary);
  const next = async (): Promise<Step | undefined> => {
    const release = await budget.acquire(expectedBytes(stream));
    let held = true;
    try {
      const { value: chunk, done } = await chunks.next();
      if (done) return undefined;
      if (chunk.reset) return { reset: chunk.reset };
      if (chunk.records === 0) return { moved: chunk.to, pending: chunk.pending };
      held = false;
      const part = prepare(stream, chunk);
      // What is compressed and waits for the store is a fraction of what was read.
      part.then(({ body }) => release(body.length)).catch(() => {});
      return { part, pending: chunk.pending, release };
    } finally {
      if (held) release();
    }
  };
  let ahead = begun(next());
  try {
    for (;;) {
      const step = await ahead;
      if (!step) return;
      if ('part' in step) ahead = begun(next());
      yield step;
      if (!('part' in step)) return;
    }
  } finally {
    const left = await ahead.catch(() => undefined);
    if (left && 'part' in left) {
      await left.part.catch(() => undefined);
      left.release();
    }
    await chunks.return?.();
  }
}

/** What fails ahead of time is told to whoever comes to it. */
function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function prepare(stream: Stream, chunk: Chunk): Promise<PreparedPart> {
  const inBlobs = stream.takeBlobFindings();
  const { from, to, records, source } = chunk;
  return begun(
    stream.preparer
      .prepare(stream.ref.name, chunk.bytes)
      .then((lines) => sealLines(stream, lines))
      .then((lines) => ({
        ...lines,
        found: addTallies(lines.found, inBlobs.found),
        images: lines.images + inBlobs.images,
        from,
        to,
        records,
        source,
      })),
  );
}

/** An estimate from the file stamps of discovery: many small sessions go side by side, large ones do not. */
function expectedBytes(stream: Stream): number {
  const size = stream.ref.files.reduce((most, file) => Math.max(most, file.stamp.size), 0);
  const cursor = stream.record.cursor;
  return Math.min(stream.chunkBytes, cursor?.kind === 'bytes' ? Math.max(0, size - cursor.offset) : size);
}
