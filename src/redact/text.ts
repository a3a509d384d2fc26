import { isUtf8 } from 'node:buffer';
import type { Redacted, Redactor } from './types.ts';

const newline = 0x0a;
/** Larger text is redacted line by line: as one string it would be held several times. */
const largestText = 64 << 20;
/** In front of a mark and behind it, what was there before stands as it was. */
const mark = /\[REDACTED:[a-z0-9-]{2,40}:[0-9a-f]{8}\]/;

/**
 * Text that is no record: a message, a file, what a program printed. A secret in it may go over several lines, so it
 * is redacted as one string. What is JSON line by line, or no UTF-8, is redacted line by line.
 * When nothing was found, `block` is the very object that was given.
 */
export function redactText(redactor: Redactor, bytes: Uint8Array): Redacted {
  const line = asRecord(bytes);
  if (line === undefined) return redactLines(redactor, bytes);
  const { block, ...rest } = redactor.redact(line);
  return block === line
    ? { block: bytes, ...rest }
    : { block: Buffer.from(JSON.parse(textOf(block)) as string), ...rest };
}

/** Text of several lines as the one string of a record; nothing for what is redacted line by line. */
export function asRecord(bytes: Uint8Array): Buffer | undefined {
  return isWholeText(bytes) ? Buffer.from(`${JSON.stringify(textOf(bytes))}\n`) : undefined;
}

/** Whether a secret may go over its lines: several, of which the first is no record. */
export function isWholeText(bytes: Uint8Array): boolean {
  const first = bytes.indexOf(newline);
  if (first < 0 || first === bytes.length - 1 || bytes.length > largestText) return false;
  return !isRecord(bytes.subarray(0, first)) && isUtf8(bytes);
}

/** Where in a text the offsets of its record lie: by offset, for those between two characters. */
export function offsetsInText(record: Buffer, offsets: Iterable<number>): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  let from = 1;
  let at = 0;
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    at += Buffer.byteLength(JSON.parse(`"${record.toString('utf8', from, offset)}"`) as string);
    places.set(offset, at);
    from = offset;
  }
  return places;
}

/** As `redactText`, with as many lines as before: those that a secret went over are empty behind its mark. */
export function redactKeepingLines(redactor: Redactor, bytes: Uint8Array): Redacted {
  const { block, ...rest } = redactText(redactor, bytes);
  // Of records each is redacted by itself. To make strings of what is neither would take longer than to redact it.
  if (block === bytes || !isWholeText(bytes)) return { block, ...rest };
  const before = textOf(bytes);
  const after = textOf(block);
  let missing = countLines(before) - countLines(after);
  if (missing === 0) return { block, ...rest };
  const [first = '', ...pieces] = after.split(mark);
  const marks = after.match(new RegExp(mark, 'g')) ?? [];
  let text = first;
  let at = before.startsWith(first) ? first.length : 0;
  pieces.forEach((piece, i) => {
    // A piece in which a name was replaced is nowhere; the last mark has all that is left.
    const next = before.indexOf(piece, at);
    const lines = i === pieces.length - 1 ? missing : next < 0 ? 0 : countLines(before.slice(at, next));
    text += `${marks[i]}${'\n'.repeat(lines)}${piece}`;
    missing -= lines;
    if (next >= 0) at = next + piece.length;
  });
  return { block: Buffer.from(text), ...rest };
}

function redactLines(redactor: Redactor, bytes: Uint8Array): Redacted {
  if (bytes.at(-1) === newline) return redactor.redact(bytes);
  // The redactor takes whole lines.
  const { block, found, images } = redactor.redact(Buffer.concat([bytes, Buffer.from('\n')]));
  return Object.keys(found).length === 0
    ? { block: bytes, found, images }
    : { block: block.subarray(0, -1), found, images };
}

function isRecord(line: Uint8Array): boolean {
  if (line[0] !== 0x7b && line[0] !== 0x5b && line[0] !== 0x22) return false;
  try {
    JSON.parse(textOf(line));
    return true;
  } catch {
    return false; // text that only begins like JSON
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
