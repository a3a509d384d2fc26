import { expect, test } from 'vitest';
import { compareCatalog } from '../../src/sessions/parity.ts';
import { lineOf, putCatalog, putMeta, watchedStore } from './bucket.ts';

test('what only the catalog or only the bucket has, and bases that are missing', async () => {
  const store = watchedStore();
  for (const session of ['both', 'forgotten', 'child'])
    await putMeta(store, { project: 'p', harness: 'codex', session });
  await putCatalog(store, 'm1', 'base', [
    lineOf('both'),
    lineOf('vanished'),
    lineOf('child', { lineage: [{ kind: 'base', session: 'elsewhere' }] }),
  ]);
  expect(await compareCatalog(store, 'p')).toEqual({ listed: 3, missing: 1, gone: 1, orphans: 1, problems: [] });
});
