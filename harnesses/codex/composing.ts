import type { Composing, Conversation, ConversationStep, RestoreTarget } from '../../src/harness/index.ts';

/** The version that takes these records. */
const version = '0.169.0';

/**
 * A rollout that holds the conversation of another agent, in the form from before threads were paginated, which
 * 0.169.0 resumes: items for the model, and the events that tell a person's prompts from the rest.
 */
export function* compose(
  { harness, session: from, steps }: Conversation,
  { session, cwd }: RestoreTarget,
  { now }: Composing,
  provider: string,
): Generator<object> {
  const timestamp = steps.find(({ time }) => time !== undefined)?.time ?? now;
  const converted = { converted_from: { harness, session: from } };
  const origin = { originator: 'cairn', cli_version: version, source: 'cli', model_provider: provider };
  yield { timestamp, type: 'session_meta', payload: { id: session, timestamp, cwd, ...origin, ...converted } };
  const text = `This conversation was begun by another agent (${harness}). Its tools may have other names than yours.`;
  yield item(timestamp, { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] });
  for (const step of steps) yield* recordsOf(step, step.time ?? now);
}

function* recordsOf(step: ConversationStep, timestamp: string): Generator<object> {
  if (step.role === 'user') {
    yield item(timestamp, { type: 'message', role: 'user', content: [{ type: 'input_text', text: step.text }] });
    yield { timestamp, type: 'event_msg', payload: { type: 'user_message', message: step.text, kind: 'plain' } };
  } else if (step.role === 'tool') {
    for (const { callId, text } of step.results) {
      yield item(timestamp, { type: 'function_call_output', call_id: callId, output: text });
    }
  } else {
    for (const block of step.blocks) {
      if ('text' in block) {
        const content = [{ type: 'output_text', text: block.text }];
        yield item(timestamp, { type: 'message', role: 'assistant', content });
        yield { timestamp, type: 'event_msg', payload: { type: 'agent_message', message: block.text } };
      } else {
        const { callId, tool, input } = block;
        const call = { type: 'function_call', name: tool, arguments: JSON.stringify(input), call_id: callId };
        yield item(timestamp, call);
      }
    }
  }
}

function item(timestamp: string, payload: object): object {
  return { timestamp, type: 'response_item', payload };
}
