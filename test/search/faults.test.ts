import { expect, test } from 'vitest';
import type { FindOptions } from '../../src/search/find.ts';
import { parseQuery } from '../../src/search/query.ts';
import { compilePattern, requiredWords } from '../../src/search/regex.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { find, open, Project, said, storeOf, update } from './corpus.ts';

async function search(store: BucketStore, query: string, options?: Partial<FindOptions>): Promise<string[]> {
  const { hits } = await find(await open(store), store, { query: parseQuery(query) }, options);
  return hits.map(({ session, seq }) => `${session}/${seq}`);
}

test('of a phrase in a script without gaps what stands behind a gap is looked for, too', async () => {
  const store = await storeOf([['漢 字', '漢 文', '漢字', '漢字 字', '漢']]);
  expect((await search(store, '"漢 字"')).sort()).toEqual(['s0/0']);
  expect((await search(store, '"漢字 字"')).sort()).toEqual(['s0/3']);
  expect((await search(store, '漢字')).sort()).toEqual(['s0/2', 's0/3']);
  expect((await search(store, '漢')).length).toBe(5);
});

test('the name of a group is no word that a text must have', async () => {
  const pattern = "(?<quote>[`']) secret \\k<quote>";
  expect(requiredWords(pattern)?.all).toEqual([[{ term: 'secret', prefix: false }]]);
  const store = await storeOf([["it says ' secret ' here", "it says ` secret ' here"]]);
  const { hits } = await find(await open(store), store, { pattern: compilePattern(pattern, false) });
  expect(hits.map(({ seq }) => seq)).toHaveLength(1);
});

test('of each session the best are shown, wherever its parts come', async () => {
  const project = new Project();
  const one = project.session('s1');
  const filler = Array.from({ length: 300 }, (_, i) => `w${i}`).join(' ');
  await one.put([said('alpha beta '.repeat(9), 1), said(`alpha beta ${filler}`, 2)]);
  await one.put([said('alpha beta and more', 3)]);
  const others = Array.from({ length: 12 }, (_, i) => `t${i}`);
  for (const id of others) await project.session(id).put([said('alpha beta '.repeat(5), 4)]);
  await project.touch('s1', ...others);
  await update(project.store);
  const hits = (await search(project.store, '"alpha beta"', { perSession: 2 })).filter((id) => id.startsWith('s1'));
  const all = (await search(project.store, '"alpha beta"')).filter((id) => id.startsWith('s1'));
  expect(all).toHaveLength(3);
  expect(hits).toEqual(all.slice(0, 2));
});
