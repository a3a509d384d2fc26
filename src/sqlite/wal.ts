import { readSync } from 'node:fs';

const headerBytes = 32;
const frameHeaderBytes = 24;
const batchBytes = 1024 * 1024;
const magicBigEndian = 0x377f0683;
const magicLittleEndian = 0x377f0682;

/**
 * The committed frames of a write-ahead log, as https://www.sqlite.org/fileformat2.html#walformat says: a frame counts
 * when its salts are those of the header, the running checksum holds, and a commit frame follows it. Frames of one
 * header are only appended, and what was committed never changes; a log that starts again has other salts.
 */
export class WalFrames {
  /** The 32 bytes that tell this run of the log from any other. */
  readonly header: Buffer;
  readonly pageSize: number;
  /** Byte offset of the newest committed content of a page. */
  readonly pages = new Map<number, number>();
  /** Pages of the database after the last commit; 0 before the first. */
  databasePages = 0;
  readonly #bigEndian: boolean;
  /** Where the next frame starts, and the checksum before it: behind the last commit. */
  #at = headerBytes;
  #sum: Checksum;

  private constructor(header: Buffer, bigEndian: boolean, sum: Checksum) {
    this.header = header;
    this.pageSize = header.readUInt32BE(8);
    this.#bigEndian = bigEndian;
    this.#sum = sum;
  }

  /** The log in `file`, nothing read but its header; `undefined` when it has no whole one. */
  static open(file: number): WalFrames | undefined {
    const header = Buffer.alloc(headerBytes);
    if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return undefined;
    const magic = header.readUInt32BE(0);
    if (magic !== magicBigEndian && magic !== magicLittleEndian) return undefined;
    const bigEndian = magic === magicBigEndian;
    const sum = checksum([0, 0], header, 0, 24, bigEndian);
    const holds = header.readUInt32BE(24) === sum[0] && header.readUInt32BE(28) === sum[1];
    return holds ? new WalFrames(header, bigEndian, sum) : undefined;
  }

  /** Takes what was committed since the last call; the pages that it changed. */
  advance(file: number): ReadonlySet<number> {
    const changed = new Set<number>();
    const frameBytes = frameHeaderBytes + this.pageSize;
    const batch = Buffer.alloc(Math.max(1, Math.floor(batchBytes / frameBytes)) * frameBytes);
    const open = new Map<number, number>();
    let sum = this.#sum;
    for (let at = this.#at; ; ) {
      const read = readSync(file, batch, 0, batch.length, at);
      for (let frame = 0; frame + frameBytes <= read; frame += frameBytes, at += frameBytes) {
        if (batch.compare(this.header, 16, 24, frame + 8, frame + 16) !== 0) return changed;
        sum = checksum(sum, batch, frame, frame + 8, this.#bigEndian);
        sum = checksum(sum, batch, frame + frameHeaderBytes, frame + frameBytes, this.#bigEndian);
        if (batch.readUInt32BE(frame + 16) !== sum[0] || batch.readUInt32BE(frame + 20) !== sum[1]) return changed;
        open.set(batch.readUInt32BE(frame), at + frameHeaderBytes);
        const databasePages = batch.readUInt32BE(frame + 4);
        if (databasePages === 0) continue;
        for (const [page, offset] of open) {
          this.pages.set(page, offset);
          changed.add(page);
        }
        open.clear();
        this.databasePages = databasePages;
        this.#at = at + frameBytes;
        this.#sum = sum;
      }
      if (read < batch.length) return changed;
    }
  }
}

type Checksum = readonly [number, number];

function checksum(before: Checksum, bytes: Buffer, from: number, to: number, bigEndian: boolean): Checksum {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b] = before;
  for (let at = from; at < to; at += 8) {
    a = (a + words.getUint32(at, !bigEndian) + b) >>> 0;
    b = (b + words.getUint32(at + 4, !bigEndian) + a) >>> 0;
  }
  return [a, b];
}
