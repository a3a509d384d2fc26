import { field } from '../../src/harness/index.ts';

/** Counts what a transcript holds, by the rules of its agent: independent of the harness under test. */
export function count(agent: 'claude-code' | 'codex', bytes: Uint8Array, options: { subAgent?: boolean } = {}) {
  const text = Buffer.from(bytes).toString('utf8');
  const lines = text.split('\n').slice(0, -1);
  const values: unknown[] = [];
  const invalidLines: number[] = [];
  lines.forEach((line, index) => {
    try {
      values.push(JSON.parse(line));
    } catch {
      invalidLines.push(index + 1);
    }
  });
  const common = { lines: lines.length, records: values.length, invalidLines };
  const counted = agent === 'codex' ? countCodex(values) : countClaude(values, options.subAgent ?? false);
  return { ...common, ...counted };
}

const claudeTypes = new Set(
  `user assistant attachment system queue-operation last-prompt mode permission-mode atis-latch tools-used cost-state
   custom-title agent-name api-request-shape api-request-blob api-request file-history-snapshot file-history-delta
   summary progress ai-title tag content-replacement`.split(/\s+/),
);

function countClaude(values: readonly unknown[], subAgent: boolean) {
  const recordsByType = tally(values.map((value) => String(field(value, 'type'))));
  const prompts: string[] = [];
  const seen = { inlineSidechainPrompts: 0, slashCommands: 0, taskNotificationRecords: 0 };
  const messages = new Map<string, { usage: Record<string, number>; calls: Set<string> }>();
  const names = new Map<string, string>();
  const results = new Map<string, boolean>();
  let images = 0;
  // A request log repeats messages: only these two are the conversation.
  for (const value of values.filter((each) => /^(user|assistant)$/.test(String(field(each, 'type'))))) {
    const content = field(value, 'message', 'content');
    const blocks: unknown[] = Array.isArray(content) ? content : [];
    for (const block of blocks) {
      if (field(block, 'type') === 'tool_result') {
        results.set(String(field(block, 'tool_use_id')), field(block, 'is_error') === true);
        const inner = field(block, 'content');
        if (Array.isArray(inner)) images += inner.filter((part) => field(part, 'type') === 'image').length;
      }
      if (field(block, 'type') === 'image') images++;
      if (field(block, 'type') === 'tool_use') names.set(String(field(block, 'id')), String(field(block, 'name')));
    }
    const id = field(value, 'message', 'id');
    if (field(value, 'type') === 'assistant' && typeof id === 'string') {
      const message = messages.get(id) ?? { usage: {}, calls: new Set<string>() };
      messages.set(id, message);
      for (const key of claudeUsage) {
        message.usage[key] = Math.max(message.usage[key] ?? 0, Number(field(value, 'message', 'usage', key) ?? 0));
      }
      for (const block of blocks) if (field(block, 'type') === 'tool_use') message.calls.add(String(field(block, 'id')));
    }
    if (field(value, 'type') === 'user') note(value, content, blocks);
  }
  function note(value: unknown, content: unknown, blocks: unknown[]) {
    if (blocks.some((block) => field(block, 'type') === 'tool_result')) return;
    if (field(value, 'isMeta') || field(value, 'isCompactSummary')) return;
    const prompt = typeof content === 'string' ? content : String(field(blocks[0], 'text') ?? '');
    if (field(value, 'origin', 'kind') === 'task-notification') seen.taskNotificationRecords++;
    else if (/^<command-(name|message)>/.test(prompt)) seen.slashCommands++;
    else if (prompt.startsWith('<local-command-')) return;
    else if (!subAgent && field(value, 'isSidechain')) seen.inlineSidechainPrompts++;
    else prompts.push(prompt);
  }
  const subtypes = values.map((value) => field(value, 'subtype'));
  return {
    recordsByType,
    unknownTypes: Object.keys(recordsByType).filter((type) => !claudeTypes.has(type)),
    turns: prompts.length,
    prompts,
    ...seen,
    assistantMessages: messages.size,
    toolCalls: names.size,
    toolCallsByName: tally([...names.values()]),
    messagesWithParallelCalls: [...messages.values()].filter(({ calls }) => calls.size > 1).length,
    toolResults: results.size,
    toolErrors: [...results.values()].filter(Boolean).length,
    callsWithoutResult: [...names.keys()].filter((id) => !results.has(id)).length,
    images,
    compactions: subtypes.filter((subtype) => subtype === 'compact_boundary').length,
    distinctUuids: new Set(values.map((value) => field(value, 'uuid')).filter(Boolean)).size,
    usage: sum(claudeUsage, [...messages.values()].map(({ usage }) => usage)),
  };
}

function countCodex(values: readonly unknown[]) {
  const payloads = values.map((value) => ({ type: String(field(value, 'type')), payload: field(value, 'payload') }));
  const inner = (type: string) => payloads.filter((each) => each.type === type).map(({ payload }) => payload);
  const events = inner('event_msg');
  const items = inner('response_item');
  const ofType = (list: readonly unknown[], ...types: string[]) =>
    list.filter((payload) => types.includes(String(field(payload, 'type'))));
  const calls = new Map<string, string>();
  for (const call of ofType(items, 'function_call', 'custom_tool_call')) {
    calls.set(String(field(call, 'call_id')), String(field(call, 'name')));
  }
  const outputs = ofType(items, 'function_call_output', 'custom_tool_call_output');
  const answered = new Set(outputs.map((output) => String(field(output, 'call_id'))));
  const completed = ofType(events, 'item_completed').map((payload) => field(payload, 'item'));
  const ordinals = values.map((value) => field(value, 'ordinal')).filter((ordinal) => typeof ordinal === 'number');
  const images = outputs.flatMap((output) => {
    const parts = field(output, 'output');
    return Array.isArray(parts) ? parts.filter((part) => field(part, 'type') === 'input_image') : [];
  });
  return {
    recordsByType: tally(
      payloads.map(({ type, payload }) => {
        const kind = field(payload, 'type');
        return typeof kind === 'string' ? `${type}/${kind}` : type;
      }),
    ),
    ordinals:
      ordinals.length === 0
        ? null
        : {
            first: Math.min(...ordinals),
            last: Math.max(...ordinals),
            count: ordinals.length,
            duplicates: [...new Set(ordinals.filter((ordinal, index) => ordinals.indexOf(ordinal) !== index))],
          },
    turns: ofType(events, 'user_message').length + ofType(completed, 'UserMessage').length,
    tasksStarted: ofType(events, 'task_started').length,
    tasksCompleted: ofType(events, 'task_complete').length,
    toolCalls: calls.size,
    toolCallsByName: tally([...calls.values()]),
    toolOutputs: answered.size,
    callsWithoutOutput: [...calls.keys()].filter((id) => !answered.has(id)).length,
    assistantMessages: ofType(items, 'message').filter((payload) => field(payload, 'role') === 'assistant').length,
    compactions: inner('compacted').length,
    images: images.length,
    ...codexUsage(inner('token_usage_record'), ofType(events, 'token_count')),
  };
}

const claudeUsage = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
] as const;

const codexKeys = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_input_tokens',
  'output_tokens',
  'reasoning_output_tokens',
  'total_tokens',
] as const;

/** A record once for each response; without any, an event whenever its total has changed. */
function codexUsage(records: readonly unknown[], events: readonly unknown[]) {
  const byResponse = new Map(records.map((record) => [field(record, 'response_id'), field(record, 'usage')]));
  if (byResponse.size > 0) return { usageFrom: 'token_usage_record', usage: sum(codexKeys, [...byResponse.values()]) };
  const totals = new Map(
    events.map((event) => [
      JSON.stringify(field(event, 'info', 'total_token_usage')),
      field(event, 'info', 'last_token_usage'),
    ]),
  );
  return { usageFrom: 'token_count', usage: sum(codexKeys, [...totals.values()]) };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sum(keys: readonly string[], usages: readonly unknown[]): Record<string, number> {
  return Object.fromEntries(
    keys.map((key) => [key, usages.reduce<number>((total, usage) => total + Number(field(usage, key) ?? 0), 0)]),
  );
}
