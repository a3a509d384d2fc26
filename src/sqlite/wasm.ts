/// <reference path="./sql-js.d.ts" />
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, SqlJs } from 'sql.js';
import { CairnError } from '../errors.ts';
import { busyError, Moved } from './failure.ts';
import { DatabasePages } from './pages.ts';
import { allowedView, plainRow } from './tables.ts';
import type { SqliteDatabase, SqliteRow, SqliteView } from './types.ts';

const attempts = 50;
/** Larger ones were not tried. */
const sizeLimit = 2 ** 31;

let engine: Promise<SqlJs> | undefined;

/**
 * Reads through sql.js, which takes the pages that it wants out of the live files. Nothing beside the database is
 * opened for writing, locked, or made.
 */
export function openWasm(path: string, tables: readonly string[]): SqliteDatabase {
  return {
    path,
    engine: 'wasm',
    async snapshot(use) {
      engine ??= import('sql.js').then(({ default: load }) => load());
      const { Database } = await engine;
      let moved: unknown;
      for (let attempt = 0; attempt < attempts; attempt++) {
        if (attempt > 0) await delay(Math.min(100, attempt));
        try {
          return readOnce(Database, path, tables, use);
        } catch (error) {
          if (!(error instanceof Moved)) throw error;
          moved = error;
        }
      }
      throw busyError(path, moved);
    },
  };
}

function readOnce<T>(
  open: SqlJs['Database'],
  path: string,
  tables: readonly string[],
  use: (view: SqliteView) => T,
): T {
  const pages = new DatabasePages(path);
  let database: Database | undefined;
  try {
    if (pages.length > sizeLimit) throw tooLarge(path, pages.length);
    database = new open(lazyBytes(pages));
    const connection = database;
    const result = use(allowedView(path, tables, (sql, parameters) => run(connection, sql, parameters)));
    if (!pages.holds()) throw new Moved('it was written to');
    return result;
  } catch (error) {
    if (error instanceof Moved) throw error;
    // Pages of two moments may look like anything.
    if (!pages.holds()) throw new Moved('it was written to', { cause: error });
    // What sql.js throws has no class of its own.
    const ofSqlite = error instanceof Error && error.constructor === Error;
    throw ofSqlite ? new CairnError('corrupt', `The database cannot be read: ${path}`, { cause: error }) : error;
  } finally {
    database?.close();
    pages.close();
  }
}

/**
 * sql.js keeps what it is given as a file in memory and reads pieces of it by `subarray`. Given this instead of bytes,
 * it asks for the pages that it needs: a database of 1 GiB is then neither copied nor held.
 */
function lazyBytes(pages: DatabasePages): Uint8Array {
  const bytes = {
    length: pages.length,
    slice: () => bytes,
    subarray: (from: number, to: number) => pages.read(from, to),
  };
  return bytes as unknown as Uint8Array;
}

function* run(database: Database, sql: string, parameters: readonly (string | number)[]): Generator<SqliteRow> {
  const statement = database.prepare(sql);
  try {
    statement.bind(parameters);
    let names: readonly string[] | undefined;
    while (statement.step()) {
      names ??= statement.getColumnNames();
      yield plainRow(names, statement.get(null, { useBigInt: true }));
    }
  } finally {
    statement.free();
  }
}

function tooLarge(path: string, size: number): CairnError {
  return new CairnError(
    'too-large',
    `Expected a database of at most ${sizeLimit / 2 ** 30} GiB, which this Node can read, got ${(size / 2 ** 30).toFixed(1)} GiB: ${path}`,
    { hint: 'Run with Node 24, or 22.13 and later: they bring SQLite, which reads it whatever its size.' },
  );
}
