import { expect, test } from 'vitest';
import { type Ran, simulate } from './run.ts';

/** `CAIRN_SEEDS=20000` and `CAIRN_SEED=1` for a long night. */
const seeds = Number(process.env.CAIRN_SEEDS ?? 500);
const first = Number(process.env.CAIRN_SEED ?? 1);

test(`${seeds} seeds: whatever happens, what agents were told is true`, { timeout: 10_000 + seeds * 400 }, async () => {
  const total: Record<keyof Ran, number> = { operations: 0, takeovers: 0, crashes: 0, unanswered: 0, sent: 0 };
  for (let seed = first; seed < first + seeds; seed++) {
    const ran = await simulate(seed);
    for (const key of Object.keys(total) as (keyof Ran)[]) total[key] += ran[key];
  }
  console.log(total);
  // A run in which nothing happens would pass, too.
  expect(total.operations).toBeGreaterThan(seeds * 10);
  expect(total.takeovers).toBeGreaterThan(seeds / 4);
  expect(total.crashes).toBeGreaterThan(seeds / 4);
  expect(total.unanswered).toBeGreaterThan(seeds / 4);
  expect(total.sent).toBeGreaterThan(seeds);
});
