import { expect, test } from 'vitest';
import { compactSession } from '../../src/mirror/compact.ts';
import { listSession } from '../../src/sessions/listing.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { testRuntime } from '../mirror/rig.ts';
import { address, openLog } from './rig.ts';

const hour = 3_600_000;

async function names(store: BucketStore): Promise<string[]> {
  const epochs = (await listSession(store, address)).streams.get('main') ?? [];
  const { run } = await chooseEpoch(store, address, epochs);
  const lines: Uint8Array[] = [];
  for await (const { lines: piece } of readParts(store, address, run)) if (piece) lines.push(piece);
  const text = Buffer.concat(lines).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line).n));
}

test('who comes back after parts of others were packed goes on behind them', async () => {
  const clock = testRuntime('w');
  const store = memoryStore(clock);
  const [one, two] = [openLog(store, clock), openLog(store, clock)];
  await one.append([{ type: 'x', n: 'first' }]);
  for (let n = 0; n < 20; n++) await two.append([{ type: 'x', n: String(n) }]);
  for (const days of [2.1, 1.1]) {
    clock.time += days * 24 * hour;
    // What lists show is brought up to date every minute: that alone is no look at this transcript.
    for await (const _ of compactSession(store, address)) await one.open();
  }
  await one.append([{ type: 'x', n: 'last' }]);
  expect(await names(store)).toEqual(['first', ...Array.from({ length: 20 }, (_, n) => String(n)), 'last']);
});

test('a look at the lists is none at the transcript', async () => {
  const clock = testRuntime('w');
  const store = memoryStore(clock);
  const [one, two] = [openLog(store, clock), openLog(store, clock)];
  await one.append([{ type: 'x', n: 'first' }]);
  for (let n = 0; n < 5; n++) await two.append([{ type: 'x', n: String(n) }]);
  for (let hours = 0; hours < 80; hours++) {
    clock.time += hour;
    const before = one.stream.record.seq;
    await one.open();
    if (hours < 12) expect(one.stream.record.seq).toBe(before);
  }
  expect(one.stream.record.seq).toBe(6);
});

test('a transcript that was pruned meanwhile begins anew, without a gap', async () => {
  const clock = testRuntime('w');
  const store = memoryStore(clock);
  const log = openLog(store, clock);
  for (const n of ['a', 'b']) await log.append([{ type: 'x', n }]);
  for await (const entry of store.list('p/')) if ('key' in entry) await store.remove(entry.key);
  clock.time += 13 * hour;
  await log.append([{ type: 'x', n: 'c' }]);
  expect(await names(store)).toEqual(['c']);
});
