import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storeReader } from '../../src/search/cache.ts';
import type { FindOptions, FoundSpots, Wanted } from '../../src/search/find.ts';
import { parseQuery } from '../../src/search/query.ts';
import { compilePattern, requiredWords } from '../../src/search/regex.ts';
import { listSegments, openIndex, storeSegment } from '../../src/search/search-index.ts';
import { packKey, partKey } from '../../src/store/keys.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { EpochWriter } from '../sessions/bucket.ts';
import { find as findIn, Project, said, update } from './corpus.ts';

function called(id: string, name: string, input: object): string {
  return JSON.stringify({
    type: 'assistant',
    uuid: id,
    message: { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] },
  });
}

function returned(id: string, content: string, is_error = false): string {
  return JSON.stringify({
    type: 'user',
    uuid: `${id}r`,
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content, is_error }] },
  });
}

async function find(store: BucketStore, wanted: Wanted, options: Partial<FindOptions> = {}): Promise<FoundSpots> {
  return findIn(await openIndex(store, 'p', storeReader(store)), store, wanted, options);
}

async function places(store: BucketStore, query: string, options?: Partial<FindOptions>): Promise<string[]> {
  const { hits } = await find(store, { query: parseQuery(query) }, options);
  return hits.map(({ session, seq }) => `${session}/${seq}`).sort();
}

describe('the index', () => {
  test('grows with its sessions, each event once', async () => {
    const project = new Project();
    const one = project.session('s1');
    await one.put([said('alpha beta', 1), said('gamma', 2)]);
    await project.touch('s1');
    expect(await update(project.store)).toBe(2);
    await one.put([said('alpha again', 3)]);
    await project.touch('s1');
    expect(await update(project.store)).toBe(1);
    expect(await update(project.store)).toBe(0);
    const first = await places(project.store, 'alpha');
    expect(first).toHaveLength(2);
    expect(await update(project.store, true)).toBe(3);
    expect(await places(project.store, 'alpha')).toEqual(first);
  });

  test('of a rewritten session only the new content is found', async () => {
    const project = new Project();
    const one = project.session('s1');
    await one.put([said('alpha', 1), said('beta', 2)]);
    await project.touch('s1');
    await update(project.store);
    await one.close({ epoch: 1, seq: 0 });
    const two = new EpochWriter(
      project.store,
      { project: 'p', harness: 'claude-code', session: 's1', stream: 'main' },
      1,
      { reason: 'rewritten', departs: null },
    );
    await two.put([said('gamma', 1)]);
    await project.touch('s1');
    await update(project.store);
    expect(await places(project.store, 'alpha')).toEqual([]);
    expect(await places(project.store, 'gamma')).toHaveLength(1);
  });

  test('a branch is found whole, its lines in the epochs that hold them', async () => {
    const project = new Project();
    const one = project.session('s1');
    const header = await one.put([said('alpha first', 1)]);
    await one.put([said('beta of the other', 2)]);
    const departs = { epoch: 0, seq: 0, chain: header.chain };
    const branch = new EpochWriter(
      project.store,
      { project: 'p', harness: 'claude-code', session: 's1', stream: 'main' },
      1,
      { reason: 'diverged', departs },
    );
    await branch.put([said('alpha second', 3)], { totals: { records: 1, bytes: 1, redactions: {} } });
    await project.touch('s1');
    await update(project.store);
    const { hits } = await find(project.store, { query: parseQuery('alpha') });
    expect(hits.map(({ place, lines }) => [place.epoch, lines[0]?.text]).sort()).toEqual([
      [0, 'alpha first'],
      [1, 'alpha second'],
    ]);
    expect(await places(project.store, 'beta')).toEqual([]);
  });

  test('what left the bucket leaves the index, in every segment', async () => {
    const project = new Project();
    for (const id of ['s1', 's2']) {
      await project.session(id).put([said('alpha secretive', 1)]);
      await project.touch(id);
      await update(project.store);
    }
    await project.remove('s1');
    await update(project.store);
    expect(await places(project.store, 'alpha')).toEqual(['s2/1']);
    const index = await openIndex(project.store, 'p', storeReader(project.store));
    expect([...index.sessions.keys()]).toEqual(['claude-code/s2']);
    expect(index.segments.flatMap(({ head }) => head.sessions.map(({ session }) => session))).toEqual(['s2']);
    expect(index.segments.reduce((sum, { head }) => sum + head.documents, 0)).toBe(1);
  });

  test('two hosts that index at once: each event counts once', async () => {
    const project = new Project();
    for (const id of ['s1', 's2', 's3']) await project.session(id).put([said(`alpha ${id}`, 1), said('beta', 2)]);
    await project.touch('s1', 's2', 's3');
    await Promise.all([update(project.store), update(project.store), update(project.store)]);
    expect(await places(project.store, 'alpha')).toEqual(['s1/1', 's2/1', 's3/1']);
    await update(project.store);
    expect(await listSegments(project.store, 'p')).toHaveLength(1);
    expect(await places(project.store, 'beta')).toEqual(['s1/2', 's2/2', 's3/2']);
  });

  test('stays in few segments, and a fresh host asks for few objects', async () => {
    const project = new Project();
    for (let i = 0; i < 40; i++) {
      await project.session(`s${i}`).put(Array.from({ length: 20 }, (_, n) => said(`alpha word${i} other${n}`, n)));
      await project.touch(`s${i}`);
      await update(project.store);
    }
    project.store.asked.get.length = 0;
    project.store.asked.list.length = 0;
    const { hits, total } = await find(project.store, { query: parseQuery('alpha "word7 other3"') }, { limit: 10 });
    expect([hits.length, total]).toEqual([1, 1]);
    expect(project.store.asked.list).toHaveLength(1);
    expect(project.store.asked.get.length).toBeLessThanOrEqual(8);
  });

  test('a phrase of frequent words is found in the first parts that are read, all of it when all is wanted', async () => {
    const project = new Project();
    for (let i = 0; i < 60; i++) {
      const texts = ['alpha beta', 'beta then alpha', `alpha or beta ${i}`, i === 7 ? 'beta alpha' : 'alpha'];
      await project.session(`s${i}`).put(texts.map((text, n) => said(text, n)));
      await project.touch(`s${i}`);
    }
    await update(project.store);
    const asked = () => project.store.asked.get.filter((key) => key.includes('/part-')).length;
    project.store.asked.get.length = 0;
    const some = await find(project.store, { query: parseQuery('"alpha beta"') }, { limit: 10, perSession: 3 });
    expect([some.hits.length, some.total]).toEqual([10, undefined]);
    expect(asked()).toBe(10);
    project.store.asked.get.length = 0;
    expect(await places(project.store, '"beta alpha"')).toEqual(['s7/4']);
    expect(asked()).toBeLessThanOrEqual(61);
    project.store.asked.get.length = 0;
    const words = await find(project.store, { query: parseQuery('alpha beta -then') }, { limit: 5 });
    expect([words.hits.length, words.total, words.sessions]).toEqual([5, 121, 60]);
    expect(asked()).toBe(5);
  });

  test('what was packed since is read from the pack, once', async () => {
    const project = new Project();
    const one = project.session('s1');
    for (let i = 0; i < 6; i++) await one.put([said(`alpha beta ${i}`, 2 * i), said('beta alpha', 2 * i + 1)]);
    await project.touch('s1');
    await update(project.store);
    const address = { project: 'p', harness: 'claude-code', session: 's1', stream: 'main', epoch: 0 };
    const plain: Buffer[] = [];
    for (let seq = 0; seq < 6; seq++) {
      plain.push(gunzipSync(await (await project.store.get(partKey({ ...address, seq })))!.bytes()));
      await project.store.remove(partKey({ ...address, seq }));
    }
    const pack = packKey(address, 0, { first: 0, last: 5 });
    await project.store.overwrite(pack, gzipSync(Buffer.concat(plain)));
    project.store.asked.get.length = 0;
    const { hits } = await find(project.store, { query: parseQuery('"alpha beta"') });
    expect(hits.map(({ lines }) => lines[0]?.text).sort()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `alpha beta ${i}`));
    expect(project.store.asked.get.filter((key) => key === pack)).toHaveLength(1);
  });

  test('a segment of the format before is made again; one of a later format is refused', async () => {
    const project = new Project();
    await project.session('s1').put([said('alpha', 1)]);
    await project.touch('s1');
    const segmentOf = (v: number) => {
      const tail = deflateRawSync(`${JSON.stringify({ cairn: 'segment', v, documents: 1, sessions: [], runs: [] })}\n`);
      return { pieces: [tail], size: tail.length, tail: 0 };
    };
    await storeSegment(project.store, 'p', 'before', segmentOf(1));
    expect(await places(project.store, 'alpha')).toEqual([]);
    expect(await update(project.store)).toBe(1);
    expect(await places(project.store, 'alpha')).toEqual(['s1/1']);
    expect((await listSegments(project.store, 'p')).map(({ id }) => id)).not.toContain('before');
    await storeSegment(project.store, 'p', 'later', segmentOf(3));
    await expect(places(project.store, 'alpha')).rejects.toMatchObject({ code: 'newer-format' });
  });

  test('a segment that is damaged is said to be, and made again', async () => {
    const project = new Project();
    await project.session('s1').put([said('alpha', 1)]);
    await project.touch('s1');
    await update(project.store);
    const [segment] = await listSegments(project.store, 'p');
    const bytes = await (await project.store.get(segment!.key))!.bytes();
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      await project.store.overwrite(segment!.key, damaged);
      await places(project.store, 'alpha').catch((error) =>
        expect(error).toMatchObject({ code: 'corrupt', hint: expect.stringContaining('--rebuild') }),
      );
    }
    await update(project.store, true);
    expect(await places(project.store, 'alpha')).toEqual(['s1/1']);
  });
});

describe('filters', () => {
  test('by agent, repository, host, time, role, tool, file and failure', async () => {
    const project = new Project();
    await project
      .session('s1', { host: 'laptop', repository: 'team/app' })
      .put([
        said('alpha', 1),
        said('alpha indeed', 2, 'assistant'),
        called('c1', 'Edit', { file_path: '/home/dev/src/App.ts', new_string: 'alpha' }),
        returned('c1', 'alpha written'),
        called('c2', 'Bash', { command: 'alpha --now' }),
        returned('c2', 'alpha: not found', true),
      ]);
    await project.session('s2', { host: 'server', repository: 'team/site' }).put([said('alpha', 40)]);
    await project.touch('s1', 's2');
    await update(project.store);
    const seqs = async (filter: FindOptions['filter']) => places(project.store, 'alpha', { filter: filter ?? {} });
    const all = await seqs({});
    expect(all).toHaveLength(7);
    expect(await seqs({ host: 'LAP' })).toEqual(all.filter((id) => id.startsWith('s1')));
    expect(await seqs({ repo: 'site' })).toEqual(['s2/1']);
    expect(await seqs({ harness: ['codex'] })).toEqual([]);
    expect(await seqs({ session: 's2' })).toEqual(['s2/1']);
    expect(await seqs({ since: Date.UTC(2026, 10, 21, 9, 0, 30) })).toEqual(['s2/1']);
    expect(await seqs({ until: Date.UTC(2026, 10, 21, 9, 0, 2) })).toEqual(['s1/1']);
    expect(await seqs({ kinds: ['assistant'] })).toEqual(['s1/2']);
    expect(await seqs({ harness: ['codex', 'claude-code'] })).toEqual(all);
    expect(await seqs({ tool: 'bash' })).toHaveLength(2);
    expect(await seqs({ file: 'APP.ts' })).toHaveLength(1);
    expect(await seqs({ host: 'laptop', kinds: ['tool_result'], error: false })).toHaveLength(2);
    expect(await seqs({ host: 'server', error: true })).toEqual([]);
    expect(await seqs({ error: true })).toHaveLength(1);
    const edits = await find(project.store, undefined, { filter: { file: 'src/app.ts' } });
    expect(edits.hits.map(({ tool, kind }) => [tool, kind])).toEqual([['Edit', 'tool_call']]);
  });

  test('a hit shows its lines with marks, and where it stands', async () => {
    const project = new Project();
    await project.session('s1').put([said('before\nthe needle is here\nafter', 1)]);
    await project.touch('s1');
    await update(project.store);
    const { hits } = await find(project.store, { query: parseQuery('"needle is"') });
    const line = hits[0]?.lines[0];
    expect(line).toEqual({ line: 2, text: 'the needle is here', marks: [[4, 13]] });
    const around = await find(project.store, { query: parseQuery('needle') }, { context: 1 });
    expect(around.hits[0]?.lines.map(({ line: number, text, marks }) => [number, text, marks.length])).toEqual([
      [1, 'before', 0],
      [2, 'the needle is here', 1],
      [3, 'after', 0],
    ]);
  });
});

describe('a regular expression', () => {
  const piece = fc.constantFrom('alpha', 'beta', ' ', 'al', '-', '.', '東京', '7');
  const texts = fc.array(
    fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('')),
    { minLength: 1, maxLength: 6 },
  );
  const source = fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom('alpha', 'beta', ' ', '-', '東京', 'a') },
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            '.',
            '\\w+',
            '\\d',
            'al?',
            '(?:beta)?',
            '[a-c]',
            'beta|al',
            '(al|beta) ',
            'a{0,2}',
            '^',
            '$',
            '\\x41',
            '\\u{61}',
            '\\.',
            ' *',
            '(?=b)',
          ),
        },
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((pieces) => pieces.join(''));

  test('finds what a scan finds', async () => {
    await fc.assert(
      fc.asyncProperty(texts, source, async (all, pattern) => {
        let compiled: RegExp;
        try {
          compiled = compilePattern(pattern, false);
        } catch {
          return; // no pattern, or one that needs no text
        }
        const project = new Project();
        await project.session('s1').put(all.map((text, n) => said(text, n)));
        await project.touch('s1');
        await update(project.store);
        const { hits } = await find(project.store, { pattern: compiled });
        const expected = all.flatMap((text, seq) =>
          new RegExp(compiled.source, 'u').test(text.trim() === '' ? '' : text) ? [seq] : [],
        );
        const numbered = await find(project.store, undefined);
        const order = numbered.hits.map(({ seq }) => seq).sort((a, b) => a - b);
        const indexed = all.flatMap((text, i) => (text.trim() === '' ? [] : [i]));
        expect(hits.map(({ seq }) => indexed[order.indexOf(seq)]).sort()).toEqual(expected.sort());
      }),
      { numRuns: 120 },
    );
  });

  test('requires whole words only where they are certain', () => {
    const words = (pattern: string) =>
      requiredWords(pattern)?.all.map((phrase) => phrase.map(({ term }) => term).join(' '));
    expect(words(' needle ')).toEqual(['needle']);
    expect(words('needle')).toBeUndefined();
    expect(words('a: needle-[0-9]+')).toEqual(['needle']);
    expect(words(' one | two ')).toBeUndefined();
    expect(words(' (one) two ')).toEqual(['two']);
    expect(words(' one? ')).toBeUndefined();
    expect(words('\\bneedle\\b')).toBeUndefined();
  });
});
