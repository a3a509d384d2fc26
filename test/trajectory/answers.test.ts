import { expect, test } from 'vitest';
import { answersIn, answerTo, recordingsOf } from '../../src/trajectory/answers.ts';
import type { EventBody, RecordEvent } from '../../src/trajectory/events.ts';
import { answer, eventsOf, prompt } from '../export/source.ts';

async function recordingOf(bodies: readonly EventBody[]) {
  async function* events(): AsyncGenerator<RecordEvent> {
    yield* eventsOf('main', bodies);
  }
  const [recording] = await recordingsOf(events());
  return recording!;
}

/** Each answer ends with its usage. */
function said(text: string): EventBody[] {
  return [answer(text), { kind: 'usage', tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 } }];
}

const summary = 'The task is to sort.\nTwo of three files are done.';
const wrapped = `This session goes on.\n${summary}\nThe transcript lies at /tmp/a.jsonl`;
const asMessage: EventBody[] = [
  { kind: 'compaction' },
  { kind: 'message', role: 'user', from: 'harness', purpose: 'summary', content: [{ type: 'text', text: wrapped }] },
];

test.each([
  ['in the compaction', [{ kind: 'compaction', summary } as const]],
  ['as a message behind it', asMessage],
])('a run with a compaction is played to its end: its summary %s', async (_, compaction) => {
  const bodies = [prompt('sort'), ...said('one'), ...said('two'), ...compaction, ...said('three'), ...said('four')];
  const recording = await recordingOf(bodies);
  expect(answersIn(recording)).toHaveLength(4);
  const texts = (conversation: string, asked: number) =>
    answerTo(recording, conversation, asked)?.blocks.map((block) => ('text' in block ? block.text : ''));
  expect([texts('sort', 0), texts('sort', 1)]).toEqual([['one'], ['two']]);
  // The request for the summary has all answers so far.
  const [asked = ''] = texts('sort\nSummarise what was done.', 2) ?? [];
  expect(asked).toContain(summary);
  expect(texts('sort', 3)).toBeUndefined();
  const after = `sort\nThis session goes on.\n${asked}\nThe transcript lies at /tmp/b.jsonl`;
  expect([texts(after, 0), texts(after, 1), texts(after, 2)]).toEqual([['three'], ['four'], undefined]);
});

test('a compaction without a summary counts on', async () => {
  const recording = await recordingOf([prompt('sort'), ...said('one'), { kind: 'compaction' }, ...said('two')]);
  expect(answerTo(recording, 'sort', 1)?.blocks).toEqual([{ type: 'text', text: 'two' }]);
});
