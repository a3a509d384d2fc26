import { appendFileSync } from 'node:fs';
import { test } from 'vitest';
import { explore } from './explorer.ts';
import { holds } from './models.ts';
import { presenceModel } from './presence.ts';

test('sizes', () => {
  const P = process.env.P ? JSON.parse(process.env.P) : undefined;
  for (const [name, m] of P
    ? Object.entries(P).map(([n, r]) => [n, presenceModel(r as never)] as const)
    : Object.entries(holds)) {
    const t = performance.now();
    let r = '';
    try {
      const e = explore(m, 1500000);
      r = `${e.states} ${e.broken}`;
    } catch (e) {
      r = String(e);
    }
    appendFileSync('/tmp/coordscratch/sizes', `${name}: ${r} ${(performance.now() - t).toFixed(0)} ms\n`);
  }
}, 300000);
