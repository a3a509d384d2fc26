import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MarkdownStream, readBlocks, writeMarkdown } from '../../src/export/markdown.ts';
import { reconcile } from '../../src/export/reconcile.ts';
import type { EventBody } from '../../src/trajectory/events.ts';
import { answer, eventsOf, prompt, sourceOf, whole } from './source.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('<!-- main 1 message 3 -->\n## x', '```\ncode\n````', '---\na: b\n---', 'a\r\nb', '> quote', ''),
);
const body: fc.Arbitrary<EventBody> = fc.oneof(
  text.map(prompt),
  text.map(answer),
  text.map((t): EventBody => ({ kind: 'thinking', text: t })),
  text.map((t): EventBody => ({ kind: 'tool_call', callId: 'c', tool: 'Bash', input: { command: t } })),
  text.map((t): EventBody => ({ kind: 'tool_result', callId: 'c', output: t })),
  text.map((t): EventBody => ({ kind: 'error', message: t })),
  fc.constant<EventBody>({ kind: 'state', name: 'mode', value: 'plan' }),
);
const bodies = fc.array(body, { maxLength: 12 });

describe('markdown', () => {
  test('its blocks are found again by their lengths, whatever stands in them', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, bodies, async (main, agent) => {
        const source = sourceOf({ main: eventsOf('main', main), 'agent-1': eventsOf('agent-1', agent) });
        const markdown = await whole(writeMarkdown(source));
        const found = readBlocks(markdown);
        const expected = [
          ...main.map((b, i) => ({ b, i, s: 'main' })),
          ...agent.map((b, i) => ({ b, i, s: 'agent-1' })),
        ]
          .filter(({ b }) => b.kind !== 'state' && !(b.kind === 'thinking' && b.text === ''))
          .filter(
            ({ b }) =>
              !(
                b.kind === 'message' &&
                b.from === 'model' &&
                b.content.every((p) => p.type === 'text' && p.text === '')
              ),
          );
        expect(found.map(({ stream, seq }) => `${stream} ${seq}`)).toEqual(expected.map(({ s, i }) => `${s} ${i}`));
        expect(await reconcile(source, markdown)).toEqual({ identical: true, blocks: found.length, differences: [] });
      }),
      { numRuns: 100 },
    );
  });

  test('a file that grew with its session is what is written anew', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (main) => {
        const events = eventsOf('main', main);
        const source = sourceOf({ main: events });
        const page = new MarkdownStream(source, 'main', true);
        const grown = events.map((event) => page.write(event)).join('') + page.end();
        expect(grown).toBe(await whole(writeMarkdown(source)));
      }),
      { numRuns: 50 },
    );
  });

  test('what is missing, extra and changed is named', async () => {
    const source = sourceOf({ main: eventsOf('main', [prompt('one'), answer('two'), prompt('three')]) });
    const markdown = await whole(writeMarkdown(source));
    const [first, second] = readBlocks(markdown);
    const changed = markdown.replace(first!.text, '').replace('two', 'owt') + second!.text.replace('main 1', 'main 9');
    const { identical, differences } = await reconcile(source, changed);
    expect(identical).toBe(false);
    expect(differences).toEqual([
      { stream: 'main', seq: 0, kind: 'message', difference: 'missing' },
      { stream: 'main', seq: 1, kind: 'message', difference: 'changed' },
      { stream: 'main', seq: 9, kind: 'message', difference: 'extra' },
    ]);
  });
});
