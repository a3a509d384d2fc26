import { createHash, type Hash } from 'node:crypto';
import type { BytesCursor } from './cursor.ts';

/** Unit of the rolling hash, and how much of a prefix's start and end the guard covers. */
export const blockBytes = 64 * 1024;

/**
 * SHA-256 of the first and the last 64 KiB of a prefix of `offset` bytes; of the whole prefix up to
 * 128 KiB. `head` is its first bytes, `tail` its last ones, each 64 KiB or the whole prefix.
 */
function guardOf(offset: number, head: Uint8Array, tail: Uint8Array): string {
  const overlap = Math.max(0, head.length + tail.length - offset);
  return createHash('sha256').update(head).update(tail.subarray(overlap)).digest('hex');
}

/** Whether the prefix that the cursor covers has these ends, as far as a source could give them. */
export function guards(cursor: Pick<BytesCursor, 'offset' | 'guard'>, head: Uint8Array, tail: Uint8Array): boolean {
  // Shorter ends could be joined to the bytes of the guard all the same.
  const length = Math.min(blockBytes, cursor.offset);
  if (head.length !== length || tail.length !== length) return false;
  return guardOf(cursor.offset, head, tail) === cursor.guard;
}

/**
 * Folds a source's bytes, from its start, into what a cursor keeps of them. `blocks` is the chain
 * B0 = '', Bk = SHA-256(B(k-1) as hex, block k) over the whole 64 KiB blocks: with the guard, which
 * covers the rest, it decides whether another file has an equal prefix.
 */
export class Prefix {
  #offset: number;
  #head: Uint8Array;
  #tail: Uint8Array;
  #blocks: string;
  #open: Hash;

  /** At `offset`, where the chain is `blocks` and the prefix starts with `head` and ends with `tail`. */
  constructor(offset = 0, head: Uint8Array = new Uint8Array(), tail: Uint8Array = head, blocks = '') {
    this.#offset = offset;
    this.#head = head;
    this.#tail = tail;
    this.#blocks = blocks;
    this.#open = createHash('sha256')
      .update(blocks)
      .update(tail.subarray(tail.length - (offset % blockBytes)));
  }

  get offset(): number {
    return this.#offset;
  }

  get guard(): string {
    return guardOf(this.#offset, this.#head, this.#tail);
  }

  get blocks(): string {
    return this.#blocks;
  }

  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + blockBytes - ((this.#offset + from) % blockBytes));
      this.#open.update(piece);
      from += piece.length;
      if ((this.#offset + from) % blockBytes === 0) {
        this.#blocks = this.#open.digest('hex');
        this.#open = createHash('sha256').update(this.#blocks);
      }
    }
    if (this.#head.length < blockBytes)
      this.#head = join(this.#head, bytes.subarray(0, blockBytes - this.#head.length));
    const kept = this.#tail.subarray(Math.max(0, this.#tail.length + bytes.length - blockBytes));
    this.#tail = join(kept, bytes.subarray(Math.max(0, bytes.length - blockBytes)));
    this.#offset += bytes.length;
  }
}

/** A copy: a prefix must not keep a large chunk alive. */
function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.concat([a, b]);
}
