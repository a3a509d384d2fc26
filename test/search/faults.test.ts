import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { storeReader } from '../../src/search/cache.ts';
import type { FindOptions } from '../../src/search/find.ts';
import { parseQuery } from '../../src/search/query.ts';
import { compilePattern, requiredWords } from '../../src/search/regex.ts';
import { listSegments, openIndex, storeSegment } from '../../src/search/search-index.ts';
import { type IndexEvent, removeFromIndex, updateIndex } from '../../src/search/update.ts';
import { partKey } from '../../src/store/keys.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { testRuntime } from '../store/runtime.ts';
import { find, harness, open, Project, said, storeOf, update } from './corpus.ts';

async function search(store: BucketStore, query: string, options?: Partial<FindOptions>): Promise<string[]> {
  const { hits } = await find(await open(store), store, { query: parseQuery(query) }, options);
  return hits.map(({ session, seq }) => `${session}/${seq}`);
}

function indexing(store: BucketStore) {
  return updateIndex(store, 'p', { harness, reader: storeReader(store), runtime: testRuntime() });
}

/** What happens to sessions, told in short. */
async function events(store: BucketStore): Promise<IndexEvent['event'][]> {
  const told: IndexEvent['event'][] = [];
  for await (const { event } of indexing(store)) told.push(event);
  return told;
}

test('a session that was indexed in part is gone on with, whatever stopped it', async () => {
  const project = new Project();
  const one = project.session('s1', { bytes: 20 << 20 });
  // More than is handed over together.
  await one.put([said(`alpha first ${'-'.repeat(9 << 20)}`, 1)]);
  await one.put([said('alpha second', 2)]);
  await one.put([said('alpha third', 3)]);
  await project.touch('s1');
  const key = partKey({ project: 'p', harness: 'claude-code', session: 's1', stream: 'main', epoch: 0, seq: 1 });
  const whole = await (await project.store.get(key))!.bytes();
  await project.store.overwrite(key, Buffer.from('damaged'));
  expect(await events(project.store)).toEqual(['failed', 'index']);
  expect(await search(project.store, 'alpha')).toHaveLength(1);
  await project.store.overwrite(key, whole);
  expect(await events(project.store)).toEqual(['session', 'index']);
  expect(await search(project.store, 'alpha')).toHaveLength(3);
  expect(await events(project.store)).toEqual(['index']);
});

/** The same store, but a list says that segments are larger than they are. */
function withLargeSegments(store: BucketStore): BucketStore {
  return {
    ...store,
    async *list(prefix, options) {
      for await (const entry of store.list(prefix, options)) {
        yield 'key' in entry && entry.key.endsWith('.seg') ? { ...entry, size: entry.size + (40 << 20) } : entry;
      }
    },
  };
}

test('sessions are taken out of large segments one by one', async () => {
  const project = new Project();
  const store = withLargeSegments(project.store);
  for (const pair of [
    ['s1', 's2'],
    ['s3', 's4'],
  ]) {
    for (const id of pair) await project.session(id).put([said('alpha', 1)]);
    await project.touch(...pair);
    await update(store);
  }
  const ids = async () =>
    (await open(store)).segments.map(({ head }) => head.sessions.map(({ session }) => session).sort());
  expect((await ids()).sort()).toEqual([
    ['s1', 's2'],
    ['s3', 's4'],
  ]);
  const options = { reader: storeReader(store), runtime: testRuntime() };
  const gone = new Set(['claude-code/s1', 'claude-code/s3']);
  expect(await removeFromIndex(store, 'p', gone, options)).toBe(2);
  expect((await ids()).sort()).toEqual([['s2'], ['s4']]);
  for (const id of ['s2', 's4']) await project.remove(id);
  const last: IndexEvent[] = [];
  for await (const event of indexing(store)) if (event.event === 'index') last.push(event);
  expect(last).toMatchObject([{ removed: 2, sessions: 2 }]);
});

test('with a session goes what an older program has indexed', async () => {
  const project = new Project();
  await project.session('s1').put([said('alpha', 1)]);
  await project.touch('s1');
  await update(project.store);
  const tail = deflateRawSync(`${JSON.stringify({ cairn: 'segment', v: 1 })}\n`);
  await storeSegment(project.store, 'p', 'before', { pieces: [tail], size: tail.length, tail: 0 });
  const options = { reader: storeReader(project.store), runtime: testRuntime() };
  expect(await removeFromIndex(project.store, 'p', new Set(['claude-code/s1']), options)).toBe(1);
  expect((await listSegments(project.store, 'p')).map(({ id }) => id)).not.toContain('before');
});

test('a segment that promises more than it holds is refused before memory is taken for it', async () => {
  const lies: readonly ((head: { runs: unknown[]; blocks: unknown[] }) => object)[] = [
    () => ({ documents: 2 ** 31 }),
    ({ runs }) => ({ runs: Array(1000).fill(runs[0]) }),
    ({ blocks }) => ({ blocks: [...blocks, ['zz', 1 << 20, 1 << 20]] }),
    () => ({ blocks: [] }),
  ];
  for (const lie of lies) {
    const store = await storeOf([['alpha beta', 'beta']]);
    const [{ key, tail, size }] = (await listSegments(store, 'p')) as [Awaited<ReturnType<typeof listSegments>>[0]];
    const bytes = await (await store.get(key))!.bytes();
    const plain = inflateRawSync(bytes.subarray(tail, size));
    const end = plain.indexOf(10);
    const head = JSON.parse(plain.subarray(0, end).toString());
    const lying = Buffer.from(JSON.stringify({ ...head, ...lie(head) }));
    await store.overwrite(
      key,
      Buffer.concat([bytes.subarray(0, tail), deflateRawSync(Buffer.concat([lying, plain.subarray(end)]))]),
    );
    await expect(open(store)).rejects.toMatchObject({ code: 'corrupt', hint: expect.stringContaining('--rebuild') });
  }
  const store = await storeOf([['alpha']]);
  await store.overwrite('p/index/cut-900.seg', Buffer.alloc(900));
  await expect(openIndex(store, 'p', storeReader(store))).rejects.toMatchObject({ code: 'corrupt' });
});

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
