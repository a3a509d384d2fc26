import { CairnError } from '../errors.ts';
import type { SqliteRow, SqliteView } from './types.ts';

/** Runs any statement, unchecked. */
export type RunStatement = (sql: string, parameters: readonly (string | number)[]) => Iterable<SqliteRow>;

/**
 * A view that lets through only what the allow-list says. Before a statement runs, `EXPLAIN` tells which b-trees its
 * program opens: a view, an index or a subquery cannot hide a table from that.
 */
export function allowedView(path: string, tables: readonly string[], run: RunStatement): SqliteView {
  const allowed = new Set(tables);
  const checked = new Set<string>();
  let owners: ReadonlyMap<unknown, unknown> | undefined;

  function check(sql: string, parameters: readonly (string | number)[]): void {
    if (!/^\s*(?:select|with)\b/i.test(sql)) throw refused(path, 'a statement that is no SELECT');
    owners ??= new Map(
      [...run('SELECT rootpage, tbl_name FROM sqlite_schema', [])].map((r) => [r.rootpage, r.tbl_name]),
    );
    for (const { opcode, p2, p3 } of run(`EXPLAIN ${sql}`, parameters)) {
      if (opcode === 'OpenWrite' || opcode === 'VOpen') throw refused(path, `a statement that does ${opcode}`);
      if (opcode !== 'OpenRead' && opcode !== 'ReopenIdx') continue;
      const table = p3 === 0 ? owners.get(p2) : undefined;
      if (typeof table !== 'string' || !allowed.has(table))
        throw refused(path, `the table ${table ?? 'sqlite_schema'}`);
    }
    checked.add(sql);
  }

  return {
    path,
    rows(sql, ...parameters) {
      if (!checked.has(sql)) check(sql, parameters);
      return run(sql, parameters);
    },
    columns(table) {
      if (!allowed.has(table)) throw refused(path, `the table ${table}`);
      return [...run('SELECT name FROM pragma_table_info(?)', [table])].map(({ name }) => String(name));
    },
  };
}

function refused(path: string, what: string): CairnError {
  return new CairnError('denied', `Expected a read of the tables that are allowed, got ${what}: ${path}`);
}

/** Integers as numbers, but for those that a number cannot hold. */
export function plainRow(names: readonly string[], values: readonly SqliteRow[string][]): SqliteRow {
  const row: Record<string, SqliteRow[string]> = Object.create(null);
  for (const [i, name] of names.entries()) {
    const value = values[i] ?? null;
    row[name] = typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  return row;
}
