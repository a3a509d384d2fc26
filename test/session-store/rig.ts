import { harnesses } from '../../harnesses/index.ts';
import { inlinePreparer } from '../../src/mirror/preparer.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { firstRecord } from '../../src/mirror/stream-record.ts';
import type { Runtime } from '../../src/runtime.ts';
import { EntryLog } from '../../src/session-store/log.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { testRedactor } from '../mirror/rig.ts';

export const address = { project: 'p', harness: 'claude-code', session: 's', stream: 'main' };

/** The writing end of a session's main transcript, as a process has it. Parts hold 100 bytes. */
export function openLog(store: BucketStore, runtime: Runtime): EntryLog {
  const harness = harnesses.find(({ name }) => name === 'claude-code');
  if (!harness) throw new Error('no harness');
  const redactor = testRedactor();
  return new EntryLog({
    store,
    runtime,
    harness,
    ref: { name: 'main', kind: 'bytes', files: [] },
    address,
    key: sourceKey(Buffer.alloc(32, 7)),
    redactor: redactor.id,
    preparer: inlinePreparer(harness, redactor, 3),
    writer: { mirror: 'm', host: 'h', version: '0' },
    context: {},
    compress: 3,
    chunkBytes: 100,
    signal: undefined,
    blob: () => Promise.reject(new Error('none')),
    takeBlobFindings: () => ({ found: {}, images: 0 }),
    record: firstRecord(),
    save: async () => {},
    report() {},
  });
}
