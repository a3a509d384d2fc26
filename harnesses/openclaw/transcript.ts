import { basename, dirname, join } from 'node:path';
import {
  CairnError,
  field,
  type LogRow,
  linesOf,
  parseRecord,
  type RowLog,
  readWhole,
  type SqliteRow,
  type SqliteView,
  unzstd,
} from '../../src/harness/index.ts';

/** The transcript of a session: rows that are plain or compressed, or an archive where it was put into cold storage. */
export const transcript: RowLog = {
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

/** Table of what is in cold storage. */
export const archives = 'session_transcript_cold_archives';
