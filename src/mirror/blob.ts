import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { openFile } from '../harness/byte-source.ts';
import type { FileRef } from '../harness/types.ts';
import type { Redacted } from '../redact/types.ts';
import { blobKey, type SessionAddress } from '../store/keys.ts';
import type { Payload } from '../store/types.ts';
import type { Preparer } from './preparer.ts';
import type { MirrorContext } from './session.ts';
import { addTallies, type Tally } from './tally.ts';

const BLOCK_BYTES = 4 << 20;
const LINE_LIMIT = 1 << 30;

export interface StoredBlob {
  /** Of what was stored, after redaction; in an encrypted project a keyed hash of it. */
  readonly sha256: string;
  readonly size: number;
  readonly found: Tally;
  /** 1 where the file is an image. */
  readonly images: number;
}

/**
 * Redacts a side file and stores it under its hash, in the session's folder. A large one is read again for
 * the upload: neither memory nor disk holds a copy of it. A file that changed meanwhile is refused.
 */
export async function storeBlob(
  c: MirrorContext,
  session: SessionAddress,
  preparer: Preparer,
  file: FileRef,
): Promise<StoredBlob> {
  const blob = await settled(file, preparer);
  // A plain hash would tell who reads an encrypted bucket which known file this is.
  const sealed = (await c.store.sealing?.()) !== undefined;
  const sha256 = sealed ? keyedName(c, blob.sha256) : blob.sha256;
  await createBlob(
    c,
    blobKey(session, sha256),
    blob.whole ?? {
      size: blob.size,
      async *open() {
        const again = createHash('sha256');
        for await (const { block } of redactedBlocks(file, preparer)) {
          again.update(block);
          yield block;
        }
        if (again.digest('hex') !== blob.sha256) throw changed(file);
      },
    },
  );
  return { ...blob, sha256 };
}

function keyedName(c: MirrorContext, sha256: string): string {
  const hmac = c.key.hmac();
  hmac.update(Buffer.from(`blob ${sha256}`));
  return hmac.digest();
}

interface Measured extends StoredBlob {
  /** The blob itself, where it is one block. */
  readonly whole: Uint8Array | undefined;
}

/**
 * What a file comes to. What is found at its end may be known to stand at its beginning too: a file of
 * several blocks is redacted until nothing more is learnt.
 */
async function settled(file: FileRef, preparer: Preparer): Promise<Measured> {
  let blob = await measure(file, preparer);
  for (let attempt = 1; !blob.whole; attempt++) {
    const again = await measure(file, preparer);
    if (again.sha256 === blob.sha256) return again;
    if (attempt === 4) throw changed(file);
    blob = again;
  }
  return blob;
}

async function measure(file: FileRef, preparer: Preparer): Promise<Measured> {
  const hash = createHash('sha256');
  let size = 0;
  let found: Tally = {};
  let blocks = 0;
  let images = 0;
  let whole: Uint8Array | undefined = new Uint8Array();
  for await (const redacted of redactedBlocks(file, preparer)) {
    hash.update(redacted.block);
    if (size === 0 && isImage(redacted.block)) images = 1;
    size += redacted.block.length;
    found = addTallies(found, redacted.found);
    whole = ++blocks === 1 ? redacted.block : undefined;
  }
  return { sha256: hash.digest('hex'), size, found, images, whole };
}

const signatures = ['\x89PNG', '\xff\xd8\xff', 'GIF8'];

/** By its first bytes: PNG, JPEG, GIF or WebP. */
function isImage(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return signatures.some((signature) => start.startsWith(signature)) || /^RIFF.{4}WEBP/s.test(start);
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

/** A file's bytes in blocks of whole lines, redacted. What has no newline is one block. */
async function* redactedBlocks(file: FileRef, preparer: Preparer): AsyncGenerator<Redacted> {
  let line: Buffer[] = [];
  let held = 0;
  const source = await openFile(file.path);
  for await (const piece of source.createReadStream({ highWaterMark: BLOCK_BYTES })) {
    const end = endOfBlock(piece);
    if (end > 0) {
      yield await preparer.redact(Buffer.concat([...line, piece.subarray(0, end)]));
      line = [];
      held = 0;
    }
    line.push(piece.subarray(end));
    held += piece.length - end;
    if (held > LINE_LIMIT) throw tooLarge(file);
  }
  if (held > 0) yield await preparer.redact(Buffer.concat(line));
}

/** Bytes before the end of a piece in which a better place to cut is looked for. */
const cutReach = 65_536;

/** Behind the last line of a piece; where a key has begun and not ended, before it, else behind an empty line. */
function endOfBlock(piece: Buffer): number {
  const end = piece.lastIndexOf(10) + 1;
  const key = piece.lastIndexOf('-----BEGIN ');
  if (key > Math.max(end - cutReach, piece.lastIndexOf('-----END '))) return piece.lastIndexOf(10, key) + 1;
  const empty = piece.lastIndexOf('\n\n', end) + 2;
  return empty > end - cutReach && empty > 2 ? empty : end;
}

function tooLarge(file: FileRef): CairnError {
  return new CairnError('too-large', `expected lines of at most 1 GiB in ${file.path}, got a longer one`, {
    hint: 'this side file is not mirrored; the rest of its session is',
  });
}

function changed(file: FileRef): CairnError {
  return new CairnError('unavailable', `expected ${file.path} to stand still while it was stored, but it changed`, {
    hint: 'it is taken with the next run',
  });
}
