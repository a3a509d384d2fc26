import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDatabase } from '../../src/sqlite/open.ts';
import type { SqliteRow } from '../../src/sqlite/types.ts';
import { startWriter, type Writer } from '../sqlite/writer.ts';

/** A database of sessions, written by a process of its own, that suffers what such a database can suffer. */
abstract class DatabaseSource {
  readonly path: string;
  protected readonly random: () => number;
  protected readonly schema: readonly string[];
  protected writer: Writer;
  #queue: Promise<unknown> = Promise.resolve();
  #moved = 0;

  constructor(path: string, schema: readonly string[], random: () => number) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.schema = schema;
    this.random = random;
    this.writer = startWriter(path);
  }

  /** What may happen besides, each by a transaction. */
  protected abstract readonly steps: Readonly<Record<string, () => string[]>>;

  async open(): Promise<void> {
    await this.writer.run('PRAGMA journal_mode=wal', 'PRAGMA synchronous=off', ...this.schema);
  }

  close(): Promise<void> {
    return this.#then(() => this.writer.close());
  }

  /** One random step; steps never overlap. */
  mutate(): Promise<void> {
    return this.#then(async () => {
      const names = [...Object.keys(this.steps), 'checkpoint', 'reopen', 'kill', 'vacuum', 'copy'];
      await this.#step(this.pick(names));
    });
  }

  run(step: string): Promise<void> {
    return this.#then(() => this.#step(step));
  }

  /** Runs statements as they are. */
  statements(...statements: readonly string[]): Promise<void> {
    return this.#then(() => this.writer.run(...statements));
  }

  /** Another database, with nothing of this one, in its place. */
  replace(): Promise<void> {
    return this.#then(async () => {
      await this.writer.close();
      this.#setAside();
      this.writer = startWriter(this.path);
      await this.open();
    });
  }

  /** Rows as they stand. */
  rows(table: string, sql: string): Promise<readonly SqliteRow[]> {
    return openDatabase(this.path, { tables: [table] }).snapshot((view) => [...view.rows(sql)]);
  }

  protected pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)]!;
  }

  async #step(name: string): Promise<void> {
    switch (name) {
      case 'checkpoint':
        return this.writer.run(`PRAGMA wal_checkpoint(${this.pick(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])})`);
      case 'reopen':
        await this.writer.close();
        return this.#start();
      case 'kill':
        // In the middle of a transaction, with a log that nobody closed.
        await this.writer.run('BEGIN', ...this.anything());
        await this.writer.kill();
        return this.#start();
      case 'vacuum':
        return this.writer.run('VACUUM');
      case 'copy':
        // The same content in another file.
        await this.writer.run(`VACUUM INTO '${this.path}.copy'`);
        await this.writer.close();
        this.#setAside();
        renameSync(`${this.path}.copy`, this.path);
        return this.#start();
      default:
        return this.writer.run('BEGIN', ...(this.steps[name]?.() ?? []), 'COMMIT');
    }
  }

  protected anything(): string[] {
    return this.steps[this.pick(Object.keys(this.steps))]?.() ?? [];
  }

  async #start(): Promise<void> {
    this.writer = startWriter(this.path);
    await this.writer.run('PRAGMA journal_mode=wal', 'PRAGMA synchronous=off');
  }

  /** Keeps the inode in use, so that the next file surely has another one. */
  #setAside(): void {
    renameSync(this.path, `${this.path}.old${++this.#moved}`);
    for (const end of ['-wal', '-shm']) rmSync(`${this.path}${end}`, { force: true });
  }

  #then(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {});
    return done;
  }
}

/** The `state.db` of hermes; its session is `s1`. */
export class HermesSource extends DatabaseSource {
  #at = 1_795_169_700;
  #n = 0;

  constructor(home: string, random: () => number, path = '.hermes/state.db') {
    const schema = readFileSync('test/samples/hermes/hermes_schema.sql', 'utf8');
    super(join(home, path), [...statementsOf(schema), ...session('s1'), ...session('s2')], random);
  }

  protected readonly steps = {
    insert: () => Array.from({ length: 1 + Math.floor(this.random() * 4) }, () => this.#insert('s1')),
    another: () => [this.#insert('s2'), `UPDATE sessions SET message_count = message_count + 1 WHERE id = 's2'`],
    multimodal: () => [
      `INSERT INTO messages (session_id, role, content, timestamp) VALUES ('s1', 'user', char(0) || 'json:[{"type":"text",\n"text":"picture ${this.#n++}"}]', ${this.#now()})`,
    ],
    large: () => [
      `INSERT INTO messages (session_id, role, content, timestamp) VALUES ('s1', 'tool', '${'line\\n'.repeat(400)}', ${this.#now()})`,
    ],
    update: () => [`UPDATE messages SET content = content || ' repaired' WHERE id = ${this.#some}`],
    quietly: () => [`UPDATE messages SET api_content = 'as sent ${this.#n++}' WHERE id = ${this.#some}`],
    delete: () => [`DELETE FROM messages WHERE id = ${this.#some}`],
    compaction: () => [
      `UPDATE messages SET active = 0, compacted = 1 WHERE session_id = 's1' AND active = 1`,
      `INSERT INTO messages (session_id, role, content, timestamp, _compressed_summary) VALUES ('s1', 'user', 'summary', ${this.#now()}, 1)`,
      ...this.#clone(),
    ],
    clone: () => this.#clone(),
    rewind: () => [
      `UPDATE messages SET active = 0 WHERE session_id = 's1' AND id >= coalesce(${this.#some}, 0)`,
      `UPDATE sessions SET rewind_count = rewind_count + 1 WHERE id = 's1'`,
    ],
    again: () => [
      `CREATE TEMP TABLE kept AS SELECT * FROM messages WHERE session_id = 's1'`,
      `DELETE FROM messages WHERE session_id = 's1'`,
      `INSERT INTO messages (session_id, role, content, timestamp) SELECT session_id, role, content, timestamp FROM kept`,
      'DROP TABLE kept',
    ],
    usage: () => [
      `INSERT INTO session_model_usage (session_id, model, input_tokens) VALUES ('s1', '${this.pick(['a', 'b'])}', 1)
         ON CONFLICT DO UPDATE SET input_tokens = input_tokens + 1`,
    ],
    ended: () => [
      `UPDATE sessions SET ended_at = ${this.#now()}, end_reason = 'x', title = 'T${this.#n++}' WHERE id = 's1'`,
    ],
    purge: () => [`DELETE FROM messages WHERE session_id = 's1'`],
  };

  /** What the fold of the session's records must be. */
  async expected(): Promise<Readonly<Record<string, unknown>>> {
    const of = async (table: string, key: string, id: string) =>
      (await this.rows(table, `SELECT ${id} AS "the id", * FROM ${table} WHERE ${key} = 's1'`)).map(
        ({ 'the id': row, ...columns }) => [`${table} ${JSON.stringify(row)}`, plain(columns)] as const,
      );
    return Object.fromEntries([
      ...(await of('sessions', 'id', 'id')),
      ...(await of('messages', 'session_id', 'id')),
      ...(await of('session_model_usage', 'session_id', 'rowid')),
    ]);
  }

  get #some(): string {
    return `(SELECT id FROM messages WHERE session_id = 's1' ORDER BY id LIMIT 1 OFFSET ${Math.floor(this.random() * 8)})`;
  }

  #clone(): string[] {
    return [
      `INSERT INTO messages (session_id, role, content, timestamp) SELECT session_id, role, content, timestamp
         FROM messages WHERE session_id = 's1' ORDER BY id DESC LIMIT 2`,
    ];
  }

  #insert(id: string): string {
    const role = this.pick(['user', 'assistant', 'tool']);
    return `INSERT INTO messages (session_id, role, content, timestamp) VALUES ('${id}', '${role}', 'text ${this.#n++}', ${this.#now()})`;
  }

  #now(): number {
    this.#at += 1.25;
    return this.#at;
  }
}

function session(id: string): string[] {
  const columns = 'id, source, user_id, chat_id, origin_json, started_at, model';
  return [`INSERT INTO sessions (${columns}) VALUES ('${id}', 'cli', 'u', 'c', '{}', 1795169700.0, 'm')`];
}

/** Documented in docs/harnesses.md: empty columns, those that do not count, and content that is JSON. */
function plain(columns: SqliteRow): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  const omitted = 'user_id chat_id session_key origin_json billing_base_url display_order display_identity'.split(' ');
  for (const [column, value] of Object.entries(columns)) {
    if (value === null || omitted.includes(column)) continue;
    // Where a step wrote behind the JSON, it is text like any other.
    const json = column === 'content' ? /^\0json:(\[.*\])$/s.exec(String(value))?.[1] : undefined;
    row[column] = json === undefined ? value : JSON.parse(json);
  }
  return row;
}

/** The agent database of openclaw, as far as it is read; its session is `s1`. */
export class OpenclawSource extends DatabaseSource {
  #n = 0;
  #generation = 0;

  constructor(home: string, random: () => number, path = '.openclaw/agents/main/agent/openclaw-agent.sqlite') {
    super(join(home, path), openclawSchema, random);
  }

  protected readonly steps = {
    append: () => Array.from({ length: 1 + Math.floor(this.random() * 4) }, () => this.#append()),
    more: () => Array.from({ length: 3 }, () => this.#append()),
    another: () => [this.#append('s2')],
    compressed: () => [this.#append('s1', true)],
    /** Rows are replaced: a new generation. */
    rewind: () => [
      `DELETE FROM transcript_events WHERE session_id = 's1' AND seq >= ${this.#somewhere}`,
      this.#rotate(),
      this.#append(),
    ],
    truncate: () => [
      `DELETE FROM transcript_events WHERE session_id = 's1' AND seq >= ${this.#somewhere}`,
      this.#rotate(),
    ],
    /** A row is changed in place, and nothing says so. */
    silently: () => [
      `UPDATE transcript_events SET event_json = replace(event_json, 'text', 'TEXT') WHERE session_id = 's1' AND seq = ${this.#somewhere} - 1`,
    ],
    rotate: () => [this.#rotate()],
  };

  /** Its records, one after another. */
  async expected(): Promise<string> {
    const sql = `SELECT event_json, event_zstd FROM transcript_events WHERE session_id = 's1' ORDER BY seq`;
    const rows = await this.rows('transcript_events', sql);
    // Content of a stored frame stands in it as it is.
    return rows
      .map(
        ({ event_json: text, event_zstd: frame }) =>
          `${
            text ??
            Buffer.from(frame as Uint8Array)
              .subarray(12)
              .toString()
          }\n`,
      )
      .join('');
  }

  #append(id = 's1', compressed = false): string {
    const text = `{"type":"message","id":"e${this.#n++}","message":{"role":"user","content":"text ${this.#n}"}}`;
    const bytes = Buffer.from(text);
    const [column, value] = compressed
      ? ['event_zstd', `x'${storedFrame(bytes).toString('hex')}'`]
      : ['event_json', `'${text}'`];
    const seq = `(SELECT coalesce(max(seq), -1) + 1 FROM transcript_events WHERE session_id = '${id}')`;
    return `INSERT INTO transcript_events (session_id, seq, ${column}, event_utf8_bytes, created_at) VALUES ('${id}', ${seq}, ${value}, ${bytes.length}, 1)`;
  }

  #rotate(): string {
    return `UPDATE transcript_rewrite_watermarks SET generation = 'g${++this.#generation}' WHERE session_id = 's1'`;
  }

  get #somewhere(): string {
    return `(SELECT coalesce(max(seq), 0) - ${Math.floor(this.random() * 3)} FROM transcript_events WHERE session_id = 's1')`;
  }
}

const openclawSchema = [
  'CREATE TABLE schema_meta (meta_key TEXT PRIMARY KEY, schema_version INTEGER, app_version TEXT, updated_at INTEGER)',
  `INSERT INTO schema_meta VALUES ('primary', 23, '2026.9.6', 1)`,
  'CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, current_session_id TEXT, spawned_by TEXT, parent_session_key TEXT)',
  'CREATE TABLE session_windows (session_id TEXT PRIMARY KEY, session_key TEXT, previous_session_id TEXT, reason TEXT, updated_at INTEGER, spawned_by TEXT)',
  'CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event_json TEXT, event_zstd BLOB, event_utf8_bytes INTEGER, created_at INTEGER, PRIMARY KEY (session_id, seq))',
  'CREATE TABLE transcript_rewrite_watermarks (session_id TEXT PRIMARY KEY, generation TEXT, updated_at INTEGER)',
  ...['s1', 's2'].flatMap((id) => [
    `INSERT INTO session_nodes VALUES ('agent:main:${id}', '${id}', NULL, NULL)`,
    `INSERT INTO session_windows VALUES ('${id}', 'agent:main:${id}', NULL, 'initial', 1, NULL)`,
    `INSERT INTO transcript_rewrite_watermarks VALUES ('${id}', 'g0', 1)`,
  ]),
];

/** A zstd frame with its content uncompressed: RFC 8878, a single segment with a size of four bytes and one raw block. */
function storedFrame(bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[4] = 0b1010_0000;
  head.writeUInt32LE(bytes.length, 5);
  head.writeUIntLE((bytes.length << 3) | 1, 9, 3);
  return Buffer.concat([head, bytes]);
}

/** A script's statements, each trigger as one. */
export function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let open = '';
  for (const [piece] of script.replace(/^--.*$/gm, '').matchAll(/'(?:[^']|'')*'|;|[^';]+/g)) {
    open += piece;
    if (piece !== ';' || (/CREATE TRIGGER/.test(open) && !/END\s*;$/.test(open))) continue;
    statements.push(open.trim());
    open = '';
  }
  return statements;
}
