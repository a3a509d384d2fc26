import type { FileStamp } from './types.ts';

/** Versioned tagged union; opaque to all but the reader that made it. Local only. */
export type Cursor = BytesCursor | VersionsCursor | RowsCursor | ChangesCursor;

export interface BytesCursor {
  readonly kind: 'bytes';
  /** After the last `\n` consumed, in plain bytes. */
  readonly offset: number;
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  /** SHA-256 of the first and the last 64 KiB before the offset. */
  readonly guard: string;
  /** Rolling SHA-256 over the whole 64 KiB blocks before the offset: proves a prefix when the file is another one. */
  readonly blocks: string;
}

export interface VersionsCursor {
  readonly kind: 'versions';
  /** Count of records shipped. */
  readonly count: number;
  /** Newest shipped version of each side file by its name. */
  readonly files: Readonly<Record<string, SideFileVersion>>;
}

/** In a table that grows within a generation. */
export interface RowsCursor {
  readonly kind: 'rows';
  /** Another one means that rows were replaced. */
  readonly generation: string;
  /** Sequence number of the last row consumed. */
  readonly seq: number;
  /** Device and inode of the database. */
  readonly database: string;
  /** SHA-256 over the last 64 rows consumed. */
  readonly guard: string;
  /** Rolling SHA-256 over all rows consumed. */
  readonly chain: string;
}

/** In tables whose rows are changed and deleted: what is shipped is a log of changes. */
export interface ChangesCursor {
  readonly kind: 'changes';
  /** Count of records shipped. */
  readonly count: number;
  /** Device and inode of the database; empty when the cursor was folded from the bucket. */
  readonly database: string;
  /** Table -> id -> mark of the row as it was shipped. */
  readonly marks: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * One record of a `changes` stream. `mark` is 16 hex digits of the keyed hash of the row; columns that do not count
 * are in neither.
 */
export type ChangeRecord =
  | {
      readonly put: string;
      readonly id: string | number;
      readonly mark: string;
      readonly row: Readonly<Record<string, unknown>>;
    }
  | { readonly delete: string; readonly id: string | number };

export type SideFileVersion =
  /** `stamp` is absent when the version was learnt from the bucket and not yet seen on this disk. */
  { readonly mark: string; readonly stamp?: FileStamp } | { readonly deleted: true };

/**
 * One record of a `files` stream: a version of a side file, text up to 64 KiB inline, else a blob of
 * the session. `mark` is 16 hex digits of the keyed hash of the file's bytes.
 */
export type SideFileRecord =
  | {
      readonly path: string;
      /** Bytes of the file, or of the blob as it was stored. */
      readonly size: number;
      /** Permission bits. */
      readonly mode: number;
      /** ISO 8601, UTC. */
      readonly mtime: string;
      readonly mark: string;
      readonly text?: string;
      readonly sha256?: string;
    }
  | { readonly path: string; readonly deleted: true };

/** What of a cursor means the same on every host: it stands in part headers. */
export type Position =
  | { readonly kind: 'bytes'; readonly offset: number }
  | { readonly kind: 'versions'; readonly count: number }
  | { readonly kind: 'rows'; readonly generation: string; readonly seq: number }
  | { readonly kind: 'changes'; readonly count: number };
