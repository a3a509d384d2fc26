import { field } from '../../src/harness/index.ts';

/** Event types of 2026.9.6 and of the JSONL files before it. */
export const known: ReadonlySet<unknown> = new Set(
  `session message model_change thinking_level_change custom custom_message compaction reset branch_summary
   label session_info leaf`.split(/\s+/),
);

/** The text of a message: its own, or its first part's. */
export function promptOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return field(
    content.find((part) => field(part, 'type') === 'text'),
    'text',
  );
}
