import type { Allocate } from './line-blocks.ts';

/** Memory of more bytes is not kept for another block: a line was longer than all others. */
const largestRoom = 32 << 20;

/** Memory that all threads see. */
export function sharedRoom(size: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(size));
}

/** The memory of blocks, used again after they were released: of at most so many at once. */
export function createRooms(
  allocate: Allocate,
  most: number,
): { readonly take: Allocate; readonly release: (block: Buffer) => void } {
  const free: Buffer[] = [];
  return {
    take(least) {
      const found = free.findIndex(({ length }) => length >= least);
      return found < 0 ? allocate(least) : (free.splice(found, 1)[0] as Buffer);
    },
    release({ buffer }) {
      if (buffer.byteLength <= largestRoom && free.length < most) free.push(Buffer.from(buffer as ArrayBuffer));
    },
  };
}

/** Puts parts together in the same memory again and again. */
export function createJoin(): (parts: readonly Uint8Array[]) => Uint8Array {
  let room = Buffer.alloc(0);
  return (parts) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (room.length < length || room.length > largestRoom) room = Buffer.allocUnsafeSlow(length + (length >> 3));
    let at = 0;
    for (const part of parts) {
      room.set(part, at);
      at += part.length;
    }
    return room.subarray(0, length);
  };
}
