import { ByteWriter, enlarged } from './bytes.ts';
import { documentKinds, type SearchDocument } from './document.ts';

const errorBit = 128;

/** What a segment knows of its documents beside their words, one column for each fact. */
export interface DocumentColumns {
  /** Index in `documentKinds`; the top bit marks an error. */
  readonly kind: Uint8Array;
  /** Index in the segment's tools, from 1; 0: none. At most 255 tools are told apart. */
  readonly tool: Uint8Array;
  /** Count of tokens in eight bits, within 5 %: eight times the binary logarithm of one more. */
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

/** The count behind each code. */
export const lengthOfCode = Float64Array.from({ length: 256 }, (_, code) => 2 ** (code / 8) - 1);

/** Columns that grow, document by document. */
export class ColumnsBuilder {
  #columns = emptyColumns(1024);
  #count = 0;

  /** @param tool its number in the segment, or 0; @param tokens words of the text */
  add(document: SearchDocument, tool: number, tokens: number): void {
    const at = this.#count++;
    if (at === this.#columns.kind.length) this.#columns = mapColumns(this.#columns, enlarged);
    const { kind, tool: tools, length, seq, record, time } = this.#columns;
    kind[at] = documentKinds.indexOf(document.kind) | (document.error ? errorBit : 0);
    tools[at] = tool;
    length[at] = Math.min(255, Math.round(Math.log2(tokens + 1) * 8));
    seq[at] = document.seq;
    record[at] = document.record;
    time[at] = Math.max(0, Math.floor((document.time ?? 0) / 1000));
  }

  columns(): DocumentColumns {
    return mapColumns(this.#columns, (column) => column.subarray(0, this.#count) as typeof column);
  }
}

function mapColumns(columns: DocumentColumns, change: <T extends Uint8Array | Uint32Array>(column: T) => T) {
  const { kind, tool, length, seq, record, time } = columns;
  return {
    kind: change(kind),
    tool: change(tool),
    length: change(length),
    seq: change(seq),
    record: change(record),
    time: change(time),
  };
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
  // A copy, so that the rest of the tail is let go.
  const bytesOf = (column: number) => new Uint8Array(bytes.subarray(column * count, (column + 1) * count));
  let at = count * 3;
  // Without a reader: these are most of what is decoded when an index is opened.
  const numbers = () => {
    const column = new Uint32Array(count);
    let before = 0;
    for (let i = 0; i < count; i++) {
      let byte = bytes[at++] ?? 0;
      let code = byte & 127;
      for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
        byte = bytes[at++] ?? 0;
        code |= (byte & 127) << shift;
      }
      before = (before + ((code >>> 1) ^ -(code & 1))) >>> 0;
      column[i] = before;
    }
    return column;
  };
  return {
    kind: bytesOf(0),
    tool: bytesOf(1),
    length: bytesOf(2),
    seq: numbers(),
    record: numbers(),
    time: numbers(),
  };
}
