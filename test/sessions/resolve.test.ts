import { describe, expect, test } from 'vitest';
import { listSession, pickStream } from '../../src/sessions/listing.ts';
import { parseWanted, resolveSession } from '../../src/sessions/resolve.ts';
import { catalogKey, partKey, sessionPrefix } from '../../src/store/keys.ts';
import { EpochWriter, lineOf, main, putCatalog, putMeta, records, session, watchedStore } from './bucket.ts';

describe('resolve', () => {
  async function bucket(...ids: readonly [harness: string, id: string][]) {
    const store = watchedStore();
    for (const [harness, id] of ids) {
      await putMeta(store, { project: 'p', harness, session: id });
      await new EpochWriter(store, { project: 'p', harness, session: id, stream: 'main' }).put(records(1));
    }
    return store;
  }
  const name = async (store: ReturnType<typeof watchedStore>, wanted: string) => {
    const { address } = await resolveSession(store, 'p', wanted);
    return `${address.harness}/${address.session}`;
  };

  test('an id, a unique beginning of four, and either behind a harness', async () => {
    const store = await bucket(['codex', 'abcd-1'], ['claude-code', 'bbbb-1'], ['claude-code', 'bbbc-2']);
    expect(await name(store, 'abcd-1')).toBe('codex/abcd-1');
    expect(await name(store, 'abcd')).toBe('codex/abcd-1');
    expect(await name(store, 'claude-code/bbbb')).toBe('claude-code/bbbb-1');
    await expect(name(store, 'abc')).rejects.toMatchObject({ code: 'not-found', exitCode: 9 });
    await expect(name(store, 'codex/bbbb')).rejects.toMatchObject({ code: 'not-found' });
    await expect(name(store, 'zzzz')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('ambiguous lists the candidates; the whole id is never ambiguous', async () => {
    const store = await bucket(['codex', 'abcd'], ['codex', 'abcd-1'], ['claude-code', 'abcd-2']);
    await expect(name(store, 'abcd-')).rejects.toThrow(
      /claude-code\/abcd-2.*codex\/abcd-1|codex\/abcd-1.*claude-code\/abcd-2/,
    );
    expect(await name(store, 'abcd')).toBe('codex/abcd');
    const many = await bucket(
      ['codex', 'abcd'],
      ...Array.from({ length: 30 }, (_, i) => ['codex', `abcd-${i}`] as [string, string]),
    );
    expect(await name(many, 'abcd')).toBe('codex/abcd');
    await expect(name(many, 'abcd-')).rejects.toMatchObject({ code: 'ambiguous', exitCode: 2 });
    await expect(name(many, 'abcd-')).rejects.toThrow(/…/);
  });

  test('a title, where no id begins so; two of one title are ambiguous', async () => {
    const store = await bucket(['codex', 'abcd-1'], ['codex', 'bbbb-1'], ['claude-code', 'cccc-1']);
    await putCatalog(store, 'm1', 'base', [
      lineOf('abcd-1', { harness: 'codex', title: 'Fix the build' }),
      lineOf('bbbb-1', { harness: 'codex', title: 'Twice' }),
      lineOf('cccc-1', { harness: 'claude-code', title: 'Twice' }),
    ]);
    expect(await name(store, 'fix the BUILD')).toBe('codex/abcd-1');
    expect(await name(store, 'codex/Twice')).toBe('codex/bbbb-1');
    await expect(name(store, 'Twice')).rejects.toMatchObject({ code: 'ambiguous' });
    await expect(name(store, 'Fix the')).rejects.toMatchObject({ code: 'not-found' });
    // What cannot be read may have it.
    await store.overwrite(catalogKey('p', 'm2', 'base'), Buffer.from('no gzip'));
    await expect(name(store, 'Fix the')).rejects.toMatchObject({
      code: 'not-found',
      hint: `expected a catalog at ${catalogKey('p', 'm2', 'base')}, got no whole gzip: \`cairn catalog rebuild\` makes it again`,
    });
  });

  test('ids with capitals, dots, device names and great length', async () => {
    const long = `L${'x'.repeat(200)}`;
    const store = await bucket(['codex', 'ABCD.e'], ['codex', 'com1-x'], ['codex', long]);
    expect(await name(store, 'ABCD')).toBe('codex/ABCD.e');
    expect(await name(store, 'com1')).toBe('codex/com1-x');
    expect(await name(store, long)).toBe(`codex/${long}`);
  });

  test.each(['../../x', 'a/b/c', '..', 'codex/..', '', 'codex/', 'a\\b', 'ab\u0000cd', '/abcd'])(
    '%j is refused',
    (wanted) => {
      expect(() => parseWanted(wanted)).toThrowError(expect.objectContaining({ code: 'usage', exitCode: 2 }));
    },
  );

  test('a listing has streams in order, and names keys that are no part', async () => {
    const store = watchedStore();
    for (const stream of ['zeta', 'agent-1', 'main'])
      await new EpochWriter(store, { ...session, stream }).put(records(1));
    await putMeta(store, session);
    const odd = `${sessionPrefix(session)}main/e000000/part-1.jsonl.gz`;
    await store.overwrite(odd, Buffer.from(''));
    const listing = await listSession(store, session);
    expect([...listing.streams.keys()]).toEqual(['main', 'agent-1', 'zeta']);
    expect(listing.strange).toEqual([odd]);
    expect(pickStream(listing)[0]).toBe('main');
    expect(pickStream(listing, 'agent')[0]).toBe('agent-1');
    expect(() => pickStream(listing, 'nope')).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });

  test('a stream whose name is shortened in keys is named by its parts', async () => {
    const store = watchedStore();
    const stream = `agent-${'q'.repeat(300)}`;
    const address = { ...main, stream };
    await new EpochWriter(store, address).put(records(1));
    expect(partKey({ ...address, epoch: 0, seq: 0 })).toContain('=~');
    expect([...(await listSession(store, session)).streams.keys()]).toEqual([stream]);
  });
});
