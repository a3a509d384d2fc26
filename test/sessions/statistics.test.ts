import { expect, test } from 'vitest';
import { countSessions } from '../../src/sessions/statistics.ts';
import { harness, said } from '../search/corpus.ts';
import { EpochWriter, watchedStore } from './bucket.ts';

async function project(sessions: number) {
  const store = watchedStore();
  const all = Array.from({ length: sessions }, (_, i) => ({ harness: 'claude-code', session: `s${i}` }));
  for (const [i, address] of all.entries()) {
    const main = new EpochWriter(store, { project: 'p', ...address, stream: 'main' });
    await main.put([said('a prompt', i), said('an answer', i + 1, 'assistant')]);
  }
  store.asked.get.length = 0;
  store.asked.list.length = 0;
  const count = async (chosen: typeof all, of?: number) => {
    const problems: unknown[] = [];
    const { total } = await countSessions(store, chosen, {
      project: 'p',
      prices: {},
      harness: (name) => harness(name),
      onProblem: (_, cause) => problems.push(cause),
      ...(of !== undefined && { of }),
    });
    expect(problems).toEqual([]);
    return total;
  };
  return { store, all, count };
}

test('many of the sessions of a project cost one LIST, and one GET for each that is small', async () => {
  const { store, all, count } = await project(30);
  const total = await count(all, 30);
  expect(total).toMatchObject({ sessions: 30, turns: 30, answers: 30 });
  expect(store.asked.list).toHaveLength(1);
  expect(store.asked.get).toHaveLength(30);
  expect(await count(all)).toEqual(total);
  expect(store.asked.list).toHaveLength(31);
});

test('few of many are listed one by one', async () => {
  const { store, all, count } = await project(3);
  expect(await count(all.slice(0, 2), 1000)).toMatchObject({ sessions: 2, turns: 2 });
  expect(store.asked.list.map((prefix) => prefix.split('/').at(-2))).toEqual(['s0', 's1']);
});
