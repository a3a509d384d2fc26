import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const folder = '/home/dev/shop';
const first = '5b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';
const second = '8d41a7f2-6c93-4e05-8a7b-1c5e9f0b2d36';
const third = '019a8c3e-7d21-7b44-9e5f-2a6b8c0d4e18';

/**
 * A home with three small sessions, for a host without any: two of claude-code 2.1, one with a sub-agent, and
 * one of codex 0.169. The content is the same each time, so a second demo finds them shipped.
 */
export async function writeSampleHome(home: string): Promise<void> {
  const claude = join(home, '.claude', 'projects', '-home-dev-shop');
  await writeLines(join(claude, `${first}.jsonl`), [
    ...claudeTurn(
      first,
      9,
      'The cart total is wrong when a voucher is used. Find out why.',
      'The voucher is subtracted before tax.',
    ),
    ...claudeTurn(first, 10, 'Fix it and add a test.', 'Fixed in cart.ts; the new test fails without the change.'),
    { type: 'custom-title', customTitle: 'Voucher and tax', sessionId: first },
  ]);
  await writeLines(
    join(claude, first, 'subagents', 'agent-a1b2c3d4e5f60718.jsonl'),
    claudeTurn(first, 9, 'Search for every use of subtractVoucher.', 'Three: cart.ts, invoice.ts, cart.test.ts.', {
      isSidechain: true,
      agentId: 'a1b2c3d4e5f60718',
    }),
  );
  await writeLines(
    join(claude, `${second}.jsonl`),
    claudeTurn(
      second,
      12,
      'Explain how the search index is built.',
      'It is built at start from the catalogue, in two passes.',
    ),
  );
  await writeLines(join(home, '.codex', 'sessions', '2026', '11', '20', `rollout-2026-11-20T14-00-00-${third}.jsonl`), [
    codex(14, 'session_meta', {
      id: third,
      timestamp: at(14, 0),
      cwd: folder,
      originator: 'codex_cli',
      cli_version: '0.169.0',
    }),
    codex(14, 'turn_context', { cwd: folder, model: 'gpt-5.2-codex' }),
    codex(14, 'event_msg', { type: 'user_message', message: 'Make the import of products faster.' }),
    codex(14, 'response_item', {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'One statement for each batch of 500 rows: 40 s are 3 s now.' }],
    }),
  ]);
}

/** A prompt and its answer. */
function claudeTurn(sessionId: string, hour: number, prompt: string, answer: string, more: object = {}): object[] {
  const common = { sessionId, cwd: folder, gitBranch: 'main', version: '2.1.329', isSidechain: false, ...more };
  return [
    {
      type: 'user',
      uuid: `${sessionId}-${hour}-1`,
      timestamp: at(hour, 1),
      ...common,
      message: { role: 'user', content: prompt },
    },
    {
      type: 'assistant',
      uuid: `${sessionId}-${hour}-2`,
      parentUuid: `${sessionId}-${hour}-1`,
      timestamp: at(hour, 2),
      ...common,
      message: { role: 'assistant', model: 'claude-sonnet-4-5', content: [{ type: 'text', text: answer }] },
    },
  ];
}

function codex(hour: number, type: string, payload: object): object {
  return { timestamp: at(hour, 1), type, payload };
}

function at(hour: number, minute: number): string {
  return new Date(Date.UTC(2026, 10, 20, hour, minute)).toISOString();
}

async function writeLines(path: string, records: readonly object[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}
