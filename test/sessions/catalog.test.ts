import { describe, expect, test } from 'vitest';
import { readCatalog, readWholeCatalog } from '../../src/sessions/catalog.ts';
import { catalogKey, formatKey } from '../../src/store/keys.ts';
import { bomb, lineOf, metaOf, putCatalog, putMeta, session, watchedStore } from './bucket.ts';

describe('catalog', () => {
  test('one LIST and two GETs a host, however many sessions', async () => {
    const store = watchedStore();
    for (const mirror of ['m1', 'm2', 'm3']) {
      const sessions = Array.from({ length: 200 }, (_, i) => lineOf(`${mirror}-${i}`));
      await putCatalog(store, mirror, 'base', sessions);
      await putCatalog(store, mirror, 'recent', [lineOf(`${mirror}-new`)]);
    }
    const { lines, problems, from } = await readCatalog(store, 'p');
    expect(lines.length).toBe(603);
    expect({ problems, from }).toEqual({ problems: [], from: 'catalog' });
    expect(store.asked.list.length).toBe(1);
    expect(store.asked.get.length).toBe(6);
  });

  test('recent is read before base: a line that is moved meanwhile is in one of them', async () => {
    const store = watchedStore();
    await putCatalog(store, 'm1', 'base', []);
    await putCatalog(store, 'm1', 'recent', [lineOf('a')]);
    await readCatalog(store, 'p');
    expect(store.asked.get).toEqual([catalogKey('p', 'm1', 'recent'), catalogKey('p', 'm1', 'base')]);
  });

  test('the newest line of a session wins, over files and hosts', async () => {
    const store = watchedStore();
    await putCatalog(store, 'm1', 'base', [lineOf('a', { turns: 1, updatedAt: '2026-11-21T10:00:00.000Z' })]);
    await putCatalog(store, 'm1', 'recent', [lineOf('a', { turns: 3, updatedAt: '2026-11-21T12:00:00.000Z' })]);
    await putCatalog(store, 'm2', 'base', [lineOf('a', { turns: 2, updatedAt: '2026-11-21T11:00:00.000Z' })]);
    const { lines } = await readCatalog(store, 'p');
    expect(lines.map((line) => line.turns)).toEqual([3]);
  });

  test('without a catalog each meta is read', async () => {
    const store = watchedStore();
    await putMeta(store, session);
    await putMeta(store, { ...session, session: 'other' });
    const { lines, from } = await readCatalog(store, 'p');
    expect(from).toBe('sessions');
    expect(lines.map((line) => [line.session, line.title])).toEqual([
      [session.session, 'A title'],
      ['other', 'A title'],
    ]);
  });

  test('bad lines, no gzip and a bad meta are told, the rest is right', async () => {
    const store = watchedStore();
    await putCatalog(store, 'm1', 'base', ['{', '"text"', { harness: 'codex' }, lineOf('good')]);
    await store.overwrite(catalogKey('p', 'm2', 'base'), Buffer.from('no gzip at all'));
    const { lines, problems } = await readCatalog(store, 'p');
    expect(lines.map((line) => line.session)).toEqual(['good']);
    expect(problems.length).toBe(2);
    const again = 'got WHAT: `cairn catalog rebuild` makes it again';
    expect([...problems].sort()).toEqual([
      `expected a catalog at ${catalogKey('p', 'm1', 'base')}, ${again.replace('WHAT', '3 lines that are none')}`,
      `expected a catalog at ${catalogKey('p', 'm2', 'base')}, ${again.replace('WHAT', 'no whole gzip')}`,
    ]);
    await expect(readWholeCatalog(store, 'p')).rejects.toMatchObject({ code: 'corrupt' });

    const metas = watchedStore();
    await putMeta(metas, session, { ...metaOf(session), session: 'another' });
    const read = await readCatalog(metas, 'p');
    expect(read.lines).toEqual([]);
    expect(read.problems[0]).toContain('another');
  });

  test('a line without end is given up early, whatever it decompresses to', async () => {
    const store = watchedStore();
    await store.overwrite(catalogKey('p', 'm1', 'base'), bomb(256));
    await putCatalog(store, 'm2', 'base', [lineOf('good')]);
    const before = process.memoryUsage().arrayBuffers;
    const { lines, problems } = await readCatalog(store, 'p');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    expect(lines.length).toBe(1);
    expect(problems[0]).toContain('more than one can hold');
  });

  test('what is not understood may be of a newer program', async () => {
    const store = watchedStore();
    await putCatalog(store, 'm1', 'base', [{ v: 2, sessions: [] }]);
    await store.overwrite(formatKey('p'), Buffer.from(JSON.stringify({ cairn: 'project', v: 2 })));
    await expect(readCatalog(store, 'p')).rejects.toMatchObject({ code: 'newer-format', exitCode: 78 });
  });
});
