const blockBytes = 1 << 17;

/** A zstd frame that holds bytes as they are, in raw blocks (RFC 8878, 3.1.1). */
export function storedFrame(bytes: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0xa0, 4); // a single segment, its size in four bytes
  head.writeUInt32LE(bytes.length, 5);
  const blocks: Buffer[] = [head];
  for (let at = 0; at === 0 || at < bytes.length; at += blockBytes) {
    const piece = bytes.subarray(at, at + blockBytes);
    const last = at + blockBytes >= bytes.length ? 1 : 0;
    const header = Buffer.alloc(3);
    header.writeUIntLE((piece.length << 3) | last, 0, 3);
    blocks.push(header, piece);
  }
  return Buffer.concat(blocks);
}
