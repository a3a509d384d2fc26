import { join } from 'node:path';
import {
  type ChangingTable,
  composeHarness,
  type DiscoverOptions,
  entriesOf,
  type FileRef,
  field,
  type Lineage,
  parseRecord,
  readDatabase,
  rowChanges,
  Sessions,
  type SqliteRow,
  type SqliteValue,
  type SqliteView,
  sessionMarks,
  sessionRow,
  stillDatabases,
  stringField,
} from '../src/harness/index.ts';
import { projector } from './hermes/events.ts';
import { importing } from './hermes/importing.ts';
import { summarise } from './hermes/summary.ts';

const name = 'hermes';

/** Stands before content that is not text but JSON (schema 30). */
const sentinel = '\u0000json:';

/** What is shipped of a session. Names of people and chats, and addresses of providers, stay where they are. */
const tables: readonly ChangingTable[] = [
  {
    table: 'sessions',
    id: 'id',
    session: 'id',
    omit: new Set(['user_id', 'chat_id', 'session_key', 'origin_json', 'billing_base_url']),
  },
  {
    table: 'messages',
    id: 'id',
    session: 'session_id',
    log: true,
    // Rewritten by triggers whenever another row is inserted.
    omit: new Set(['display_order', 'display_identity']),
    json: (column, value) => (column === 'content' ? contentJson(value) : undefined),
  },
  { table: 'session_model_usage', id: 'rowid', session: 'session_id', omit: new Set(['billing_base_url']) },
];

const allowed = { tables: [...tables.map(({ table }) => table), 'schema_version'] };

/**
 * Hermes keeps its sessions in `state.db`, and each profile's in `profiles/<profile>/state.db` (schema 30). Rows are
 * updated, deleted and cloned under new ids all the time, so a session is compared as a whole with what was shipped.
 */
export const hermes = composeHarness(
  {
    name,
    title: 'Hermes',
    seen: [],
    schemas: ['30'],
    roots: ({ env, home }) => [env.HERMES_HOME || join(home, '.hermes')],
    watched: (root) => [root],
    // Pruned at start-up (schema 30).
    keepsDays: () => 90,
    discover,
    summarise,
    // An answer that asks for no tool (schema 30).
    endsTurn: (record) =>
      field(record, 'put') === 'messages' &&
      field(record, 'row', 'role') === 'assistant' &&
      field(record, 'row', 'finish_reason') === 'stop',
    importing,
    projector,
  },
  { changes: rowChanges(tables) },
);

const stored = stillDatabases((file) => readDatabase(file.path, allowed, (view) => storedSessions(view, file)));

async function* discover(root: string, options: DiscoverOptions) {
  const sessions = new Sessions(name);
  const profiles = join(root, 'profiles');
  const databases = [join(root, 'state.db')];
  try {
    for (const profile of entriesOf(profiles)) {
      if (profile.isDirectory()) databases.push(join(profiles, profile.name, 'state.db'));
    }
  } catch (cause) {
    options.report({ path: profiles, cause });
  }
  for (const path of databases) {
    try {
      for (const { id, file, ...found } of (await stored(path)) ?? []) {
        sessions.add(id, 'main', [file], 'changes');
        sessions.describe(id, found.details);
        sessions.relate(id, found.lineage);
      }
    } catch (cause) {
      options.report({ path, cause });
    }
  }
  yield* sessions.refs();
}

/** Up to this many bytes of database every row is looked at when it was written to; above, counts and session rows. */
const exactBytes = 32 * 1024 * 1024;

function storedSessions(view: SqliteView, file: FileRef) {
  const marks = sessionMarks(view, tables, file.stamp.size <= exactBytes);
  const rows = new Map([...view.rows('SELECT * FROM sessions')].map((row) => [String(row.id), row]));
  const [version] = view.rows('SELECT max(version) AS version FROM schema_version');
  const schema = version?.version === null ? {} : { schema: String(version?.version) };
  return [...rows].map(([id, row]) => {
    const { mark = '', rows: count = 0 } = marks.get(id) ?? {};
    const cwd = stringField(row, 'cwd');
    return {
      id,
      file: sessionRow(file, { key: id, mark, rows: count, modified: 1000 * secondsOf(row) }),
      details: {
        ...schema,
        ...(cwd !== undefined && { cwd }),
        ...(row.source === 'cron' && { sessionKind: 'batch' as const }),
      },
      lineage: lineageOf(row, rows.get(String(row.parent_session_id))),
    };
  });
}

function secondsOf(row: SqliteRow): number {
  return Math.max(
    ...[row.started_at, row.ended_at, row.last_activity_at].map((at) => (typeof at === 'number' ? at : 0)),
  );
}

/** A child says in its settings what it is of its parent; a continuation inherits what its parent said there. */
function lineageOf(row: SqliteRow, parentRow: SqliteRow | undefined): readonly Lineage[] {
  const session = stringField(row, 'parent_session_id');
  if (session === undefined) return [];
  const settings = parseRecord(Buffer.from(stringField(row, 'model_config') ?? ''));
  const says = (marker: string) => field(settings, marker) === session;
  if (says('_branched_from')) return [{ kind: 'fork', session }];
  if (says('_delegate_from')) return [{ kind: 'parent', session }];
  const continues = says('_reset_from') || parentRow?.end_reason === 'compression';
  return [{ kind: continues ? 'continues' : 'parent', session }];
}

function contentJson(value: SqliteValue): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(sentinel)) return undefined;
  const json = value.slice(sentinel.length);
  const parsed = parseRecord(Buffer.from(json));
  // Anything else could not be told from text.
  return typeof parsed === 'object' && parsed !== null ? json.replaceAll('\n', ' ') : undefined;
}
