import { CairnError } from '../errors.ts';
import type { SqliteRow, SqliteValue, SqliteView } from '../sqlite/types.ts';
import type { ChangeRecord, ChangesCursor } from './cursor.ts';
import type { StreamReader } from './harness.ts';
import { linesOfPieces, parseRecord } from './jsonl.ts';
import { ofKind, positionOf, resetChunk } from './position.ts';
import { candidateOf, databaseOf, readDatabase, type SessionTables, selectDatabase } from './sqlite-source.ts';
import { field } from './summary.ts';
import type { AdoptOptions, Chunk, PartRange, ReadOptions, SourceKey, StreamRef } from './types.ts';

type RowId = string | number;

/** A table of which each session has rows that are inserted, updated and deleted at will. */
export interface ChangingTable {
  readonly table: string;
  /** Column that tells a row for ever: a number or a text. */
  readonly id: string;
  /** Column with the session's key; where it is `id`, the row is the session's own, and without it there is no session. */
  readonly session: string;
  /** Its rows are what happened in the session, the newest one with the highest id. */
  readonly log?: true;
  /** Columns that do not count: in no record and no mark. */
  readonly omit?: ReadonlySet<string>;
  /** A value as JSON text, where it is not simply the column's value. */
  json?(column: string, value: SqliteValue): string | undefined;
}

/** The reader of `changes` streams; the tables' rows are shipped in the order given, each by id. */
export function rowChanges(tables: readonly ChangingTable[]): StreamReader {
  return {
    read: (stream, cursor, options) => readChanges(tables, stream, ofKind('changes', cursor), options),
    adopt: async (_, part, options) => adoptChanges(part, options),
    select: async (stream, cursor) => selectDatabase(stream, ofKind('changes', cursor)?.database),
    prove: async () => true,
    newest: async (stream) => {
      const { file, key } = candidateOf(stream);
      return await readDatabase(file.path, allowedOf(tables), (view) => newestOf(tables, view, key));
    },
  };
}

function allowedOf(tables: readonly ChangingTable[]): SessionTables {
  return { tables: tables.map(({ table }) => table) };
}

/** The change that a record of a `changes` stream is, or nothing. */
export function changeRecord(value: unknown): ChangeRecord | undefined {
  const id = field(value, 'id');
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  if (typeof field(value, 'delete') === 'string') return value as ChangeRecord;
  const whole = typeof field(value, 'mark') === 'string' && typeof field(value, 'row') === 'object';
  return whole && typeof field(value, 'put') === 'string' ? (value as ChangeRecord) : undefined;
}

/** Where a comparison goes on: one chunk ended before the row behind `after`. */
interface Place {
  readonly table: number;
  readonly after: RowId | undefined;
}

async function* readChanges(
  tables: readonly ChangingTable[],
  stream: StreamRef,
  cursor: ChangesCursor | undefined,
  options: ReadOptions,
): AsyncGenerator<Chunk> {
  const { primary } = selectDatabase(stream, cursor?.database);
  const { file } = candidateOf(primary);
  const allowed = allowedOf(tables);
  let known = cursor;
  let place: Place | undefined = { table: 0, after: undefined };
  while (place !== undefined && !options.signal?.aborted) {
    const from: Place = place;
    const compared: Compared = await readDatabase(file.path, allowed, (view) =>
      compare(tables, view, primary, known, from, options),
    );
    yield compared.chunk;
    if (compared.chunk.reset) return;
    known = compared.cursor;
    place = compared.rest;
  }
}

interface Compared {
  readonly chunk: Chunk;
  readonly cursor: ChangesCursor;
  readonly rest: Place | undefined;
}

/** The rows from `place` on against what was shipped of them: one chunk of changes. */
function compare(
  tables: readonly ChangingTable[],
  view: SqliteView,
  stream: StreamRef,
  cursor: ChangesCursor | undefined,
  place: Place,
  options: ReadOptions,
): Compared {
  const { file, key } = candidateOf(stream);
  const database = databaseOf(file);
  const own = tables.find(({ id, session }) => id === session);
  if (own && idsOf(own, view, key).length === 0) {
    // Its rows were not deleted one by one: what the bucket has of it stays.
    throw new CairnError('not-found', `The session is gone from the database: ${key} in ${file.path}`);
  }
  if (cursor && cursor.database !== database && isUnrelated(tables, view, key, cursor, options.key)) {
    return { chunk: resetChunk(cursor, 'replaced', options.key), cursor, rest: undefined };
  }
  const changes = new Changes(cursor, options);
  for (let n = place.table; n < tables.length; n++) {
    const table = tables[n];
    if (table === undefined) break;
    const after = n === place.table ? place.after : undefined;
    const rest = compareTable(table, view, key, after, changes, options.key);
    if (rest !== undefined) return changes.take(database, { table: n, after: rest.after });
  }
  return changes.take(database, undefined);
}

/** One table from the row behind `after` on; where it stopped, if the chunk is full. */
function compareTable(
  table: ChangingTable,
  view: SqliteView,
  key: string,
  after: RowId | undefined,
  changes: Changes,
  hmacKey: SourceKey,
): { readonly after: RowId | undefined } | undefined {
  const { table: name } = table;
  let passed = after;
  for (const { id, json } of rowsOf(table, view, key, after)) {
    const mark = markOf(json, hmacKey);
    if (changes.mark(name, id) !== mark && !changes.add({ put: name, id, mark }, json)) return { after: passed };
    passed = id;
  }
  const present = new Set(idsOf(table, view, key));
  for (const id of changes.ids(name)) {
    if (!present.has(id) && !changes.add({ delete: name, id })) return { after: passed };
  }
  return undefined;
}

/** Whether the database has nothing of what was shipped from another one. */
function isUnrelated(
  tables: readonly ChangingTable[],
  view: SqliteView,
  key: string,
  cursor: ChangesCursor,
  hmacKey: SourceKey,
): boolean {
  const shipped = foldOf(cursor);
  if ([...shipped.values()].every((marks) => marks.size === 0)) return false;
  for (const table of tables) {
    for (const { id, json } of rowsOf(table, view, key, undefined)) {
      if (shipped.get(table.table)?.get(JSON.stringify(id)) === markOf(json, hmacKey)) return false;
    }
  }
  return true;
}

function markOf(json: string, key: SourceKey): string {
  const hmac = key.hmac();
  hmac.update(Buffer.from(json));
  return hmac.digest().slice(0, 16);
}

/** A session's rows of one table behind the one with `after`, by id, as JSON text without their empty columns. */
function* rowsOf(
  table: ChangingTable,
  view: SqliteView,
  key: string,
  after: RowId | undefined,
  order: 'ASC' | 'DESC LIMIT 1' = 'ASC',
): Generator<{ readonly id: RowId; readonly json: string }> {
  const columns = view.columns(table.table).filter((column) => !table.omit?.has(column));
  if (columns.length === 0) return;
  const selected = [`${quoted(table.id)} AS ${quoted(idAlias)}`, ...columns.map(quoted)];
  const behind = after === undefined ? '' : `AND ${quoted(table.id)} > ?`;
  const where = `${quoted(table.session)} = ? ${behind}`;
  const sql = `SELECT ${selected} FROM ${quoted(table.table)} WHERE ${where} ORDER BY 1 ${order}`;
  for (const row of view.rows(sql, key, ...(after === undefined ? [] : [after]))) {
    yield { id: idOf(row), json: rowJson(table, columns, row) };
  }
}

/** The newest row as the record that a first reading makes of it; it has no mark. */
function newestOf(tables: readonly ChangingTable[], view: SqliteView, key: string): unknown {
  const log = tables.find((table) => table.log);
  const [newest] = log ? rowsOf(log, view, key, undefined, 'DESC LIMIT 1') : [];
  return log && newest && { put: log.table, id: newest.id, row: parseRecord(Buffer.from(newest.json)) };
}

function idsOf(table: ChangingTable, view: SqliteView, key: string): readonly RowId[] {
  if (view.columns(table.table).length === 0) return [];
  const columns = `${quoted(table.id)} AS ${quoted(idAlias)}`;
  const sql = `SELECT ${columns} FROM ${quoted(table.table)} WHERE ${quoted(table.session)} = ?`;
  return [...view.rows(sql, key)].map(idOf);
}

const idAlias = 'cairn id';

function idOf(row: SqliteRow): RowId {
  const id = row[idAlias];
  return typeof id === 'number' ? id : String(id);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function rowJson(table: ChangingTable, columns: readonly string[], row: SqliteRow): string {
  const fields: string[] = [];
  for (const column of columns) {
    const value = row[column] ?? null;
    if (value !== null) fields.push(`${JSON.stringify(column)}:${table.json?.(column, value) ?? valueJson(value)}`);
  }
  return `{${fields}}`;
}

/** An integer beyond 2^53 as its digits, bytes as `{"base64":…}`. */
function valueJson(value: SqliteValue): string {
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value);
}

/** Table -> id as JSON -> mark. */
type Fold = Map<string, Map<string, string>>;

function foldOf(cursor: ChangesCursor | undefined): Fold {
  return new Map(Object.entries(cursor?.marks ?? {}).map(([table, marks]) => [table, new Map(Object.entries(marks))]));
}

function marksOf(fold: Fold): ChangesCursor['marks'] {
  return Object.fromEntries([...fold].map(([table, marks]) => [table, Object.fromEntries(marks)]));
}

type Change = Omit<Extract<ChangeRecord, { put: string }>, 'row'> | Extract<ChangeRecord, { delete: string }>;

function applyChange(fold: Fold, change: Change): void {
  const table = 'put' in change ? change.put : change.delete;
  const marks = fold.get(table) ?? new Map<string, string>();
  fold.set(table, marks);
  if ('put' in change) marks.set(JSON.stringify(change.id), change.mark);
  else marks.delete(JSON.stringify(change.id));
}

/** The part's records, folded. They say nothing of the database that they came from. */
async function adoptChanges(part: PartRange, options: AdoptOptions): Promise<ChangesCursor | undefined> {
  if (part.from.kind !== 'changes' || part.to.kind !== 'changes') return undefined;
  const previous = ofKind('changes', options.previous);
  if ((previous?.count ?? 0) !== part.from.count) return undefined;
  const fold = foldOf(previous);
  for await (const line of linesOfPieces(options.records())) {
    const change = changeRecord(parseRecord(line));
    if (change) applyChange(fold, change);
  }
  return { kind: 'changes', count: part.to.count, database: '', marks: marksOf(fold) };
}

/** What of the fold has changed so far, and the records that say it. */
class Changes {
  readonly #marks: Map<string, Map<string, string>>;
  readonly #from: ChangesCursor | undefined;
  readonly #options: ReadOptions;
  readonly #lines: Buffer[] = [];
  #bytes = 0;

  constructor(cursor: ChangesCursor | undefined, options: ReadOptions) {
    this.#from = cursor;
    this.#options = options;
    this.#marks = foldOf(cursor);
  }

  mark(table: string, id: RowId): string | undefined {
    return this.#marks.get(table)?.get(JSON.stringify(id));
  }

  /** Shipped and not deleted since. */
  ids(table: string): readonly RowId[] {
    return [...(this.#marks.get(table)?.keys() ?? [])].map((id) => JSON.parse(id) as RowId);
  }

  /** False, and nothing happened, when the chunk is full. */
  add(change: Change, row?: string): boolean {
    const head = JSON.stringify(change);
    const line = Buffer.from(row === undefined ? `${head}\n` : `${head.slice(0, -1)},"row":${row}}\n`);
    if (this.#bytes > 0 && this.#bytes + line.length > this.#options.chunkBytes) return false;
    this.#lines.push(line);
    this.#bytes += line.length;
    applyChange(this.#marks, change);
    return true;
  }

  take(database: string, rest: Place | undefined): Compared {
    const bytes = Buffer.concat(this.#lines, this.#bytes);
    const hmac = this.#options.key.hmac();
    hmac.update(bytes);
    const records = this.#lines.length;
    const count = (this.#from?.count ?? 0) + records;
    const cursor: ChangesCursor = { kind: 'changes', count, database, marks: marksOf(this.#marks) };
    const from = positionOf(this.#from, 'changes');
    const source = hmac.digest();
    const chunk = { bytes, records, source, from, to: cursor, pending: 0, last: rest === undefined };
    return { chunk, cursor, rest };
  }
}
