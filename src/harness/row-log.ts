import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import type { SqliteView } from '../sqlite/types.ts';
import type { RowsCursor } from './cursor.ts';
import type { StreamReader } from './harness.ts';
import { parseRecord } from './jsonl.ts';
import { ofKind, positionOf, resetChunk } from './position.ts';
import { candidateOf, databaseOf, readDatabase, type SessionTables, selectDatabase } from './sqlite-source.ts';
import type { AdoptOptions, Chunk, PartRange, ReadOptions, ResetReason, StreamRef } from './types.ts';

/** One row of a log: its sequence number and its record, which has no newline. */
export interface LogRow {
  readonly seq: number;
  readonly text: string;
}

/** A transcript that is kept as rows which, within a generation, are only added. */
export interface RowLog extends SessionTables {
  /** The session's generation; `undefined` when the database has no such session. */
  generation(view: SqliteView, session: string): string | undefined;
  /** Rows behind `after`, ascending. */
  rows(view: SqliteView, session: string, after: number): Iterable<LogRow>;
  /** The last `count` rows up to `seq`, descending. */
  rowsBefore(view: SqliteView, session: string, seq: number, count: number): Iterable<LogRow>;
}

/** Rows that the guard covers. */
const guarded = 64;

/** The reader of `rows` streams. */
export function rowLog(log: RowLog): StreamReader {
  return {
    read: (stream, cursor, options) => readRows(log, stream, ofKind('rows', cursor), options),
    adopt: (stream, part, options) => adoptRows(log, stream, part, options),
    select: async (stream, cursor) => selectDatabase(stream, ofKind('rows', cursor)?.database),
    prove: async (stream, cursor) => {
      if (cursor.kind !== 'rows') return false;
      return await readDatabase(candidateOf(stream).file.path, log, (view) => proves(log, view, stream, cursor));
    },
    newest: async (stream) => {
      const { file, key } = candidateOf(stream);
      const [row] = await readDatabase(file.path, log, (view) => [
        ...log.rowsBefore(view, key, Number.MAX_SAFE_INTEGER, 1),
      ]);
      return row && parseRecord(Buffer.from(row.text));
    },
  };
}

async function* readRows(
  log: RowLog,
  stream: StreamRef,
  cursor: RowsCursor | undefined,
  options: ReadOptions,
): AsyncGenerator<Chunk> {
  const { primary } = selectDatabase(stream, cursor?.database);
  const { file } = candidateOf(primary);
  for (let known = cursor; ; ) {
    if (options.signal?.aborted) return;
    const chunk = await readDatabase(file.path, log, (view) => take(log, view, primary, known, options));
    yield chunk;
    if (chunk.last || chunk.to.kind !== 'rows') return;
    known = chunk.to;
  }
}

/** One chunk at the cursor, or what is wrong with the rows before it. */
function take(
  log: RowLog,
  view: SqliteView,
  stream: StreamRef,
  cursor: RowsCursor | undefined,
  options: ReadOptions,
): Chunk {
  const { file, key } = candidateOf(stream);
  const generation = generationOf(log, view, stream);
  const reset = cursor && departure(log, view, stream, cursor, generation);
  if (cursor && reset) return resetChunk(cursor, reset, options.key);

  const passed = new Passed(cursor, cursor ? [...log.rowsBefore(view, key, cursor.seq, guarded)].reverse() : []);
  const hmac = options.key.hmac();
  const lines: Buffer[] = [];
  let bytes = 0;
  let last = true;
  for (const row of log.rows(view, key, passed.seq)) {
    const line = lineOf(row);
    if (bytes > 0 && bytes + line.length > options.chunkBytes) {
      last = false;
      break;
    }
    lines.push(line);
    bytes += line.length;
    hmac.update(line);
    passed.push(row);
  }
  return {
    bytes: Buffer.concat(lines, bytes),
    records: lines.length,
    source: hmac.digest(),
    from: positionOf(cursor, 'rows'),
    to: passed.cursor(generation, databaseOf(file)),
    pending: 0,
    last,
  };
}

/** Why the source does not continue the cursor, if so. */
function departure(
  log: RowLog,
  view: SqliteView,
  stream: StreamRef,
  cursor: RowsCursor,
  generation: string,
): ResetReason | undefined {
  const { file, key } = candidateOf(stream);
  if (cursor.seq < 0) return undefined;
  if (cursor.database !== databaseOf(file)) return proves(log, view, stream, cursor) ? undefined : 'replaced';
  const guard = guardOf([...log.rowsBefore(view, key, cursor.seq, guarded)].reverse().map(digestOf));
  if (generation === cursor.generation && guard === cursor.guard) return undefined;
  const [newest] = log.rowsBefore(view, key, Number.MAX_SAFE_INTEGER, 1);
  return (newest?.seq ?? -1) < cursor.seq ? 'truncated' : 'rewritten';
}

/** The full check: every row that the cursor covers. */
function proves(log: RowLog, view: SqliteView, stream: StreamRef, cursor: RowsCursor): boolean {
  const { key } = candidateOf(stream);
  if (cursor.seq >= 0 && log.generation(view, key) !== cursor.generation) return false;
  const passed = new Passed(undefined, []);
  for (const row of log.rows(view, key, -1)) {
    if (row.seq > cursor.seq) break;
    passed.push(row);
  }
  return passed.seq === cursor.seq && passed.chain === cursor.chain;
}

async function adoptRows(
  log: RowLog,
  stream: StreamRef,
  part: PartRange,
  options: AdoptOptions,
): Promise<RowsCursor | undefined> {
  const { from, to } = part;
  if (from.kind !== 'rows' || to.kind !== 'rows') return undefined;
  const previous = ofKind('rows', options.previous);
  for (const file of stream.files) {
    const only = { ...stream, files: [file] };
    const { key } = candidateOf(only);
    const adopted = await readDatabase(file.path, log, (view) => {
      if (log.generation(view, key) !== to.generation) return undefined;
      // A range proves nothing of what stands before it.
      if ((previous?.seq ?? -1) !== from.seq) return undefined;
      if (previous && departure(log, view, only, previous, to.generation) !== undefined) return undefined;
      const passed = new Passed(previous, previous ? [...log.rowsBefore(view, key, from.seq, guarded)].reverse() : []);
      const hmac = options.key.hmac();
      for (const row of log.rows(view, key, from.seq)) {
        if (row.seq > to.seq) break;
        hmac.update(lineOf(row));
        passed.push(row);
      }
      if (passed.seq !== to.seq || hmac.digest() !== part.source) return undefined;
      return passed.cursor(to.generation, databaseOf(file));
    });
    if (adopted) return adopted;
  }
  return undefined;
}

/** What a cursor keeps of the rows that were passed. */
class Passed {
  seq: number;
  chain: string;
  readonly #digests: string[];

  /** At `cursor`, where `before` are the rows that its guard covers. */
  constructor(cursor: RowsCursor | undefined, before: readonly LogRow[]) {
    this.seq = cursor?.seq ?? -1;
    this.chain = cursor?.chain ?? '';
    this.#digests = before.map(digestOf);
  }

  push(row: LogRow): void {
    const digest = digestOf(row);
    this.seq = row.seq;
    this.chain = sha256(`${this.chain}\n${digest}`);
    this.#digests.push(digest);
    if (this.#digests.length > guarded) this.#digests.shift();
  }

  /** Before the first row a cursor has no generation: it is at the start of any. */
  cursor(current: string, database: string): RowsCursor {
    const generation = this.seq < 0 ? '' : current;
    return { kind: 'rows', generation, seq: this.seq, database, guard: guardOf(this.#digests), chain: this.chain };
  }
}

function generationOf(log: RowLog, view: SqliteView, stream: StreamRef): string {
  const { file, key } = candidateOf(stream);
  const generation = log.generation(view, key);
  if (generation !== undefined) return generation;
  throw new CairnError('not-found', `The session is gone from the database: ${key} in ${file.path}`);
}

/** In JSON a raw newline can only be space between values. */
function lineOf({ text }: LogRow): Buffer {
  return Buffer.from(`${text.replaceAll('\n', ' ')}\n`);
}

function digestOf({ seq, text }: LogRow): string {
  return sha256(`${seq}\n${text}`);
}

function guardOf(digests: readonly string[]): string {
  return sha256(digests.join('\n'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
