import fc from 'fast-check';
import { expect, test } from 'vitest';
import { align, type Step } from '../../src/trajectory/diff.ts';

const step = fc.record({
  tool: fc.constantFrom('a', 'b', 'c'),
  input: fc.integer({ min: 0, max: 2 }),
  output: fc.integer({ min: 0, max: 1 }),
});
const run = fc
  .array(step, { maxLength: 30 })
  .map((steps) => steps.map((one, seq): Step => ({ seq, turn: 1, kind: 'call', ...one })));

test('an alignment has every step of both runs once and in order; what it says of a pair is so', () => {
  fc.assert(
    fc.property(run, run, (a, b) => {
      const pairs = align(a, b);
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
      const equal = align(a, b).filter(({ difference }) => difference === 'same' || difference === 'output').length;
      expect(equal).toBeGreaterThanOrEqual(longest(a, b));
    }),
  );
});

test('a run does not differ from itself', () => {
  fc.assert(
    fc.property(run, (a) => {
      expect(align(a, a).map(({ difference }) => difference)).toEqual(a.map(() => 'same'));
    }),
  );
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
