import { createHash, type Hash } from 'node:crypto';
import type { SqliteView } from '../sqlite/types.ts';
import { type ChangingTable, quoted, rowJson } from './row-changes.ts';

/** What tells whether a session's rows changed, and an estimate of how many they are. */
export interface SessionMark {
  readonly mark: string;
  readonly rows: number;
}

/**
 * A mark for every session of a database, which changes when its rows do. `exact` reads every row. Otherwise the
 * row of the session itself is read, and of the tables below it the count and the highest id: an update in place
 * that leaves all of these alone is not seen then.
 */
export function sessionMarks(
  view: SqliteView,
  tables: readonly ChangingTable[],
  exact: boolean,
): ReadonlyMap<string, SessionMark> {
  const sessions = new Map<string, { readonly hash: Hash; rows: number }>();
  const push = (session: unknown, text: string, rows: number) => {
    const key = String(session);
    const found = sessions.get(key) ?? { hash: createHash('sha256'), rows: 0 };
    sessions.set(key, found);
    found.hash.update(`${text}\n`);
    found.rows += rows;
  };
  for (const table of tables) {
    const { table: name, id, session, omit } = table;
    const columns = view.columns(name).filter((column) => !omit?.has(column));
    if (columns.length === 0) continue;
    if (exact || id === session) {
      const selected = [`${quoted(session)} AS ${quoted(sessionAlias)}`, ...columns.map(quoted)];
      for (const row of view.rows(`SELECT ${selected} FROM ${quoted(name)}`)) {
        push(row[sessionAlias], rowJson(table, columns, row), 1);
      }
    } else {
      const counts = `count(*) AS count, max(${quoted(id)}) AS last`;
      const sql = `SELECT ${quoted(session)} AS session, ${counts} FROM ${quoted(name)} GROUP BY 1`;
      for (const { session: key, count, last } of view.rows(sql)) push(key, `${name} ${count} ${last}`, Number(count));
    }
  }
  return new Map([...sessions].map(([key, { hash, rows }]) => [key, { mark: hash.digest('hex'), rows }]));
}

const sessionAlias = 'cairn session';
