import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import type { ConversationStep } from '../../src/harness/index.ts';
import { emptySummary } from '../../src/harness/index.ts';
import { readConversation, transcriptEvents } from '../../src/resume/conversation.ts';
import { handoffText, readHandoff } from '../../src/resume/handoff.ts';
import { readClosure } from '../../src/resume/source.ts';
import { resolveSession } from '../../src/sessions/resolve.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { TestHost } from './host.ts';

const samples = join(import.meta.dirname, '../samples');
const cases = [
  ['claude-code', 'main', '49d9aac8-4336-424d-8f44-ade0771584a6', 'codex'],
  ['claude-code', 'main', 'bab8b3f3-9bdb-40bc-9e4f-d266ca93d5ce', 'codex'],
  ['codex', 'paginated-0.169', '01a1fd66-d618-70e0-a801-dddcfc2f5e9a', 'claude-code'],
  ['codex', 'compaction-subagent-0.169', '01a1fd88-a926-78c2-b671-c8323365614b', 'claude-code'],
  ['codex', 'legacy', '0199f2a0-1111-7222-8333-444455556666', 'claude-code'],
] as const;

async function sampled(agent: string, home: string, session: string) {
  const store = memoryStore(testRuntime());
  const host = await TestHost.make(store, await temporaryFolder(), agent, 1);
  await cp(join(samples, agent, home), host.root, { recursive: true });
  await host.mirror();
  const harness = harnesses.find(({ name }) => name === agent)!;
  const closure = await readClosure(store, harness, await resolveSession(store, 'p', session));
  return { events: () => transcriptEvents(store, harness, closure), place: { harness: agent, session }, closure };
}

/** Every call is answered by the step behind it, and by no other. */
function expectAnswered(steps: readonly ConversationStep[]): void {
  for (const [i, step] of steps.entries()) {
    const calls =
      step.role === 'assistant' ? step.blocks.flatMap((block) => ('callId' in block ? [block.callId] : [])) : [];
    const next = steps[i + 1];
    const answered = next?.role === 'tool' ? next.results.map(({ callId }) => callId) : [];
    expect(answered).toEqual(calls);
  }
}

describe.each(cases)('%s %s %s, in another agent', (agent, home, session, other) => {
  it('is the same conversation there', async () => {
    const { events, place } = await sampled(agent, home, session);
    const { conversation } = await readConversation(events(), place);
    expect(conversation.steps.length).toBeGreaterThan(1);
    expectAnswered(conversation.steps);

    const { restoring, projector, summarise } = harnesses.find(({ name }) => name === other)!;
    const target = { root: '/r', cwd: '/w', env: {}, from: 'x', session: '11111111-2222-4333-8444-555555555555' };
    let ids = 0;
    const composing = {
      now: '2026-11-21T10:00:00.000Z',
      uuid: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}`,
    };
    const records = [...restoring!.compose!(conversation, target, composing)].map((record) => JSON.stringify(record));
    const summary = records.reduce(
      (sum, line) => summarise(sum, { stream: 'main', bytes: Buffer.from(line), value: JSON.parse(line) }),
      emptySummary,
    );
    expect(summary).toMatchObject({
      invalid: 0,
      unknown: 0,
      lineage: [{ kind: 'continues', session: `${agent}/${session}` }],
    });

    const { Sequence } = await import('../../src/trajectory/sequence.ts');
    const sequence = new Sequence(projector!('main'), { inline: Number.POSITIVE_INFINITY });
    async function* again() {
      for (const [record, line] of records.entries())
        yield* sequence.events(Buffer.from(line), { stream: 'main', epoch: 0, record });
    }
    const back = await readConversation(again(), { harness: other, session: target.session });
    const plain = (steps: readonly ConversationStep[]) => steps.map(({ time: _, ...step }) => step);
    expect(plain(back.conversation.steps)).toEqual(plain(conversation.steps));
  });
});

describe('a hand-over', () => {
  it('tells goal, state, files and commands', async () => {
    const { events, place, closure } = await sampled('claude-code', 'main', '49d9aac8-4336-424d-8f44-ade0771584a6');
    const handoff = await readHandoff(events(), place, closure.at(-1)?.meta);
    expect(handoff.prompts[0]).toBe('STEP: exercise the tools');
    expect(handoff.files.find(({ path }) => path.endsWith('/notes.md'))?.writes).toBeGreaterThan(0);
    expect(handoff.commands[0]).toEqual({ command: 'echo hello', failed: false });
    const text = handoffText(handoff, 4000);
    for (const part of ['## Goal', '## State', '## Files changed', '`echo hello`']) expect(text).toContain(part);
  });

  it.each([100, 300, 1000])('keeps to %i tokens, and to its goal', async (budget) => {
    const long = 'word '.repeat(5000);
    const text = handoffText(
      {
        ...{ harness: 'codex', session: 's', prompts: [`GOAL ${long}`, long], plan: [], decisions: [], state: long },
        files: Array.from({ length: 500 }, (_, i) => ({ path: `/a/file-${i}`, writes: 1, reads: 0 })),
        commands: Array.from({ length: 500 }, (_, i) => ({ command: `run ${i} ${long}`, failed: i % 2 === 0 })),
        failures: [],
      },
      budget,
    );
    expect(text.length).toBeLessThanOrEqual(budget * 4);
    expect(text).toContain('GOAL');
  });
});
