import { ByteReader, ByteWriter } from './bytes.ts';
import { documentKinds, type SearchDocument } from './document.ts';

const errorBit = 128;

/** What a segment knows of its documents beside their words, one column for each fact. */
export interface DocumentColumns {
  /** Index in `documentKinds`; the top bit marks an error. */
  readonly kind: Uint8Array;
  /** Index in the segment's tools, from 1; 0: none. At most 255 tools are told apart. */
  readonly tool: Uint8Array;
  /** Count of tokens as `lengthCode`. */
  readonly length: Uint8Array;
  readonly seq: Uint32Array;
  readonly record: Uint32Array;
  /** Seconds since 1970; 0: unknown. */
  readonly time: Uint32Array;
}

export function emptyColumns(count: number): DocumentColumns {
  return {
    kind: new Uint8Array(count),
    tool: new Uint8Array(count),
    length: new Uint8Array(count),
    seq: new Uint32Array(count),
    record: new Uint32Array(count),
    time: new Uint32Array(count),
  };
}

/** A count in eight bits, within 5 %. */
export function lengthCode(tokens: number): number {
  return Math.min(255, Math.round(Math.log2(tokens + 1) * 8));
}

/** The count behind each code. */
export const lengthOfCode = Float64Array.from({ length: 256 }, (_, code) => 2 ** (code / 8) - 1);

export function setDocument(columns: DocumentColumns, at: number, document: SearchDocument, tool: number): void {
  columns.kind[at] = documentKinds.indexOf(document.kind) | (document.error ? errorBit : 0);
  columns.tool[at] = tool;
  columns.seq[at] = document.seq;
  columns.record[at] = document.record;
  columns.time[at] = Math.max(0, Math.floor((document.time ?? 0) / 1000));
}

export function kindAt(columns: DocumentColumns, at: number): (typeof documentKinds)[number] {
  return documentKinds[(columns.kind[at] ?? 0) & ~errorBit] ?? 'other';
}

export function isErrorAt(columns: DocumentColumns, at: number): boolean {
  return (columns.kind[at] ?? 0) >= errorBit;
}

/** Columns one after the other; numbers as differences, the sign in the lowest bit. */
export function encodeColumns(columns: DocumentColumns): Uint8Array {
  const out = new ByteWriter(columns.kind.length * 8 + 16);
  out.append(columns.kind);
  out.append(columns.tool);
  out.append(columns.length);
  for (const column of [columns.seq, columns.record, columns.time]) {
    let before = 0;
    for (const value of column) {
      const difference = value - before;
      // Differences of 32-bit numbers fill 33 bits: they are taken round the circle.
      out.number(((difference << 1) ^ (difference >> 31)) >>> 0);
      before = value;
    }
  }
  return out.view();
}

export function decodeColumns(bytes: Uint8Array, count: number): DocumentColumns {
  const reader = new ByteReader(bytes);
  const [kind, tool, length] = [reader.take(count), reader.take(count), reader.take(count)];
  const numbers = () => {
    const column = new Uint32Array(count);
    let before = 0;
    for (let i = 0; i < count; i++) {
      const code = reader.number();
      before = (before + ((code >>> 1) ^ -(code & 1))) >>> 0;
      column[i] = before;
    }
    return column;
  };
  return { kind, tool, length, seq: numbers(), record: numbers(), time: numbers() };
}
