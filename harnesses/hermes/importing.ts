import { changeRecord, field, type Importing, linesOf, parseRecord, stringField } from '../../src/harness/index.ts';

/**
 * Hermes takes a session as it exports one: a line of JSON, the session's row with its messages, by `sessions import`.
 * A session whose id it has is left alone. From upstream's sources; not run.
 */
export const importing: Importing = {
  program: 'hermes',
  variable: 'HERMES_HOME',
  id: /^[A-Za-z0-9][\w.-]{0,199}$/,
  extending: false,
  never: ['who and where the person was', 'the system prompt', 'usage by model'],
  name: async ({ session }) => session,
  async compose(records, { session }) {
    const { row, messages, lost } = await standing(records);
    const line = JSON.stringify({ ...row, id: session, messages });
    return { files: [{ path: `cairn-import-${session}.jsonl`, content: [Buffer.from(`${line}\n`)] }], lost };
  },
  async *essence(records) {
    const { messages } = await standing(records);
    const columns = ['role', 'content', 'tool_calls', 'tool_call_id', 'tool_name', 'timestamp'];
    for (const message of messages) yield JSON.stringify(columns.map((column) => field(message, column) ?? null));
  },
  importer: (_target, paths) => ['hermes', 'sessions', 'import', '--from', 'hermes', ...paths],
  command: ({ session }, prompt) =>
    prompt === undefined ? ['hermes', '--resume', session] : ['hermes', 'chat', '--resume', session, '-q', prompt],
  obstacles: async () => [],
};

/** The rows that stand after the last change. What is not in the context would come back into it, and stays behind. */
async function standing(records: AsyncIterable<Uint8Array>) {
  let row: object = {};
  const rows = new Map<string | number, unknown>();
  for await (const block of records) {
    for (const line of linesOf(block)) {
      const change = changeRecord(parseRecord(line));
      if (change === undefined) continue;
      if ('delete' in change) {
        if (change.delete === 'messages') rows.delete(change.id);
      } else if (change.put === 'sessions') row = change.row;
      else if (change.put === 'messages') rows.set(change.id, change.row);
    }
  }
  const all = [...rows].sort(([a], [b]) => Number(a) - Number(b)).map(([, message]) => message);
  const messages = all.filter((message) => field(message, 'active') !== 0).map(exported);
  const behind = all.length - messages.length;
  return { row, messages, lost: { ...(behind > 0 && { 'messages outside of the context': behind }) } };
}

/** A message as `sessions export` gives it: its calls are a list, in its row they are the text of one. */
function exported(message: unknown): object {
  const calls = parseRecord(Buffer.from(stringField(message, 'tool_calls') ?? ''));
  return { ...(message as object), ...(Array.isArray(calls) && { tool_calls: calls }) };
}
