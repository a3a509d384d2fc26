/** A value of a column. An integer is a `bigint` only where a number would lose digits. */
export type SqliteValue = null | string | number | bigint | Uint8Array;

/** One row by the names of its columns. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** A database as it stood at one moment, open to the tables that were allowed and to no others. */
export interface SqliteView {
  readonly path: string;
  /**
   * Runs one `SELECT`. What it opens is asked of SQLite itself, so a view or a join leads to no other table.
   * @throws CairnError `denied` for a statement that reads a table that is not allowed, or writes
   */
  rows(sql: string, ...parameters: readonly (string | number)[]): Iterable<SqliteRow>;
  /** Columns of an allowed table; none where the database has no such table. */
  columns(table: string): readonly string[];
}

/** A database that other processes may be writing to: it is read, never written. Nothing is open between snapshots. */
export interface SqliteDatabase {
  readonly path: string;
  readonly engine: 'native' | 'wasm';
  /**
   * Calls `use` within one read transaction. Where the database moved on under it, `use` is called again: it must do
   * nothing but read, and be done when it returns.
   * @throws CairnError `not-found`, `denied`, `corrupt` (no database), `unavailable` (busy at every attempt)
   */
  snapshot<T>(use: (view: SqliteView) => T): Promise<T>;
}

export interface SqliteOptions {
  /** Names of all tables that may be read. */
  readonly tables: readonly string[];
  /** Default: native where the runtime has it. */
  readonly engine?: SqliteDatabase['engine'];
}
