import { emptySummary } from '../harness/index.ts';
import type { Chunk, Cursor, Position, ResetReason, SessionSummary } from '../harness/types.ts';
import { compressRecords, contentHash } from './part.ts';
import type { Stream } from './stream.ts';
import { foldLines } from './summary.ts';
import { addTallies } from './tally.ts';

/** A part that lacks only its place: redacted, hashed, compressed. */
export interface PreparedPart {
  readonly from: Position;
  readonly to: Cursor | undefined;
  readonly records: number;
  /** Size of the lines as they are stored, uncompressed. */
  readonly bytes: number;
  readonly source: string;
  readonly content: string;
  readonly found: Readonly<Record<string, number>>;
  /** Being compressed, beside the main thread. */
  readonly body: Promise<Uint8Array>;
  /** The stream's summary once this part is in; absent when what came before is not folded. */
  readonly summary: SessionSummary | undefined;
  /** Gives back what the part holds of the budget for memory. */
  release(): void;
}

export type Prepared =
  | { readonly part: PreparedPart; readonly pending: number }
  | { readonly reset: ResetReason }
  /** No record: the cursor may have moved (the source lies elsewhere), or a record is being written. */
  | { readonly moved: Cursor; readonly pending: number };

/** A bound on the bytes that all streams hold at once. */
export interface ByteBudget {
  /** Waits until `bytes` are free; the answer gives them back. */
  acquire(bytes: number): Promise<() => void>;
}

/**
 * What is new in a stream, as parts. The next one is read and redacted while the one before is
 * being compressed and stored.
 */
export async function* prepareParts(stream: Stream, budget: ByteBudget): AsyncGenerator<Prepared> {
  const chunks = stream.harness
    .read(stream.ref, stream.record.cursor, {
      key: stream.key,
      chunkBytes: stream.chunkBytes,
      blob: stream.blob,
      ...(stream.signal && { signal: stream.signal }),
    })
    [Symbol.asyncIterator]();
  let summary = stream.record.seq === 0 && !stream.record.opening?.departs ? emptySummary : stream.record.summary;
  const next = async (): Promise<Prepared | undefined> => {
    const release = await budget.acquire(expectedBytes(stream));
    let held = true;
    try {
      const { value: chunk, done } = await chunks.next();
      if (done) return undefined;
      if (chunk.reset) return { reset: chunk.reset };
      if (chunk.records === 0) return { moved: chunk.to, pending: chunk.pending };
      const redacted = stream.redactor.redact(chunk.bytes);
      if (summary) summary = foldLines(stream.harness, stream.address.stream, summary, redacted.block);
      held = false;
      return { part: seal(stream, chunk, redacted, summary, release), pending: chunk.pending };
    } finally {
      if (held) release();
    }
  };
  let ahead = next();
  ahead.catch(() => {});
  try {
    for (;;) {
      const prepared = await ahead;
      if (!prepared) return;
      if ('part' in prepared) {
        ahead = next();
        ahead.catch(() => {});
      }
      yield prepared;
      if (!('part' in prepared)) return;
    }
  } finally {
    const left = await ahead.catch(() => undefined);
    if (left && 'part' in left) left.part.release();
    await chunks.return?.();
  }
}

function seal(
  stream: Stream,
  chunk: Chunk,
  redacted: { readonly block: Uint8Array; readonly found: Readonly<Record<string, number>> },
  summary: SessionSummary | undefined,
  release: () => void,
): PreparedPart {
  const body = compressRecords(redacted.block, stream.compress);
  body.catch(() => {}); // told to whoever awaits it
  return {
    from: chunk.from,
    to: chunk.to,
    records: chunk.records,
    bytes: redacted.block.length,
    source: chunk.source,
    content: contentHash(redacted.block),
    found: addTallies(redacted.found, stream.takeBlobFindings()),
    body,
    summary,
    release,
  };
}

/** An estimate from the file stamps of discovery: many small sessions go side by side, large ones do not. */
function expectedBytes(stream: Stream): number {
  const size = Math.max(0, ...stream.ref.files.map((file) => file.stamp.size));
  const cursor = stream.record.cursor;
  return Math.min(stream.chunkBytes, cursor?.kind === 'bytes' ? Math.max(0, size - cursor.offset) : size);
}
