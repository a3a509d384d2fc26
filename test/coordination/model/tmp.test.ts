import { appendFileSync } from 'node:fs';
import { test } from 'vitest';
import { explore } from './explorer.ts';
import { holds, mutants } from './model.test.ts';

test('sizes', () => {
  for (const [name, m] of [
    ...Object.entries(mutants).map(([n, [m]]) => [`MUT ${n}`, m] as const),
    ...Object.entries(holds),
  ]) {
    const t = performance.now();
    let r = '';
    try {
      const e = explore(m, 60000);
      r = `${e.states} ${e.broken}`;
    } catch (e) {
      r = String(e);
    }
    appendFileSync('/tmp/coordscratch/sizes', `${name}: ${r} ${(performance.now() - t).toFixed(0)} ms\n`);
  }
}, 200000);
