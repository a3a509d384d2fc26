import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type FileRef, type Importing, readDatabase } from '../../src/harness/index.ts';
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
  async compose(records, { session, name, now }) {
    const entry = { sessionId: session, sessionFile: `${session}.jsonl`, chatType: 'direct', updatedAt: now };
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
  async obstacles({ root, name }) {
    if (!existsSync(join(root, folderOf(name), 'sessions.json'))) return [];
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

async function keyOf(local: FileRef, session: string): Promise<string | undefined> {
  if (local.key === undefined) return undefined;
  const sql = 'SELECT session_key FROM session_windows WHERE session_id = ?';
  const [row] = await readDatabase(local.path, transcript, (view) => [...view.rows(sql, session)]);
  return typeof row?.session_key === 'string' ? row.session_key : undefined;
}
