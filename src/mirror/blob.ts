import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CairnError } from '../errors.ts';
import type { FileRef } from '../harness/types.ts';
import type { Redactor } from '../redact/types.ts';
import { blobKey, type SessionAddress } from '../store/keys.ts';
import type { Payload } from '../store/types.ts';
import type { MirrorContext } from './session.ts';
import { addTallies, type Tally } from './tally.ts';

export interface StoredBlob {
  /** Of what was stored, after redaction. */
  readonly sha256: string;
  readonly size: number;
  readonly found: Tally;
}

/**
 * Redacts a side file and stores it under its hash, in the session's folder. The file is read twice, once
 * for hash and size, once for the upload: neither memory nor disk holds a copy of it. A file that changed
 * between the two has another hash then, and is refused.
 */
export async function storeBlob(
  c: MirrorContext,
  session: SessionAddress,
  redactor: Redactor,
  file: FileRef,
): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let size = 0;
  let found: Tally = {};
  for await (const block of redactedBlocks(file, redactor)) {
    hash.update(block.block);
    size += block.block.length;
    found = addTallies(found, block.found);
  }
  const sha256 = hash.digest('hex');
  await createBlob(c, blobKey(session, sha256), {
    size,
    async *open() {
      const again = createHash('sha256');
      for await (const { block } of redactedBlocks(file, redactor)) {
        again.update(block);
        yield block;
      }
      if (again.digest('hex') !== sha256) throw changed(file);
    },
  });
  return { sha256, size, found };
}

/** Content-addressed: whoever made the object made the same one. */
async function createBlob(c: MirrorContext, key: string, payload: Payload): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await c.store.create(key, payload, c.signal && { signal: c.signal });
    if (answer.outcome === 'created' || answer.outcome === 'exists') return;
    if (attempt === 6) {
      throw new CairnError('unavailable', `expected to store ${key}, but the store gave no answer that settles it`, {
        cause: answer.cause,
        hint: 'run the same command again',
      });
    }
    await c.runtime.sleep(answer.retryAfterMs ?? c.runtime.random() * 50 * 2 ** attempt, c.signal);
  }
}

/** A file's bytes in blocks of whole lines, redacted. A file without newlines is one block. */
async function* redactedBlocks(file: FileRef, redactor: Redactor) {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(file.path, { highWaterMark: 4 << 20 })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const end = bytes.lastIndexOf(10) + 1;
    if (end > 0) yield redactor.redact(bytes.subarray(0, end));
    rest = bytes.subarray(end);
  }
  if (rest.length === 0) return;
  // The redactor takes whole lines; the newline that the file does not have is taken off again.
  const last = redactor.redact(Buffer.concat([rest, Buffer.from('\n')]));
  yield { ...last, block: last.block.subarray(0, -1) };
}

function changed(file: FileRef): CairnError {
  return new CairnError('unavailable', `expected ${file.path} to stand still while it was stored, but it changed`, {
    hint: 'it is taken with the next run',
  });
}
