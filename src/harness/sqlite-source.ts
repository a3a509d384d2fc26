import { lstatSync } from 'node:fs';
import { CairnError } from '../errors.ts';
import { openDatabase } from '../sqlite/open.ts';
import type { SqliteView } from '../sqlite/types.ts';
import type { FileRef, FileStamp, Selection, StreamRef } from './types.ts';
import { fileRef } from './walk.ts';

/** A database of sessions: the tables that may be read, and no others. */
export interface SessionTables {
  readonly tables: readonly string[];
}

/** Reads a database at one moment. @throws CairnError as `SqliteDatabase.snapshot` does */
export function readDatabase<T>(path: string, { tables }: SessionTables, use: (view: SqliteView) => T): Promise<T> {
  return openDatabase(path, { tables }).snapshot(use);
}

/** Tells a database from any other that stood at its path. */
export function databaseOf({ stamp }: FileRef): string {
  return `${stamp.dev}:${stamp.ino}`;
}

/** A session of the database `file` as a candidate of a stream. */
export function sessionRow(
  file: FileRef,
  session: {
    readonly key: string;
    /** Changes when the session's rows do. */
    readonly mark: string;
    readonly rows: number;
    /** Milliseconds since 1970. */
    readonly modified: number;
  },
): FileRef {
  const mtime = String(BigInt(Math.max(0, Math.trunc(session.modified))) * 1_000_000n);
  const { dev, ino } = file.stamp;
  const size = session.rows * typicalRow;
  return { path: file.path, key: session.key, stamp: { dev, ino, size, mtime, ctime: mtime, mark: session.mark } };
}

/** Nothing cheap tells the bytes of a session: an estimate for progress and memory. */
const typicalRow = 1024;

/** The candidate that a reader takes, and its session's key there. @throws CairnError `not-found` */
export function candidateOf(stream: StreamRef): { readonly file: FileRef; readonly key: string } {
  const [file] = stream.files;
  if (file?.key === undefined) throw new CairnError('not-found', `The stream has no database: ${stream.name}`);
  return { file, key: file.key };
}

/** Of several databases with one session the one that the cursor knows, else the first; the others are branches. */
export function selectDatabase(stream: StreamRef, database: string | undefined): Selection {
  const only = (file: FileRef): StreamRef => ({ ...stream, files: [file] });
  const [first] = stream.files;
  const primary = stream.files.find((file) => databaseOf(file) === database) ?? first;
  if (primary === undefined) return { primary: stream, others: [] };
  return { primary: only(primary), others: stream.files.filter((file) => file !== primary).map(only) };
}

/**
 * What was found in databases, kept while they stand still: `look` is called again only for one that was touched.
 * A file touched within the grain of its clock may be touched again without a new stamp, so a database counts as
 * still only when the stamps were the same at the look before.
 */
export function stillDatabases<T>(look: (file: FileRef) => Promise<T>): (path: string) => Promise<T | undefined> {
  const seen = new Map<string, { readonly stamps: string; readonly settled: boolean; readonly found: T }>();
  return async (path) => {
    const [file] = fileRef(path);
    if (file === undefined) {
      seen.delete(path);
      return undefined;
    }
    const stamps = JSON.stringify([file.stamp, stampOf(`${path}-wal`), stampOf(`${path}-journal`)]);
    const known = seen.get(path);
    if (known?.settled && known.stamps === stamps) return known.found;
    const found = await look(file);
    seen.set(path, { stamps, settled: known?.stamps === stamps, found });
    return found;
  };
}

function stampOf(path: string): (Pick<FileStamp, 'ino' | 'mtime' | 'ctime'> & { readonly size: string }) | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return (
    stat && { ino: String(stat.ino), size: String(stat.size), mtime: String(stat.mtimeNs), ctime: String(stat.ctimeNs) }
  );
}
