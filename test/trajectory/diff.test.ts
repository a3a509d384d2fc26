import fc from 'fast-check';
import { expect, test } from 'vitest';
import { align, type ComparedStep, type Lasting, type Step, stepsOf } from '../../src/trajectory/diff.ts';
import type { Json } from '../../src/trajectory/payload.ts';

const step = fc.record({
  tool: fc.constantFrom('a', 'b', 'c'),
  input: fc.integer({ min: 0, max: 2 }),
  output: fc.integer({ min: 0, max: 1 }),
});
const run = fc
  .array(step, { maxLength: 30 })
  .map((steps) => steps.map((one, seq): Step => ({ seq, turn: 1, kind: 'call', ...one })));

const compared = (steps: readonly Step[]): ComparedStep[] =>
  steps.map((step) => ({
    step,
    key: JSON.stringify([step.tool, step.input]),
    result: JSON.stringify(step.output),
  }));

test('an alignment has every step of both runs once and in order; what it says of a pair is so', () => {
  fc.assert(
    fc.property(run, run, (a, b) => {
      const pairs = align(compared(a), compared(b));
      expect(pairs.flatMap((pair) => pair.a ?? [])).toEqual(a);
      expect(pairs.flatMap((pair) => pair.b ?? [])).toEqual(b);
      for (const { difference, a: left, b: right } of pairs) {
        const [sameCall, sameOutput] = [
          left?.tool === right?.tool && left?.input === right?.input,
          left?.output === right?.output,
        ];
        if (difference === 'same') expect([sameCall, sameOutput]).toEqual([true, true]);
        if (difference === 'output') expect([sameCall, sameOutput]).toEqual([true, false]);
        if (difference === 'changed') expect(left?.tool).toBe(right?.tool);
        expect(difference === 'only-a').toBe(right === undefined);
        expect(difference === 'only-b').toBe(left === undefined);
      }
    }),
  );
});

test('as many steps as a longest common subsequence has are found equal', () => {
  fc.assert(
    fc.property(run, run, (a, b) => {
      const equal = align(compared(a), compared(b)).filter(
        ({ difference }) => difference === 'same' || difference === 'output',
      ).length;
      expect(equal).toBeGreaterThanOrEqual(longest(a, b));
    }),
  );
});

test('a run does not differ from itself', () => {
  fc.assert(
    fc.property(run, (a) => {
      expect(align(compared(a), compared(a)).map(({ difference }) => difference)).toEqual(a.map(() => 'same'));
    }),
  );
});

test('a run against an empty one has more steps than a call takes arguments', () => {
  const steps = Array.from({ length: 200_000 }, (_, seq): Step => ({ seq, turn: 1, kind: 'call', input: seq }));
  expect(align(compared(steps), []).length).toBe(steps.length);
});

test('ids in results are no difference, nor what the agent adds; all else is, and in full', () => {
  const place = { v: 1, turn: 1, at: { stream: 'main', epoch: 0, record: 0 } } as const;
  const of = (output: Json, lasting?: Lasting) =>
    stepsOf(
      [
        { ...place, seq: 0, kind: 'tool_call', callId: 'c', tool: 'Run', input: {} },
        { ...place, seq: 1, kind: 'tool_result', callId: 'c', output },
      ],
      lasting,
    );
  const difference = (a: Json, b: Json, lasting?: Lasting) => align(of(a, lasting), of(b, lasting))[0]?.difference;
  const [one, other] = ['01a227bf-fd72-7ba0-80e5-b62bcd6fd5b1', '726594f4-b554-475b-b7e1-639dcde09a2d'];
  expect(difference({ id: one, text: `run ${one}` }, { id: other, text: `run ${other}` })).toBe('same');
  expect(difference('took 3 s', 'took 4 s')).toBe('output');
  expect(difference('took 3 s', 'took 4 s', (text) => text.replace(/\d+ s/, ''))).toBe('same');
  expect(difference({ nickname: 'Ada' }, { nickname: 'Bob' }, (text, name) => (name === 'nickname' ? '' : text))).toBe(
    'same',
  );
  const long = 'x'.repeat(100_000);
  expect(difference(`${long}a`, `${long}b`)).toBe('output');
  expect(JSON.stringify(of(long)).length).toBeLessThan(10_000);
});

function longest(a: readonly Step[], b: readonly Step[]): number {
  const rows = a.map(() => b.map(() => 0));
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (const [i, x] of a.entries()) {
    for (const [j, y] of b.entries()) {
      const row = rows[i];
      if (!row) continue;
      row[j] = x.tool === y.tool && x.input === y.input ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  }
  return at(a.length - 1, b.length - 1);
}
