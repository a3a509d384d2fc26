import type { Composing, Conversation, ConversationStep, RestoreTarget } from '../../src/harness/index.ts';

/** The version whose records these are. */
const version = '2.1.329';

/**
 * A transcript that holds the conversation of another agent: a chain of `user` and `assistant` records, which is all
 * that 2.1.329 needs to resume. The model of the answers is `<synthetic>`: none of Claude's wrote them.
 */
export function* compose(
  { harness, session: from, steps }: Conversation,
  { session, cwd }: RestoreTarget,
  { now, uuid }: Composing,
): Generator<object> {
  let parentUuid: string | null = null;
  const chained = (record: object, time = now) => {
    const own = uuid();
    const common = { isSidechain: false, userType: 'external', entrypoint: 'cli', cwd, sessionId: session, version };
    const convertedFrom = { harness, session: from };
    const whole = { parentUuid, ...common, ...record, uuid: own, timestamp: time, convertedFrom };
    parentUuid = own;
    return whole;
  };
  const text = `This conversation was begun by another agent (${harness}). Its tools may have other names than yours.`;
  yield chained({ type: 'user', isMeta: true, message: { role: 'user', content: text } });
  for (const step of steps) yield chained(recordOf(step, uuid), step.time);
}

function recordOf(step: ConversationStep, uuid: () => string): object {
  switch (step.role) {
    case 'user':
      return { type: 'user', message: { role: 'user', content: step.text } };
    case 'tool': {
      const content = step.results.map(({ callId, text, error }) => ({
        ...{ type: 'tool_result', tool_use_id: callId, content: text },
        ...(error && { is_error: true }),
      }));
      return { type: 'user', message: { role: 'user', content } };
    }
    case 'assistant': {
      const content = step.blocks.map((block) =>
        'text' in block
          ? { type: 'text', text: block.text }
          : { type: 'tool_use', id: block.callId, name: block.tool, input: block.input },
      );
      const stop_reason = content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
      const usage = { input_tokens: 0, output_tokens: 0 };
      const message = { id: `msg_${uuid()}`, type: 'message', role: 'assistant', model: '<synthetic>', content };
      return { type: 'assistant', message: { ...message, stop_reason, stop_sequence: null, usage } };
    }
  }
}
