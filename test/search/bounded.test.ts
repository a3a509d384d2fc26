import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cachedReader, storeReader } from '../../src/search/cache.ts';
import { parseQuery } from '../../src/search/query.ts';
import { openIndex } from '../../src/search/search-index.ts';
import { withCount } from '../../src/store/count.ts';
import { testRuntime } from '../store/runtime.ts';
import { find, Project, said, update } from './corpus.ts';

/** Eighty sessions with both words in one event, and the phrase in the one that was first. */
async function rarePhrase() {
  const project = new Project();
  for (let i = 0; i < 80; i++) {
    await project.session(`s${i}`).put([said(i === 0 ? 'gamma alpha beta' : 'beta gamma alpha', i)]);
  }
  await project.touch(...Array.from({ length: 80 }, (_, i) => `s${i}`));
  await update(project.store);
  const folder = await mkdtemp(join(tmpdir(), 'cairn-bounded-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  /** As one run of the command: the copies on the disk stay, the count is new. */
  const search = async (requests?: number, words = '"alpha beta"') => {
    const store = withCount(project.store);
    const reader = cachedReader(storeReader(store), folder, testRuntime());
    const index = await openIndex(store, 'p', reader);
    const found = await find(index, store, { query: parseQuery(words) }, { reader, requests });
    return { ...found, gets: store.counts().get.requests };
  };
  return search;
}

test('a phrase that is rare, of words that are not: an answer within the requests, which says that it is not all', async () => {
  const search = await rarePhrase();
  const first = await search(30);
  expect(first.gets).toBeLessThanOrEqual(31);
  expect(first).toMatchObject({ hits: [], partial: { candidates: 80 } });
  expect(first.partial?.looked).toBeGreaterThan(15);
  expect(first).not.toHaveProperty('total');
  // What is on the disk by now costs nothing: the next run goes further, until all is looked at.
  const second = await search(30);
  expect(second.partial?.looked).toBeGreaterThan(first.partial?.looked ?? 80);
  const last = await search();
  expect(last).toMatchObject({ total: 1, hits: [{ session: 's0' }] });
  expect(last).not.toHaveProperty('partial');
  expect(await search(30)).toMatchObject({ total: 1, hits: [{ session: 's0' }] });
});

test('a phrase of which enough is found, and words alone, are answered in full', async () => {
  const search = await rarePhrase();
  expect(await search(30, 'alpha beta')).toMatchObject({ total: 80 });
  expect(await search(1, '"nowhere else"')).toMatchObject({ hits: [], total: 0 });
});
