import { basename, dirname, join } from 'node:path';
import {
  CairnError,
  composeHarness,
  counted,
  type DiscoverOptions,
  entriesOf,
  type FileRef,
  field,
  fileRef,
  headOf,
  type Lineage,
  type LogRow,
  linesOf,
  parseRecord,
  type RecordView,
  type RowLog,
  readDatabase,
  readWhole,
  rowLog,
  type SessionDetails,
  type SessionSummary,
  Sessions,
  type SqliteRow,
  type SqliteView,
  seen,
  sessionRow,
  stillDatabases,
  stringField,
  titled,
  unzstd,
  withModel,
} from '../src/harness/index.ts';

const name = 'openclaw';

/** Event types of 2026.9.6 and of the JSONL files before it. */
const known: ReadonlySet<unknown> = new Set(
  `session message model_change thinking_level_change custom custom_message compaction reset branch_summary
   label session_info leaf`.split(/\s+/),
);

/** `<session>[-topic-<n>].jsonl`, a checkpoint of one, and both after a reset or a deletion. */
const transcriptFile = /^(.+?)(?:\.checkpoint\.([0-9a-f-]+))?\.jsonl(?:\.(?:reset|deleted)\.[0-9TZ.-]+)?(?:\.zst)?$/i;

/** The transcript of a session: rows that are plain or compressed, or an archive where it was put into cold storage. */
const transcript: RowLog = {
  tables: [
    'transcript_events',
    'transcript_rewrite_watermarks',
    'session_transcript_cold_archives',
    'session_windows',
    'session_nodes',
    'schema_meta',
  ],
  generation(view, session) {
    const sql = `SELECT w.session_id, m.generation FROM session_windows w
      LEFT JOIN transcript_rewrite_watermarks m ON m.session_id = w.session_id WHERE w.session_id = ?`;
    const [row] = view.rows(sql, session);
    return row && String(row.generation ?? '');
  },
  *rows(view, session, after) {
    for (const row of archivedRows(view, session) ?? []) if (row.seq > after) yield row;
    const sql = `${events} WHERE session_id = ? AND seq > ? ORDER BY seq`;
    for (const row of view.rows(sql, session, after)) yield eventOf(row);
  },
  *rowsBefore(view, session, seq, count) {
    const archived = archivedRows(view, session)?.filter((row) => row.seq <= seq);
    if (archived) yield* archived.slice(-count).reverse();
    const sql = `${events} WHERE session_id = ? AND seq <= ? ORDER BY seq DESC LIMIT ?`;
    for (const row of view.rows(sql, session, seq, count)) yield eventOf(row);
  },
};

const events = 'SELECT seq, event_json, event_zstd, event_utf8_bytes FROM transcript_events';

function eventOf({ seq, event_json: text, event_zstd: compressed, event_utf8_bytes: length }: SqliteRow): LogRow {
  if (typeof text === 'string') return { seq: Number(seq), text };
  try {
    if (!(compressed instanceof Uint8Array)) throw new Error('there is neither text nor compressed text');
    return { seq: Number(seq), text: unzstd(compressed, Number(length)).toString('utf8') };
  } catch (cause) {
    throw new CairnError('corrupt', `Expected an event in row ${seq}, got none that can be read`, { cause });
  }
}

/** Larger than what 2026.9.6 puts into an archive. */
const archiveBytes = 512 * 1024 * 1024;

/**
 * Rows of a session in cold storage: lines `{"kind":"event","row":{"seq","event_json"}}` of a zstd file beside the
 * database, or in its row (2026.9.6). They keep generation and numbers, so that nothing was rewritten.
 */
function archivedRows(view: SqliteView, session: string): readonly LogRow[] | undefined {
  if (view.columns(archives).length === 0) return undefined;
  const [row] = view.rows(`SELECT archive_name, archive_blob FROM ${archives} WHERE session_id = ?`, session);
  if (row === undefined) return undefined;
  const path = join(dirname(view.path), '../sessions/cold', basename(String(row.archive_name)));
  const stored = row.archive_blob instanceof Uint8Array ? row.archive_blob : readWhole(path);
  return [...linesOf(unzstd(stored, archiveBytes))].map(parseRecord).flatMap((record) => {
    const [seq, text] = [field(record, 'row', 'seq'), field(record, 'row', 'event_json')];
    const isEvent = field(record, 'kind') === 'event' && typeof seq === 'number' && typeof text === 'string';
    return isEvent ? [{ seq, text }] : [];
  });
}

const archives = 'session_transcript_cold_archives';

/**
 * OpenClaw keeps the sessions of an agent in `agents/<agent>/agent/openclaw-agent.sqlite` (seen in 2026.9.6, schema
 * 23), and kept them as JSONL files in `agents/<agent>/sessions/` before 2026.7.2. The same database holds
 * credentials, and so does `state/openclaw.sqlite`: only the tables named above are read.
 */
export const openclaw = composeHarness(
  {
    name,
    title: 'OpenClaw',
    seen: ['2026.9.6'],
    schemas: ['23'],
    roots: ({ env, home }) =>
      env.OPENCLAW_STATE_DIR
        ? [env.OPENCLAW_STATE_DIR]
        : ['.openclaw', '.clawdbot', '.moltbot'].map((folder) => join(home, folder)),
    watched: (root) => [join(root, 'agents')],
    discover,
    summarise,
  },
  { rows: rowLog(transcript) },
);

const stored = stillDatabases((file) => readDatabase(file.path, transcript, (view) => storedSessions(view, file)));

async function* discover(root: string, options: DiscoverOptions) {
  const sessions = new Sessions(name);
  const attempt = async (path: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (cause) {
      options.report({ path, cause });
    }
  };
  const agents = join(root, 'agents');
  await attempt(agents, async () => {
    for (const agent of entriesOf(agents)) {
      const database = join(agents, agent.name, 'agent', 'openclaw-agent.sqlite');
      const inDatabase = new Set<string>();
      await attempt(database, async () => {
        for (const { id, file, details, lineage } of (await stored(database)) ?? []) {
          inDatabase.add(id);
          sessions.add(id, 'main', [file], 'rows');
          sessions.describe(id, details);
          sessions.relate(id, lineage);
        }
      });
      const folder = join(agents, agent.name, 'sessions');
      await attempt(folder, async () => {
        for (const entry of entriesOf(folder)) {
          const [, id, checkpoint] = (entry.isFile() && transcriptFile.exec(entry.name)) || [];
          // What the database has was imported from the file, or archived to it.
          if (id === undefined || inDatabase.has(id)) continue;
          const path = join(folder, entry.name);
          await attempt(path, () => addFile(sessions, id, checkpoint, path));
        }
        addLinks(sessions, join(folder, 'sessions.json'));
      });
    }
  });
  yield* sessions.refs();
}

interface StoredSession {
  readonly id: string;
  readonly file: FileRef;
  readonly details: SessionDetails;
  readonly lineage: readonly Lineage[];
}

/** Every session of a database: one query, which looks up two events of each. */
function storedSessions(view: SqliteView, file: FileRef): readonly StoredSession[] {
  const of = (table: string, alias: string, ...columns: readonly string[]) => {
    const present = new Set(view.columns(table));
    return columns.map((column) => `${present.has(column) ? `${alias}.${column}` : 'NULL'} AS ${column}`);
  };
  const windows = of('session_windows', 'w', 'session_id', 'previous_session_id', 'reason', 'updated_at', 'spawned_by');
  const nodes = of(
    'session_nodes',
    'n',
    'label',
    'parent_session_key',
    'fork_source_session_id',
    'fork_source_entry_id',
  );
  const cold =
    view.columns(archives).length === 0
      ? 'NULL'
      : `(SELECT last_seq FROM ${archives} c WHERE c.session_id = w.session_id)`;
  const event = 'FROM transcript_events e WHERE e.session_id = w.session_id ORDER BY seq';
  const sql = `SELECT ${[...windows, ...nodes]}, m.generation, m.updated_at AS rewritten, p.current_session_id AS parent,
      (SELECT seq ${event} DESC LIMIT 1) AS last, (SELECT event_json ${event} LIMIT 1) AS first, ${cold} AS archived
    FROM session_windows w
      LEFT JOIN transcript_rewrite_watermarks m ON m.session_id = w.session_id
      LEFT JOIN session_nodes n ON n.session_key = w.session_key
      LEFT JOIN session_nodes p ON p.session_key = coalesce(w.spawned_by, n.spawned_by, n.parent_session_key)`;
  const [meta] = view.rows('SELECT schema_version, app_version FROM schema_meta ORDER BY updated_at DESC LIMIT 1');
  const versions = { ...text('agentVersion', meta?.app_version), ...text('schema', meta?.schema_version) };
  return [...view.rows(sql)].map((row) => {
    const id = String(row.session_id);
    const last = Number(row.last ?? row.archived ?? -1);
    const mark = JSON.stringify([row.generation, row.rewritten, last]);
    const cwd = stringField(typeof row.first === 'string' ? parseRecord(Buffer.from(row.first)) : undefined, 'cwd');
    return {
      id,
      file: sessionRow(file, { key: id, mark, rows: last + 1, modified: Number(row.updated_at ?? 0) }),
      details: { ...versions, ...text('title', row.label), ...text('cwd', cwd) },
      lineage: lineageOf(row),
    };
  });
}

function text<Field extends string>(field: Field, value: unknown): { readonly [F in Field]?: string } {
  const known = typeof value === 'number' ? String(value) : value;
  return typeof known === 'string' && known !== '' ? ({ [field]: known } as { [F in Field]: string }) : {};
}

/** Another window of one conversation continues it, a fork and a rewind depart from it; who spawned it is its parent. */
function lineageOf(row: SqliteRow): readonly Lineage[] {
  const links: Lineage[] = [];
  const link = (kind: Lineage['kind'], session: unknown, at?: unknown) => {
    if (typeof session !== 'string' || session === '') return;
    links.push({ kind, session, ...(typeof at === 'string' && { at }) });
  };
  const departed = row.reason === 'fork' || row.reason === 'rewind';
  link(departed ? 'fork' : 'continues', row.previous_session_id);
  link('fork', row.fork_source_session_id, row.fork_source_entry_id);
  link('parent', row.parent);
  return links;
}

async function addFile(sessions: Sessions, id: string, checkpoint: string | undefined, path: string): Promise<void> {
  const files = fileRef(path);
  sessions.add(id, checkpoint === undefined ? 'main' : `segment-checkpoint-${checkpoint}`, files);
  if (checkpoint !== undefined) return;
  for await (const record of headOf(path)) {
    const cwd = stringField(record, 'cwd');
    if (cwd !== undefined) sessions.describe(id, { cwd });
    break;
  }
}

/** `sessions.json` of the JSONL era: which conversation spawned which. An entry need not have a file. */
function addLinks(sessions: Sessions, path: string): void {
  const [index] = fileRef(path);
  if (index === undefined) return;
  const entries = parseRecord(readWhole(path));
  if (typeof entries !== 'object' || entries === null) {
    throw new CairnError('corrupt', 'Expected an object of sessions, got something else');
  }
  for (const entry of Object.values(entries)) {
    const spawner = stringField(entry, 'spawnedBy');
    const parent = spawner === undefined ? undefined : stringField(field(entries, spawner), 'sessionId');
    const id = idOf(entry);
    if (id !== undefined && parent !== undefined) sessions.relate(id, [{ kind: 'parent', session: parent }]);
    const title = stringField(entry, 'label');
    if (id !== undefined && title !== undefined) sessions.describe(id, { title });
  }
}

/** A topic of a group has a transcript of its own, named by the file. */
function idOf(entry: unknown): string | undefined {
  const file = stringField(entry, 'sessionFile');
  return (file && transcriptFile.exec(basename(file))?.[1]) ?? stringField(entry, 'sessionId');
}

function summarise(summary: SessionSummary, record: RecordView): SessionSummary {
  const { stream, value } = record;
  const type = field(value, 'type');
  const next = counted(summary, record, known.has(type));
  if (stream !== 'main') return next;
  switch (type) {
    case 'session':
      return seen(next, { cwd: summary.cwd ?? stringField(value, 'cwd') });
    case 'model_change':
      return withModel(next, stringField(value, 'modelId'));
    case 'session_info':
      return titled(next, field(value, 'name'), 'user');
    case 'message':
      return summariseMessage(next, field(value, 'message'));
    default:
      return next;
  }
}

function summariseMessage(summary: SessionSummary, message: unknown): SessionSummary {
  switch (field(message, 'role')) {
    case 'user':
      return titled({ ...summary, turns: summary.turns + 1 }, promptOf(field(message, 'content')), 'prompt');
    case 'assistant':
      return withModel(summary, stringField(message, 'model'));
    default:
      return summary;
  }
}

function promptOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return field(
    content.find((part) => field(part, 'type') === 'text'),
    'text',
  );
}
