import type { Harness, SessionSummary } from '../harness/types.ts';
import type { Fingerprint } from '../redact/memory.ts';
import { redactText } from '../redact/text.ts';
import type { Redacted, Redactor } from '../redact/types.ts';
import { free } from './free.ts';
import { compressRecords, contentHash } from './part.ts';
import { foldLines } from './summary.ts';
import type { Tally } from './tally.ts';

/** What becomes of a block of records before it has a place: redacted, folded, hashed, compressed. */
export interface PreparedLines {
  /** Size of the lines as they are stored, uncompressed. */
  readonly bytes: number;
  readonly content: string;
  readonly sealed?: 'age';
  readonly found: Tally;
  /** Images in base64, which are left alone. */
  readonly images: number;
  /** The records' half of a part. */
  readonly body: Uint8Array;
  /** The stream's summary with these lines; absent when what came before is not folded. */
  readonly summary: SessionSummary | undefined;
}

/**
 * Does the work on the records of one session: its redactor remembers what it found. Calls are carried out
 * in the order in which they are made.
 */
export interface Preparer {
  /** The stream's lines that follow are folded onto this. */
  begin(stream: string, summary: SessionSummary | undefined): void;
  /** `lines` may be handed over and must not be used by the caller again. */
  prepare(stream: string, lines: Uint8Array): Promise<PreparedLines>;
  /** Records, or text that is none: in that a secret may go over several lines. */
  redact(block: Uint8Array): Promise<Redacted>;
  /** Fingerprints of the secrets found since the last call. */
  learned(): readonly Fingerprint[];
  /** Nothing more is asked. */
  close(): void;
}

/** Makes the preparers of a run. */
export interface Preparers {
  /** Rule set of the redactors; `none` where there is none. */
  readonly redactor: string;
  /** `remembered`: what earlier runs found in the same session. */
  open(harness: Harness, remembered: readonly Fingerprint[]): Preparer;
}

/** On the calling thread; compression runs beside it. */
export function inlinePreparer(harness: Harness, redactor: Redactor, compress: number): Preparer {
  const summaries = new Map<string, SessionSummary | undefined>();
  return {
    begin(stream, summary) {
      summaries.set(stream, summary);
    },
    async prepare(stream, lines) {
      const { block, found, images } = redactor.redact(lines);
      if (block !== lines) free(lines);
      const before = summaries.get(stream);
      const summary = before && foldLines(harness, stream, before, block);
      summaries.set(stream, summary);
      const content = contentHash(block);
      const { length: bytes } = block;
      const body = await compressRecords(block, compress);
      free(block);
      return { bytes, content, found, images, body, summary };
    },
    async redact(block) {
      return redactText(redactor, block);
    },
    learned: redactor.learned,
    close() {},
  };
}
