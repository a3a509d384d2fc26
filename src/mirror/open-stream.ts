import type { Harness, SessionRef, StreamRef } from '../harness/types.ts';
import { storeBlob } from './blob.ts';
import type { Preparer } from './preparer.ts';
import { recover } from './recover.ts';
import { redactedText } from './redacted-text.ts';
import type { MirrorContext } from './session.ts';
import type { SessionState } from './state-folder.ts';
import type { Stream } from './stream.ts';
import { firstRecord } from './stream-record.ts';
import type { Tally } from './tally.ts';
import { addTallies } from './tally.ts';

/**
 * A stream with its record: the local one, or what the bucket says where that is lost. `copy` names a second
 * source of one stream, which has a record of its own.
 */
export async function openStream(
  c: MirrorContext,
  harness: Harness,
  session: SessionRef,
  ref: StreamRef,
  preparer: Preparer,
  state: SessionState,
  copy?: string,
): Promise<Stream> {
  const address = { project: c.project, harness: harness.name, session: session.id, stream: ref.name };
  const repository = session.cwd === undefined ? undefined : await c.repositoryOf(session.cwd);
  const local = copy === undefined ? ref.name : `${ref.name}@${copy}`;
  const title = session.title === undefined ? undefined : await redactedText(preparer, session.title);
  const found = await state.readStream(local);
  let inBlobs: Tally = {};
  let images = 0;
  const stream: Stream = {
    store: c.store,
    runtime: c.runtime,
    harness,
    ref,
    address,
    key: c.key,
    redactor: c.redactor,
    preparer,
    writer: c.writer,
    context: {
      ...(c.user && { user: c.user }),
      ...(repository && { repository }),
      ...(title && { title }),
      ...(session.agentVersion !== undefined && { agentVersion: session.agentVersion }),
      ...(session.schema !== undefined && { schema: session.schema }),
      ...(session.lineage.length > 0 && { lineage: session.lineage.slice(0, 16) }),
    },
    compress: c.compress,
    chunkBytes: c.chunkBytes,
    signal: c.signal,
    async blob(file) {
      const blob = await storeBlob(c, address, preparer, file);
      inBlobs = addTallies(inBlobs, blob.found);
      images += blob.images;
      return blob;
    },
    takeBlobFindings() {
      const taken = { found: inBlobs, images };
      inBlobs = {};
      images = 0;
      return taken;
    },
    record: found ?? firstRecord(),
    async save() {
      // First what was found: the cursor never passes a secret that the next run would not know.
      await state.appendSecrets(preparer.learned());
      await state.writeStream(local, stream.record);
    },
    report: (event) => c.report(address, ref.name, event),
  };
  if (found) return stream;
  if (copy !== undefined || (await c.known(address))) await recover(stream);
  else stream.record.confirmed = c.runtime.now(); // nothing is there
  return stream;
}
