import { beforeEach, expect, test } from 'vitest';
import { verifySession } from '../../src/mirror/verify.ts';
import { listSession, type SessionListing } from '../../src/sessions/listing.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { resolveSession } from '../../src/sessions/resolve.ts';
import { showSession } from '../../src/sessions/show.ts';
import { readTail } from '../../src/sessions/tail.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { testRuntime } from '../store/runtime.ts';
import { EpochWriter, main, metaOf, putMeta, records, session, type WatchedStore, watchedStore } from './bucket.ts';

/** 200 parts, in two epochs: a rise of what a command asks for fails here. */
let store: WatchedStore;
let listing: SessionListing;

beforeEach(async () => {
  store = watchedStore(memoryStore(testRuntime()));
  const old = new EpochWriter(store, main);
  for (let i = 0; i < 49; i++) await old.put(records(4, i));
  const next = new EpochWriter(store, main, 1, { reason: 'truncated', departs: null });
  for (let i = 0; i < 150; i++) await next.put(records(4, i));
  await old.close({ epoch: 1, seq: 0 });
  await putMeta(store, session, metaOf(session));
  listing = await listSession(store, session);
  store.asked.get.length = 0;
  store.asked.list.length = 0;
});

/** Requests of one call. */
async function cost(call: () => Promise<unknown>): Promise<{ get: number; list: number }> {
  await call();
  const { get, list } = store.asked;
  return { get: get.splice(0).length, list: list.splice(0).length };
}

test('a session is found by the beginning of its id: a LIST of harnesses and one of its objects', async () => {
  expect(await cost(() => resolveSession(store, 'p', session.session.slice(0, 8)))).toEqual({ get: 0, list: 2 });
});

test('show: meta, and two headers an epoch', async () => {
  expect(await cost(() => showSession(store, listing))).toEqual({ get: 5, list: 0 });
});

test('the last record: one part; the last five: two', async () => {
  const epochs = listing.streams.get('main')!;
  expect(await cost(() => readTail(store, main, epochs, 1))).toEqual({ get: 1, list: 0 });
  expect(await cost(() => readTail(store, main, epochs, 5))).toEqual({ get: 2, list: 0 });
});

test('cat: each part of what is read, and the ends of each epoch', async () => {
  const read = async () => {
    const { run } = await chooseEpoch(store, main, listing.streams.get('main')!);
    for await (const _ of readParts(store, main, run));
  };
  expect(await cost(read)).toEqual({ get: 153, list: 0 });
});

test('verify: every part once, and the LIST', async () => {
  const verify = async () => {
    for await (const finding of verifySession(store, session)) expect(finding.event).not.toBe('problem');
  };
  const { get, list } = await cost(verify);
  expect(list).toBe(1);
  expect(get).toBeLessThanOrEqual(202);
});
