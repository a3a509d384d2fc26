import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { accessError, readFlags } from './byte-source.ts';
import { linesOf, newline, parseRecord } from './jsonl.ts';
import { openSource } from './select.ts';

/** Holds a usual first record: codex 0.169 writes the model's instructions into it, 21 KB. */
const firstRead = 32 * 1024;
/** How far discovery looks into a transcript, and how far where the first line alone is longer. */
const headBytes = 64 * 1024;
const longHeadBytes = 1024 * 1024;
const tailBytes = 16 * 1024 * 1024;

/**
 * The values of a transcript's first whole lines, as far as they are JSON: up to 64 KiB, or up to
 * 1 MiB while no line has ended. A consumer that has seen enough stops, and no more is read.
 * @throws CairnError `not-found`, `denied`, `corrupt`, `unavailable`
 */
export async function* headOf(path: string): AsyncGenerator<unknown> {
  let seen = 0;
  for (let size = firstRead; size <= (seen === 0 ? longHeadBytes : headBytes); size *= 2) {
    const block = path.endsWith('.zst') ? await plainHead(path, size) : headNow(path, size);
    for (let end = block.indexOf(newline, seen); end >= 0; end = block.indexOf(newline, seen)) {
      const value = parseRecord(block.subarray(seen, end));
      seen = end + 1;
      if (value !== undefined) yield value;
    }
    if (block.length < size) return;
  }
}

/** How long a last record may be to be looked at. */
const lastBytes = 16 * 1024;

/** The value of a transcript's last whole line; `undefined` where it is no JSON, longer than 16 KiB, compressed or not readable. */
export function lastRecordOf(path: string): unknown {
  if (path.endsWith('.zst')) return undefined;
  let file: number | undefined;
  try {
    file = openSync(path, readFlags);
    const { size } = fstatSync(file);
    const block = Buffer.allocUnsafe(Math.min(lastBytes, size));
    const end = block.subarray(0, readSync(file, block, 0, block.length, size - block.length)).lastIndexOf(newline);
    const start = end < 1 ? -1 : block.lastIndexOf(newline, end - 1);
    return end < 0 || (start < 0 && size > block.length) ? undefined : parseRecord(block.subarray(start + 1, end));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A small file as a whole. @throws CairnError `not-found`, `denied`, `unavailable` */
export function readWhole(path: string): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, readFlags);
    return readFileSync(file);
  } catch (cause) {
    throw accessError(path, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Discovery opens every transcript: a system call costs a few microseconds, a promise of one ten times that. */
function headNow(path: string, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  let file: number | undefined;
  try {
    file = openSync(path, readFlags);
    return buffer.subarray(0, readSync(file, buffer, 0, size, 0));
  } catch (cause) {
    throw accessError(path, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function plainHead(path: string, size: number): Promise<Buffer> {
  const source = await openSource(path);
  try {
    return await source.read(0, size);
  } finally {
    await source.close();
  }
}

/** The values of an index's last lines, up to 16 MiB, as far as they are JSON. */
export async function tailOf(path: string): Promise<readonly unknown[]> {
  const source = await openSource(path);
  try {
    const block = await source.read(Math.max(0, (await source.length()) - tailBytes), tailBytes);
    return [...linesOf(block)].map(parseRecord).filter((value) => value !== undefined);
  } finally {
    await source.close();
  }
}
