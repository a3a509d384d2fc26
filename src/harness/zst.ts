import { type FileHandle, stat } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress, decompress } from 'fzstd';
import { CairnError } from '../errors.ts';
import { absent, type ByteSource, openFile, readFully } from './byte-source.ts';
import { blockBytes } from './prefix.ts';
import { sameStamp, stampOf } from './stamp.ts';

/** Memory that a frame may ask for: zstd's own default limit. */
const frameLimit = 128 * 1024 * 1024;
/** Compressed bytes pushed at once: four of them may become a block of 128 KiB. */
const pushBytes = 512;

/**
 * The plain bytes of a `.zst` file, decompressed as they are read and never stored. Forward reads go
 * on, a read that starts more than `window` bytes behind the end of the last one begins again; the
 * first 64 KiB are kept. Such a file is replaced, never written to: its stamp is its identity.
 * @throws CairnError `not-found`, `denied`, `corrupt`
 */
export async function openZst(path: string, window: number): Promise<ByteSource> {
  const file = await openFile(path);
  const stamp = stampOf(await file.stat({ bigint: true }));
  let output = new Output(path, file);
  let head: Buffer | undefined;

  async function read(from: number, length: number, into?: Buffer): Promise<Buffer> {
    if (from < output.start) {
      await output.close();
      output = new Output(path, file);
    }
    await output.advance(from, from + length, window);
    return output.copy(from, from + length, into);
  }

  return {
    path,
    stamp,
    async length() {
      while (!output.ended) await output.advance(output.end, output.end + blockBytes, window);
      return output.end;
    },
    async read(from, length, into) {
      head ??= await read(0, blockBytes);
      if (from + length > head.length) return read(from, length, into);
      return Buffer.from(head.subarray(from, from + length));
    },
    async unchanged() {
      const now = await stat(path, { bigint: true }).catch(absent);
      return now !== undefined && sameStamp(stampOf(now), stamp);
    },
    async close() {
      await output.close();
      await file.close();
    },
  };
}

/** The plain bytes of a compressed value, `atMost` so many. @throws Error when it is none, or larger */
export function unzstd(compressed: Uint8Array, atMost: number): Buffer {
  const native = (zlib as { zstdDecompressSync?: (bytes: Uint8Array, options: zlib.ZlibOptions) => Buffer })
    .zstdDecompressSync;
  if (native !== undefined) return native(compressed, { maxOutputLength: Math.max(1, atMost) });
  limitFrame(compressed);
  const plain = Buffer.from(decompress(compressed));
  if (plain.length > atMost) throw new Error(`expected at most ${atMost} plain bytes, got ${plain.length}`);
  return plain;
}

/** One run of the decompressor from the file's start, and the window kept of what came out. */
class Output {
  /** Plain offset of the first byte kept. */
  start = 0;
  /** Plain offset of the next byte to come. */
  end = 0;
  ended = false;
  readonly #pieces: Uint8Array[] = [];
  readonly #stream: AsyncGenerator<Uint8Array>;

  constructor(path: string, file: FileHandle) {
    this.#stream = decompressed(path, file);
  }

  /** Goes on until `to` or the end, and forgets what is more than `window` bytes old and before `from`. */
  async advance(from: number, to: number, window: number): Promise<void> {
    while (this.end < to && !this.ended) {
      const next = await this.#stream.next();
      if (next.done) {
        this.ended = true;
        return;
      }
      this.#pieces.push(next.value);
      this.end += next.value.length;
      const keep = Math.min(from, this.end - window);
      for (let [first] = this.#pieces; first && this.start + first.length <= keep; [first] = this.#pieces) {
        this.#pieces.shift();
        this.start += first.length;
      }
    }
  }

  copy(from: number, to: number, into: Buffer | undefined): Buffer {
    const size = Math.max(0, Math.min(to, this.end) - from);
    const target = (into ?? Buffer.allocUnsafeSlow(size)).subarray(0, size);
    let at = this.start;
    for (const piece of this.#pieces) {
      const part = piece.subarray(Math.max(0, from - at), Math.max(0, from + size - at));
      if (part.length > 0) target.set(part, Math.max(0, at - from));
      at += piece.length;
    }
    return target;
  }

  async close(): Promise<void> {
    await this.#stream.return(undefined);
  }
}

/** Node from 22.15 on brings zstd; before it a decompressor in JavaScript does the same, slower. */
async function* decompressed(path: string, file: FileHandle): AsyncGenerator<Uint8Array> {
  const native = (zlib as { createZstdDecompress?: (options: zlib.ZlibOptions) => Transform }).createZstdDecompress;
  try {
    if (native === undefined) yield* inJavaScript(pieces(file));
    else yield* pipeline(pieces(file), native({ chunkSize: 2 * blockBytes }), () => {});
  } catch (cause) {
    throw new CairnError('corrupt', `Expected zstd-compressed data: ${path}`, { cause });
  }
}

async function* pieces(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const piece = await readFully(file, Buffer.allocUnsafe(blockBytes), at);
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

async function* inJavaScript(input: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  const zstd = new Decompress((piece) => {
    if (piece.length > 0) out.push(piece);
  });
  let first = true;
  for await (const compressed of input) {
    if (first) limitFrame(compressed);
    first = false;
    for (let at = 0; at < compressed.length; at += pushBytes) {
      zstd.push(compressed.subarray(at, at + pushBytes));
      yield* out;
      out = [];
    }
  }
  zstd.push(new Uint8Array(), true);
  yield* out;
}

/** RFC 8878, 3.1.1.1: a frame with a window says its size in its sixth byte. */
function limitFrame(compressed: Uint8Array): void {
  const [, , , , descriptor = 0, window = 0] = compressed;
  const single = (descriptor & 0x20) !== 0;
  if (!single && 2 ** (10 + (window >> 3)) > frameLimit) throw new Error('the frame asks for a window above 128 MiB');
}
