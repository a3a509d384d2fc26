import { claudeCode } from '../../harnesses/claude-code.ts';
import { codex } from '../../harnesses/codex.ts';
import { harnesses } from '../../harnesses/index.ts';
import { type ContractCase, harnessContract } from './contract.ts';

const timestamp = '2026-11-21T10:00:00.000Z';

/** How each agent of JSONL files alone writes a session. */
const cases: Readonly<Record<string, ContractCase>> = {
  'claude-code': {
    harness: claudeCode,
    transcript: (session) => `projects/-home-dev/${session}.jsonl`,
    elsewhere: (session) => `projects/-home-dev-worktree/${session}.jsonl`,
    first: (sessionId) => ({ type: 'queue-operation', operation: 'enqueue', timestamp, sessionId }),
    next: (sessionId, content) => ({ type: 'user', message: { role: 'user', content }, timestamp, sessionId }),
  },
  codex: {
    harness: codex,
    transcript: (session) => `sessions/2026/11/21/rollout-2026-11-21T10-00-00-${session}.jsonl`,
    elsewhere: (session) => `archived_sessions/rollout-2026-11-21T10-00-00-${session}.jsonl`,
    first: (session) => ({
      timestamp,
      ordinal: 0,
      type: 'session_meta',
      payload: { id: session, session_id: session },
    }),
    next: (_, text) => ({
      timestamp,
      type: 'event_msg',
      payload: { type: 'item_completed', item: { type: 'UserMessage', content: [{ type: 'text', text }] } },
    }),
  },
};

for (const { name } of harnesses) {
  const given = cases[name];
  if (given) harnessContract(given);
}
