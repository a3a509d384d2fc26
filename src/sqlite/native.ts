import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { CairnError } from '../errors.ts';
import { busyError, fileError, Moved } from './failure.ts';
import { allowedView, plainRow } from './tables.ts';
import type { SqliteDatabase, SqliteRow, SqliteView } from './types.ts';

/** What is used of `node:sqlite`: Node 22.13 and later. */
interface NativeModule {
  readonly DatabaseSync: new (path: string | URL, options: { readonly readOnly: true }) => NativeDatabase;
}
interface NativeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  close(): void;
}
interface NativeStatement {
  setReadBigInts(enabled: boolean): void;
  iterate(...parameters: readonly (string | number)[]): Iterable<SqliteRow>;
}

/** SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL: the next attempt may find it otherwise. */
const transient: ReadonlySet<unknown> = new Set([5, 6, 10, 14, 15]);
const retries = 3;

/** `node:sqlite` where the runtime has it in the form that is used. */
export function nativeModule(): NativeModule | undefined {
  const load = (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (load === undefined || major < 22 || (major === 22 && minor < 13)) return undefined;
  return load('node:sqlite') as NativeModule | undefined;
}

/** Reads through the runtime's own SQLite, over a connection that is read-only and lasts for one snapshot. */
export function openNative(native: NativeModule, path: string, tables: readonly string[]): SqliteDatabase {
  return {
    path,
    engine: 'native',
    async snapshot(use) {
      let failure: unknown;
      for (let tried = 0; tried <= retries; tried++) {
        if (tried > 0) await delay(20 * 2 ** tried);
        try {
          return isAlone(path) ? readAlone(native, path, tables, use) : readShared(native, path, tables, use);
        } catch (error) {
          failure = error;
          if (error instanceof Moved) continue;
          const code = (error as { errcode?: unknown }).errcode;
          if (typeof code !== 'number') throw error;
          if (!transient.has(code & 0xff)) {
            throw new CairnError('corrupt', `The database cannot be read: ${path}`, { cause: error });
          }
        }
      }
      throw busyError(path, failure);
    },
  };
}

type Use<T> = (view: SqliteView) => T;

function readShared<T>({ DatabaseSync }: NativeModule, path: string, tables: readonly string[], use: Use<T>): T {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    // Without a log, readers and writers wait for one another.
    database.exec('PRAGMA busy_timeout = 250; BEGIN');
    return use(allowedView(path, tables, (sql, parameters) => run(database, sql, parameters)));
  } finally {
    database.close();
  }
}

/**
 * A read-only connection to a database in WAL mode makes a log and its index where there are none, and leaves them
 * behind. When nobody has it open, it is read as a file that stands still, if it did.
 */
function readAlone<T>({ DatabaseSync }: NativeModule, path: string, tables: readonly string[], use: Use<T>): T {
  const before = stampOf(path);
  const stoodStill = () => stampOf(path) === before && isAlone(path);
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true });
  let result: T;
  try {
    result = use(allowedView(path, tables, (sql, parameters) => run(database, sql, parameters)));
  } catch (error) {
    throw stoodStill() ? error : new Moved('it was written to', { cause: error });
  } finally {
    database.close();
  }
  if (!stoodStill()) throw new Moved('it was written to');
  return result;
}

function* run(database: NativeDatabase, sql: string, parameters: readonly (string | number)[]): Generator<SqliteRow> {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  for (const row of statement.iterate(...parameters)) yield plainRow(Object.keys(row), Object.values(row));
}

/**
 * Whether it is in WAL mode and no process has it open: the last one to close it took the log away. The file is
 * looked into while this process has no connection: to close it would release the locks of one.
 * @throws CairnError `not-found`, `denied`, `corrupt`
 */
function isAlone(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const header = Buffer.alloc(20);
    const inWalMode = readSync(file, header, 0, 20, 0) === 20 && header[18] === 2;
    return inWalMode && lstatSync(`${path}-wal`, { throwIfNoEntry: false }) === undefined;
  } catch (cause) {
    throw fileError(path, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Empty when the file is gone. */
function stampOf(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
}
