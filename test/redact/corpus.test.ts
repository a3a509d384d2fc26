import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { harmlessSamples, type Sample, secretSamples, survives } from './corpus/corpus.ts';

const key = Buffer.alloc(32, 5);

function redact(lines: readonly string[]): readonly string[] {
  const block = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return Buffer.from(createRedactor({ key }).redact(block).block).toString().split('\n').slice(0, -1);
}

const leaks = ({ secrets }: Sample, line: string) => secrets.some((secret) => survives(line, secret));

test('99 of a hundred generated secrets are found, each without what the others taught', () => {
  const samples = [...secretSamples(21, 1)];
  const missed = samples.filter((sample) => leaks(sample, redact([sample.line])[0] ?? ''));
  expect(missed.map(({ kind }) => kind)).toHaveLength(Math.min(missed.length, Math.floor(samples.length / 100)));
});

test('text that only looks like secrets stays, byte for byte', () => {
  const samples = [...harmlessSamples(22, 2)];
  const changed = samples.filter(({ line }) => redact([line])[0] !== line);
  expect(changed.map(({ line }) => line)).toEqual([]);
});

test('in any order and company: lines stay lines, JSON stays JSON, nothing planted is left', () => {
  // Only what is found alone: the rest is the measure above, not a defect of this one.
  const known = [...secretSamples(23, 1)].filter((sample) => !leaks(sample, redact([sample.line])[0] ?? ''));
  const clean = [...harmlessSamples(24, 1)];
  const sample = fc.oneof(fc.constantFrom(...known), fc.constantFrom(...clean));
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 8 }), (samples) => {
      const lines = redact(samples.map(({ line }) => line));
      expect(lines).toHaveLength(samples.length);
      samples.forEach((planted, i) => {
        expect(() => JSON.parse(lines[i] ?? '')).not.toThrow();
        expect(leaks(planted, lines[i] ?? ''), planted.kind).toBe(false);
      });
    }),
    { numRuns: 300 },
  );
});
