import type { Harness, ResetReason, SessionRef } from '../harness/types.ts';
import type { MirrorContext } from './session.ts';
import type { SessionState } from './state-folder.ts';
import { addTallies, type Tally } from './tally.ts';

/** What a run would ship of one stream. */
export interface StreamPreview {
  readonly stream: string;
  readonly records: number;
  /** Of the source, before redaction. */
  readonly bytes: number;
  readonly redactions: Tally;
  /** The source was changed in what is shipped: it would go into a new epoch, from its start. */
  readonly reset?: ResetReason;
}

/** Reads and redacts what is new in a session, and changes nothing, here or in the bucket. */
export async function* previewSession(
  c: Pick<MirrorContext, 'key' | 'chunkBytes' | 'preparer' | 'signal'>,
  harness: Harness,
  ref: SessionRef,
  state: SessionState,
): AsyncGenerator<StreamPreview> {
  const preparer = c.preparer(harness, await state.readSecrets());
  for (const stream of ref.streams) {
    let cursor = (await state.readStream(stream.name))?.cursor;
    let reset: ResetReason | undefined;
    let records = 0;
    let bytes = 0;
    let redactions: Tally = {};
    for (let again = true; again; ) {
      again = false;
      const options = {
        key: c.key,
        chunkBytes: c.chunkBytes,
        blob: async () => ({ sha256: '', size: 0 }),
        ...(c.signal && { signal: c.signal }),
      };
      for await (const chunk of harness.read(stream, cursor, options)) {
        if (chunk.reset) {
          reset = chunk.reset;
          cursor = undefined;
          again = true;
          break;
        }
        records += chunk.records;
        bytes += chunk.bytes.length;
        redactions = addTallies(redactions, (await preparer.redact(chunk.bytes)).found);
      }
    }
    if (records > 0 || reset) yield { stream: stream.name, records, bytes, redactions, ...(reset && { reset }) };
  }
}
