import { CairnError } from '../errors.ts';

/** As many bytes as a part of the mirror holds: what is learnt in a block is removed from all of it. */
const BLOCK_BYTES = 8 << 20;
const LINE_LIMIT = 1 << 30;

/**
 * Collects what comes in into blocks of whole lines. A block goes out when it is full, or when nothing more
 * comes until `pause` is over: a live source is not held back. Only the last may lack its newline. `allocate` gives the
 * memory of a block.
 * @throws CairnError `too-large` for a line of more than 1 GiB
 */
export async function* lineBlocks(
  source: AsyncIterable<Uint8Array>,
  pause: () => Promise<void>,
  allocate: (size: number) => Buffer = Buffer.allocUnsafe,
): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  /** Bytes of `held` up to the end of its last whole line. */
  let whole = 0;
  const take = (length: number) => {
    const block = allocate(length);
    let at = 0;
    while (at < length) {
      const chunk = held.shift() as Uint8Array;
      const rest = length - at;
      if (chunk.length > rest) held.unshift(chunk.subarray(rest));
      block.set(chunk.length > rest ? chunk.subarray(0, rest) : chunk, at);
      at += chunk.length;
    }
    size -= length;
    whole = 0;
    return block;
  };
  try {
    for (;;) {
      const next = chunks.next();
      if (whole > 0 && !(await isSettled(next, pause()))) yield take(whole);
      const { value: chunk, done } = await next;
      if (done) break;
      held.push(chunk);
      const newline = chunk.lastIndexOf(0x0a);
      if (newline >= 0) whole = size + newline + 1;
      size += chunk.length;
      if (whole > 0 && size >= BLOCK_BYTES) yield take(whole);
      if (size > LINE_LIMIT) {
        throw new CairnError('too-large', 'expected lines of at most 1 GiB, got a longer one');
      }
    }
    if (size > 0) yield take(size);
  } finally {
    await chunks.return?.();
  }
}

/** Whether `promise` is settled before `pause` is over. */
export function isSettled(promise: Promise<unknown>, pause: Promise<void>): Promise<boolean> {
  const settled = () => true;
  return Promise.race([promise.then(settled, settled), pause.then(() => false)]);
}
