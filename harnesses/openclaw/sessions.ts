import {
  type FileRef,
  type Lineage,
  parseRecord,
  type SessionDetails,
  type SqliteRow,
  type SqliteView,
  sessionRow,
  stringField,
} from '../../src/harness/index.ts';
import { archives } from './transcript.ts';

/** What a database says of a session. */
export interface StoredSession {
  readonly id: string;
  readonly file: FileRef;
  readonly details: SessionDetails;
  readonly lineage: readonly Lineage[];
}

/** Every session of a database: one query, which looks up two events of each. */
export function storedSessions(view: SqliteView, file: FileRef): readonly StoredSession[] {
  const of = (table: string, alias: string, ...columns: readonly string[]) => {
    const present = new Set(view.columns(table));
    return columns.map((column) => `${present.has(column) ? `${alias}.${column}` : 'NULL'} AS ${column}`);
  };
  const windows = of('session_windows', 'w', 'session_id', 'previous_session_id', 'reason', 'updated_at', 'spawned_by');
  const nodes = of(
    'session_nodes',
    'n',
    'label',
    'created_via',
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
      details: {
        ...versions,
        ...text('title', row.label),
        ...text('cwd', cwd),
        ...(row.created_via === 'cron' && { sessionKind: 'batch' }),
        ...(['run', 'plugin', 'internal'].includes(String(row.created_via)) && { sessionKind: 'sdk' }),
      },
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
