import { describe, expect, test } from 'vitest';
import { listEpochs } from '../../src/mirror/epochs.ts';
import { type Followed, followSession } from '../../src/sessions/follow.ts';
import { resolveSession } from '../../src/sessions/resolve.ts';
import { showSession } from '../../src/sessions/show.ts';
import { readTail } from '../../src/sessions/tail.ts';
import { testRuntime } from '../mirror/rig.ts';
import { EpochWriter, main, metaOf, putMeta, records, session, watchedStore } from './bucket.ts';

const numbers = (lines: readonly Uint8Array[]) =>
  lines.map((line) => (JSON.parse(Buffer.from(line).toString('utf8')) as { n: number }).n);

describe('tail', () => {
  test('show with the last of 43 parts: at most four requests and one part', async () => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main);
    for (let i = 0; i < 43; i++) await epoch.put(records(10, 10 * i));
    const { records: count, bytes } = epoch.last.totals;
    await putMeta(
      store,
      session,
      metaOf(session, { streams: { main: { epoch: 0, parts: 43, records: count, bytes, redactions: {} } } }),
    );
    store.asked.get.length = 0;
    store.asked.list.length = 0;
    const listing = await resolveSession(store, 'p', session.session.slice(0, 8));
    const details = await showSession(store, listing);
    const { lines } = await readTail(store, main, listing.streams.get('main')!, 1);
    expect(details).toMatchObject({ parts: 43, streams: [{ stream: 'main', records: 430, heads: [0] }] });
    expect(numbers(lines)).toEqual([429]);
    expect(store.asked.get.length + store.asked.list.length).toBeLessThanOrEqual(4);
    expect(store.asked.get.filter((key) => key.includes('/part-')).length).toBe(1);
  });

  test.each([
    [0, []],
    [1, [6]],
    [3, [4, 5, 6]],
    [5, [2, 3, 4, 5, 6]],
    [99, [0, 1, 2, 3, 4, 5, 6]],
  ])('the last %i records, over parts', async (count, expected) => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main);
    await epoch.put(records(2));
    await epoch.put(records(4, 2));
    await epoch.put([], { event: 'ended' });
    await epoch.put(records(1, 6));
    const { lines, last } = await readTail(store, main, await listEpochs(store, main), count);
    expect(numbers(lines)).toEqual(expected);
    expect(last.seq).toBe(3);
  });

  test('over the part that an epoch departs from, and past a closed epoch', async () => {
    const store = watchedStore();
    const parent = new EpochWriter(store, main);
    await parent.put(records(2));
    const { epoch, seq, chain } = await parent.put(records(1, 2));
    const branch = new EpochWriter(store, main, 1, { reason: 'diverged', departs: { epoch, seq, chain } });
    await branch.put(records(1, 3));
    const closed = new EpochWriter(store, main, 2);
    await closed.put(records(9, 50));
    await closed.close({ epoch: 3, seq: 0 });
    const { lines } = await readTail(store, main, await listEpochs(store, main), 3);
    expect(numbers(lines)).toEqual([1, 2, 3]);
  });

  test('an epoch that departs from itself ends there', async () => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main, 1, { reason: 'x', departs: { epoch: 1, seq: 0, chain: 'aa' } });
    await epoch.put(records(1));
    expect(numbers((await readTail(store, main, await listEpochs(store, main), 5)).lines)).toEqual([0]);
  });
});

describe('show', () => {
  test('epochs with reasons, a fork, hosts; without meta the headers say the counts', async () => {
    const store = watchedStore();
    const old = new EpochWriter(store, main);
    await old.put(records(2));
    const second = new EpochWriter(store, main, 1, { reason: 'truncated', departs: null });
    const { seq, chain } = await second.put(records(3));
    await old.close({ epoch: 1, seq: 0 });
    const branch = new EpochWriter(store, main, 2, { reason: 'diverged', departs: { epoch: 1, seq, chain } });
    await branch.put(records(1), { writer: { mirror: 'm2', host: 'host-2', version: '0' } });
    const details = await showSession(store, await resolveSession(store, 'p', session.session));
    expect(details.meta).toBeUndefined();
    expect(details.hosts).toEqual(['host-1', 'host-2']);
    expect(details.streams[0]).toMatchObject({
      epoch: 2,
      heads: [2, 1],
      records: 1,
      epochs: [
        { epoch: 0, parts: 2, closed: { reason: 'truncated', next: { epoch: 1, seq: 0 } } },
        { epoch: 1, parts: 1, reason: 'truncated' },
        { epoch: 2, parts: 1, reason: 'diverged', departs: { epoch: 1, seq: 0 } },
      ],
    });
  });

  test('a meta that belongs elsewhere is refused', async () => {
    const store = watchedStore();
    await new EpochWriter(store, main).put(records(1));
    await putMeta(store, session, metaOf({ ...session, session: 'another' }));
    const listing = await resolveSession(store, 'p', session.session);
    await expect(showSession(store, listing)).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('follow', () => {
  test('new parts, a closing part, a new stream, the end', async () => {
    const store = watchedStore();
    const first = new EpochWriter(store, main);
    await first.put(records(2));
    const second = new EpochWriter(store, main, 1, { reason: 'rewritten', departs: null });
    const agent = new EpochWriter(store, { ...session, stream: 'agent-1' });
    // What the other host does, one step whenever the follower waits.
    const steps = [
      () => first.put(records(1, 2)),
      () => second.put(records(1, 100)),
      () => first.close({ epoch: 1, seq: 0 }, 'rewritten'),
      () => agent.put(records(1, 200)),
      ...Array.from({ length: 20 }, () => async () => undefined),
      () => second.put(records(1, 101)),
      () => second.put([], { event: 'ended' }),
    ];
    const runtime = testRuntime();
    const sleep = runtime.sleep.bind(runtime);
    runtime.sleep = async (ms, signal) => {
      await steps.shift()?.();
      await sleep(ms, signal);
    };
    const seen: string[] = [];
    const from = new Map([['main', { epoch: 0, seq: 1, chain: first.last.chain }]]);
    for await (const news of followSession(store, session, { runtime, from, wants: () => true, pollMs: 1000 })) {
      if (news.event === 'part' && news.piece.lines) seen.push(`${news.stream} ${numbers([news.piece.lines])}`);
      else if (news.event !== 'part') seen.push(JSON.stringify(news));
    }
    expect(seen).toEqual([
      'main 2',
      JSON.stringify({ event: 'epoch', stream: 'main', reason: 'rewritten', epoch: 1, restart: true }),
      'main 100',
      'agent-1 200',
      'main 101',
      JSON.stringify({ event: 'ended' }),
    ]);
  });

  test('pauses grow to the longest, and start again with news', async () => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main);
    await epoch.put(records(1));
    const runtime = testRuntime();
    const pauses: number[] = [];
    const stop = new AbortController();
    let news = 0;
    let clock = 0;
    runtime.monotonic = () => clock;
    runtime.sleep = async (ms) => {
      pauses.push(Math.round(ms));
      clock += ms;
      if (news === 0 && ms === 10_000) {
        await epoch.put(records(1, 1));
        news = pauses.length;
      } else if (news > 0 && pauses.length === news + 2) stop.abort();
    };
    const followed: Followed[] = [];
    const from = new Map([['main', { epoch: 0, seq: 1 }]]);
    const options = { runtime, from, wants: () => true, signal: stop.signal };
    for await (const news of followSession(store, session, options)) followed.push(news);
    expect(pauses.slice(0, 3)).toEqual([100, 100, 100]);
    expect(pauses.slice(0, news)).toEqual([...pauses.slice(0, news)].sort((a, b) => a - b));
    expect(Math.max(...pauses)).toBe(10_000);
    expect(news).toBeLessThan(250);
    expect(pauses.slice(news)).toEqual([100, 100]);
    expect(followed.length).toBe(2);
  });

  test('a closing part that points back is refused', async () => {
    const store = watchedStore();
    const epoch = new EpochWriter(store, main, 3);
    await epoch.close({ epoch: 3, seq: 0 });
    const from = new Map([['main', { epoch: 3, seq: 0 }]]);
    const following = followSession(store, session, { runtime: testRuntime(), from, wants: () => true });
    await expect(
      (async () => {
        for await (const _ of following);
      })(),
    ).rejects.toMatchObject({ code: 'corrupt' });
  });
});
