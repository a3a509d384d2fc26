import { describe, expect, test } from 'vitest';
import { explore } from './explorer.ts';
import { holds, mutants } from './models.ts';

/** Hundreds of thousands of states on a busy machine. */
const timeout = 600_000;

describe('holds in every state that can be reached', () => {
  test.each(Object.entries(holds))('%s', { timeout }, (_name, model) => {
    const { states, broken } = explore(model);
    expect(broken).toBeUndefined();
    // A model that goes nowhere would hold, too.
    expect(states).toBeGreaterThan(400);
  });
});

describe('a mutant is found', () => {
  test.each(Object.entries(mutants))('%s', { timeout }, (_name, [model, broken]) => {
    expect(explore(model).broken).toMatch(broken);
  });
});
