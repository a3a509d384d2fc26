import { field, type SessionKind, stringField } from '../../src/harness/index.ts';

/** Record types of 2.1.329 and before. */
export const known: ReadonlySet<unknown> = new Set(
  `user assistant attachment system queue-operation last-prompt mode permission-mode atis-latch tools-used
   cost-state custom-title agent-name api-request-shape api-request-blob api-request file-history-snapshot
   file-history-delta summary progress ai-title tag content-replacement`.split(/\s+/),
);

/** Whether a `user` record is a person's: not a tool's result, a summary, a notice or a slash command. */
export function isPrompt(value: unknown, subAgent = false): boolean {
  if (field(value, 'isMeta') === true || field(value, 'isCompactSummary') === true) return false;
  if (field(value, 'origin', 'kind') === 'task-notification') return false;
  if (!subAgent && field(value, 'isSidechain') === true) return false;
  const content = field(value, 'message', 'content');
  if (Array.isArray(content) && content.some((block) => field(block, 'type') === 'tool_result')) return false;
  return !/^<(command-name|command-message|local-command-)/.test(promptOf(value));
}

/** The first text of a `user` record. */
export function promptOf(value: unknown): string {
  const content = field(value, 'message', 'content');
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const text = field(
    content.find((block) => field(block, 'type') === 'text'),
    'text',
  );
  return typeof text === 'string' ? text : '';
}

/** `HEAD` stands for no branch and for no repository (2.1.329). */
export function branchOf(value: unknown): string | undefined {
  const branch = field(value, 'gitBranch');
  return typeof branch === 'string' && branch !== '' && branch !== 'HEAD' ? branch : undefined;
}

/** By `entrypoint`, which stands in every record of the chain (2.1.329): `sdk-cli` is `claude -p`. */
export function kindOf(value: unknown): SessionKind | undefined {
  const entrypoint = stringField(value, 'entrypoint');
  if (entrypoint === undefined) return undefined;
  if (entrypoint === 'sdk-cli' || entrypoint.includes('github-action')) return 'batch';
  return entrypoint.startsWith('sdk-') || entrypoint === 'mcp' ? 'sdk' : 'interactive';
}

/** The last answer of a turn, and what is written behind it (2.1.329). */
export function endsTurn(value: unknown): boolean {
  const type = field(value, 'type');
  if (type === 'assistant') return field(value, 'message', 'stop_reason') === 'end_turn';
  if (type === 'system') return ['turn_duration', 'stop_hook_summary'].includes(String(field(value, 'subtype')));
  return type === 'last-prompt' || type === 'cost-state';
}

/** 2.1.329 tells its model where the summary comes from, where the transcript lies, and to go on without a word. */
export function unwrapped(summary: string): string {
  return summary
    .replace(/^This session is being continued from a previous conversation[^\n]*\n+/, '')
    .replace(/<system-reminder>[\s\S]*?<\/system-reminder>\s*/g, '')
    .replace(/^Summary:\n/, '')
    .replace(/\n+If you need specific details from before compaction[\s\S]*$/, '')
    .trim();
}
