import { CairnError } from '../errors.ts';

/** As many bytes as a part of the mirror holds: what is learnt in a block is removed from all of it. */
const BLOCK_BYTES = 8 << 20;
const LINE_LIMIT = 1 << 30;
/** A block and the chunk that fills it. What is not used of it costs nothing. */
const ROOM_BYTES = BLOCK_BYTES + (1 << 20);

/** Gives memory of at least so many bytes for the lines of a block. */
export type Allocate = (least: number) => Buffer;

/**
 * Collects what comes in into blocks of whole lines. A block goes out when it is full, or when nothing more
 * comes until `pause` is over: a live source is not held back. Only the last may lack its newline. A chunk of `source` is
 * copied before the next is asked for. A block has the memory that `allocate` gave from its beginning on.
 * @throws CairnError `too-large` for a line of more than 1 GiB; what `source` throws, behind all that came before
 */
export async function* lineBlocks(
  source: AsyncIterable<Uint8Array>,
  pause: () => Promise<void>,
  allocate: Allocate = Buffer.allocUnsafe,
): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  let room = allocate(ROOM_BYTES);
  let size = 0;
  /** Bytes up to the end of the last whole line. */
  let whole = 0;
  const add = (bytes: Uint8Array) => {
    if (size + bytes.length > room.length) {
      const larger = allocate(Math.max(size + bytes.length, 2 * room.length));
      larger.set(room.subarray(0, size));
      room = larger;
    }
    room.set(bytes, size);
    size += bytes.length;
  };
  /** Begins the next block with what is behind the lines that went out. */
  const begin = () => {
    const rest = room.subarray(whole, size);
    size = 0;
    whole = 0;
    room = allocate(Math.max(rest.length, ROOM_BYTES));
    add(rest);
  };
  try {
    for (;;) {
      const next = nextOf(chunks);
      if (whole > 0 && !(await isSettled(next, pause()))) {
        yield room.subarray(0, whole);
        begin();
      }
      const { value: chunk, failure } = await next;
      if (chunk === undefined) {
        if (size > 0) yield room.subarray(0, size);
        if (failure) throw failure.cause;
        return;
      }
      const newline = chunk.lastIndexOf(0x0a);
      if (newline >= 0) whole = size + newline + 1;
      add(chunk);
      if (whole > 0 && size >= BLOCK_BYTES) {
        yield room.subarray(0, whole);
        begin();
      }
      if (size > LINE_LIMIT) {
        throw new CairnError('too-large', 'expected lines of at most 1 GiB, got a longer one');
      }
    }
  } finally {
    await chunks.return?.();
  }
}

interface Next<T> {
  /** Absent at the end. */
  readonly value?: T;
  readonly failure?: { readonly cause: unknown };
}

/** What comes next; a failure is an end that says so, for what came before to go out first. */
export function nextOf<T>(items: AsyncIterator<T>): Promise<Next<T>> {
  return items.next().then(
    ({ value, done }) => (done ? {} : { value }),
    (cause: unknown) => ({ failure: { cause } }),
  );
}

/** Whether `promise` is settled before `pause` is over. */
export function isSettled(promise: Promise<unknown>, pause: Promise<void>): Promise<boolean> {
  const settled = () => true;
  return Promise.race([promise.then(settled, settled), pause.then(() => false)]);
}
