import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FileRef,
  field,
  type Importing,
  type ImportTarget,
  parseRecord,
  readDatabase,
  readWhole,
} from '../../src/harness/index.ts';
import { transcript } from './transcript.ts';

/**
 * OpenClaw takes a session as the JSONL file and the index that it kept before 2026.7.2, by the import of its doctor:
 * 2026.9.6 adds the events whose ids it does not have, changes none of those that it has, and moves the files away.
 */
export const importing: Importing = {
  program: 'openclaw',
  variable: 'OPENCLAW_STATE_DIR',
  id: /^[A-Za-z0-9][\w.-]{0,199}$/,
  extending: true,
  never: ['the chat that it belongs to', 'its settings and counters', 'credentials'],
  async name({ session }, local) {
    // A key of its own: under the one it had elsewhere it would take the place of another conversation.
    return (local && (await keyOf(local, session))) ?? `agent:main:explicit:${session}`;
  },
  async compose(records, target) {
    const { session, name, now } = target;
    // Of a run that was killed; now, because what is old is pruned.
    const updatedAt = entryLeft(target) ?? now;
    const entry = { sessionId: session, sessionFile: `${session}.jsonl`, chatType: 'direct', updatedAt };
    const index = Buffer.from(`${JSON.stringify({ [name]: entry }, undefined, 2)}\n`);
    const folder = folderOf(name);
    const files = [
      { path: `${folder}/${session}.jsonl`, content: records },
      { path: `${folder}/sessions.json`, content: [index] },
    ];
    return { files, lost: {} };
  },
  importer: ({ name }) => [
    ...['openclaw', 'doctor', '--session-sqlite', 'import'],
    ...['--session-sqlite-agent', agentOf(name), '--json'],
  ],
  command: ({ session, name }, prompt) =>
    prompt === undefined
      ? ['openclaw', 'tui', '--local', '--session', name]
      : ['openclaw', 'agent', '--local', '--agent', agentOf(name), '--session-id', session, '-m', prompt],
  async obstacles(target) {
    if (!existsSync(indexOf(target)) || entryLeft(target) !== undefined) return [];
    return [
      {
        message: 'OpenClaw has sessions here that it has not taken into its database yet',
        hint: 'run `openclaw doctor --session-sqlite import` first',
      },
    ];
  },
};

/** `agent:<agent>:…`, as 2026.9.6 names conversations. */
function agentOf(name: string): string {
  return /^agent:([\w-]+):/.exec(name)?.[1] ?? 'main';
}

function folderOf(name: string): string {
  return `agents/${agentOf(name)}/sessions`;
}

function indexOf({ root, name }: ImportTarget): string {
  return join(root, folderOf(name), 'sessions.json');
}

/** When an index with nothing but this session was written, if there is one. */
function entryLeft(target: ImportTarget): number | undefined {
  const path = indexOf(target);
  const index = existsSync(path) ? parseRecord(readWhole(path)) : undefined;
  if (typeof index !== 'object' || index === null || Object.keys(index).join() !== target.name) return undefined;
  const entry = field(index, target.name);
  const updatedAt = field(entry, 'updatedAt');
  const isOwn =
    field(entry, 'sessionId') === target.session && field(entry, 'sessionFile') === `${target.session}.jsonl`;
  return isOwn && typeof updatedAt === 'number' ? updatedAt : undefined;
}

async function keyOf(local: FileRef, session: string): Promise<string | undefined> {
  if (local.key === undefined) return undefined;
  const sql = 'SELECT session_key FROM session_windows WHERE session_id = ?';
  const [row] = await readDatabase(local.path, transcript, (view) => [...view.rows(sql, session)]);
  return typeof row?.session_key === 'string' ? row.session_key : undefined;
}
