import { expect, test } from 'vitest';
import type { BucketStore } from '../../../src/store/types.ts';
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

/** Stores that break their word: whoever builds on them is told what is not true, and that has to be found. */
const mutants: Readonly<Record<string, (store: BucketStore) => BucketStore>> = {
  'writes over what is there': (store) => ({
    ...store,
    async create(key, payload) {
      await store.overwrite(key, payload);
      return { outcome: 'created', date: undefined };
    },
  }),
  'forgets one in ten of what it has acknowledged': (store) => {
    let writes = 0;
    return {
      ...store,
      async create(key, payload) {
        writes++;
        return writes % 10 === 0 ? { outcome: 'created', date: undefined } : store.create(key, payload);
      },
    };
  },
  'says that it was created, where it was there': (store) => ({
    ...store,
    async create(key, payload) {
      const { date } = await store.create(key, payload);
      return { outcome: 'created', date };
    },
  }),
};

test.each(Object.entries(mutants))('a store that %s is found out', async (_name, mutate) => {
  const found: string[] = [];
  for (let seed = 1; seed <= 40 && found.length === 0; seed++) {
    await simulate(seed, mutate).catch((error: Error) => found.push(error.message));
  }
  expect(found[0]).toMatch(/not linearizable|twice|acknowledged|gap|order|handed out/);
});
