import * as v from 'valibot';
import type { Json } from './payload.ts';

const text = v.string();
const number = v.number();
const count = v.pipe(number, v.safeInteger(), v.minValue(0));
const optional = v.exactOptional;
const yes = v.literal(true);
const json = v.custom<Json>((value) => value !== undefined);

const payload = v.object({
  ref: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
  size: count,
  mediaType: text,
  at: v.object({
    stream: text,
    epoch: count,
    record: count,
    pointer: text,
    inner: optional(text),
    encoding: optional(v.picklist(['base64', 'data-url'])),
    blob: optional(text),
  }),
});

const content = v.union([text, payload]);
const texts = v.pipe(v.array(text), v.readonly());

const part = v.variant('type', [
  v.object({ type: v.literal('text'), text: content }),
  v.object({ type: v.literal('media'), media: payload, name: optional(text) }),
  v.object({ type: v.literal('other'), value: json }),
]);

const fromRecord = {
  v: v.literal(1),
  seq: count,
  at: v.object({ stream: text, epoch: count, record: count }),
  turn: count,
  time: optional(text),
  id: optional(text),
  parentId: optional(text),
  sidechain: optional(yes),
};

const event = <Kind extends string, Entries extends v.ObjectEntries>(kind: Kind, entries: Entries) =>
  v.object({ ...fromRecord, kind: v.literal(kind), ...entries });

/** A typed event as it stands in JSON; other fields are dropped. Equal to `TrajectoryEvent`. */
export const eventSchema = v.variant('kind', [
  event('session_start', {
    session: optional(text),
    cwd: optional(text),
    agentVersion: optional(text),
    branch: optional(text),
    commit: optional(text),
    repository: optional(text),
    source: optional(text),
  }),
  event('session_end', { reason: optional(text) }),
  event('message', {
    role: v.picklist(['user', 'assistant', 'system']),
    from: v.picklist(['person', 'model', 'harness']),
    prompt: optional(yes),
    purpose: optional(text),
    content: v.pipe(v.array(part), v.readonly()),
    messageId: optional(text),
  }),
  event('thinking', { text: content, encrypted: optional(yes), messageId: optional(text) }),
  event('tool_call', {
    callId: text,
    tool: text,
    namespace: optional(text),
    input: json,
    messageId: optional(text),
    server: optional(yes),
  }),
  event('tool_result', {
    callId: text,
    tool: optional(text),
    output: json,
    error: optional(yes),
    exitCode: optional(number),
    durationMs: optional(number),
    details: optional(json),
    files: optional(texts),
  }),
  event('decision', {
    callId: optional(text),
    decision: v.picklist(['approved', 'denied']),
    reason: optional(text),
  }),
  event('usage', {
    responseId: optional(text),
    model: optional(text),
    tokens: v.object({
      input: count,
      cacheRead: count,
      cacheWrite: count,
      cacheWrite1h: optional(count),
      output: count,
      thinking: optional(count),
    }),
    durationMs: optional(number),
    firstTokenMs: optional(number),
    cost: optional(number),
  }),
  event('model_change', { model: text, provider: optional(text) }),
  event('state', { name: text, value: json }),
  event('compaction', {
    trigger: optional(text),
    tokensBefore: optional(number),
    tokensAfter: optional(number),
    summary: optional(content),
    kept: optional(texts),
  }),
  event('rewind', { to: optional(text) }),
  event('subagent_spawn', {
    callId: optional(text),
    agent: text,
    agentType: optional(text),
    description: optional(text),
  }),
  event('subagent_return', {
    callId: optional(text),
    agent: text,
    status: optional(text),
    text: optional(content),
  }),
  event('attachment', { type: text, file: optional(text), content: json }),
  event('error', { message: content, code: optional(text) }),
  event('unknown', { reason: v.picklist(['type', 'json', 'size']), type: optional(text), raw: json }),
  v.object({
    v: v.literal(1),
    kind: v.literal('coordination'),
    slot: v.object({ register: text, n: count }),
    op: text,
    agent: optional(text),
    session: optional(text),
    time: optional(text),
    value: json,
  }),
]);
