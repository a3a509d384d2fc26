/** The shapes in which the harnesses write what was said and what tools gave back; one JSONL line a text. */
export type RecordShape = (text: string, line: number) => string;

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const time = '2026-11-20T10:11:12.000Z';

const claude = (n: number, rest: object) =>
  JSON.stringify({
    parentUuid: null,
    isSidechain: false,
    userType: 'external',
    cwd: '/srv/app',
    sessionId: uuid(1),
    version: '2.1.0',
    gitBranch: 'main',
    ...rest,
    uuid: uuid(n),
    timestamp: time,
  });
const codex = (payload: object) => JSON.stringify({ timestamp: time, type: 'response_item', payload });
const toolUse = 'toolu_01AbCdEfGhIjKlMnOpQrStUv';

export const recordShapes: Readonly<Record<string, RecordShape>> = {
  'claude-code prompt': (text, n) => claude(n, { type: 'user', message: { role: 'user', content: text } }),
  'claude-code result': (text, n) =>
    claude(n, {
      type: 'user',
      message: { role: 'user', content: [{ tool_use_id: toolUse, type: 'tool_result', content: text }] },
      toolUseResult: { stdout: text, stderr: '', interrupted: false },
    }),
  'claude-code call': (text, n) =>
    claude(n, {
      type: 'assistant',
      message: {
        id: 'msg_01AbCdEfGhIjKlMnOpQrStUv',
        role: 'assistant',
        content: [{ type: 'tool_use', id: toolUse, name: 'Bash', input: { command: text, description: 'run' } }],
      },
    }),
  'codex message': (text) => codex({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }),
  'codex output': (text) =>
    codex({
      type: 'function_call_output',
      call_id: 'call_Zr3tQ9wXy8Kf2LmNpB5sVdGh',
      output: JSON.stringify({ output: text, metadata: { exit_code: 0, duration_seconds: 0.1 } }),
    }),
  'codex call': (text) =>
    codex({
      type: 'function_call',
      name: 'shell',
      arguments: JSON.stringify({ command: ['bash', '-lc', text], workdir: '/srv/app' }),
      call_id: 'call_Zr3tQ9wXy8Kf2LmNpB5sVdGh',
    }),
  'openclaw result': (text) =>
    JSON.stringify({
      type: 'message',
      id: 'a1b2c3d4',
      parentId: '0f9e8d7c',
      timestamp: time,
      message: {
        role: 'toolResult',
        toolCallId: toolUse,
        toolName: 'exec',
        content: [{ type: 'text', text }],
        isError: false,
      },
    }),
  'hermes row': (text, n) =>
    JSON.stringify({
      put: 'messages',
      id: n,
      mark: '9f2c1e0b7a6d5c4b',
      row: {
        session_id: uuid(2),
        role: 'tool',
        content: text,
        tool_call_id: 'call_7Yb2Kx9QmW4eRt6Zp',
        timestamp: 1763633472.5,
      },
    }),
  'hermes call': (text, n) =>
    JSON.stringify({
      put: 'messages',
      id: n,
      mark: '9f2c1e0b7a6d5c4b',
      row: {
        role: 'assistant',
        tool_calls: JSON.stringify([
          { id: 'call_1', function: { name: 'terminal', arguments: JSON.stringify({ command: text }) } },
        ]),
      },
    }),
};
