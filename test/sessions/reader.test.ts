import { beforeEach, describe, expect, test } from 'vitest';
import { listEpochs } from '../../src/mirror/epochs.ts';
import { compressHeader, compressRecords } from '../../src/mirror/part.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { partKey } from '../../src/store/keys.ts';
import { bomb, EpochWriter, main, records, textOf, type WatchedStore, watchedStore } from './bucket.ts';

let store: WatchedStore;
beforeEach(() => {
  store = watchedStore();
});

async function read(epoch?: number) {
  const chosen = await chooseEpoch(store, main, await listEpochs(store, main), epoch);
  return { text: await textOf(readParts(store, main, chosen.run)), ...chosen };
}
const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

describe('reader', () => {
  test('the records of all parts, and no header, not even one among the records', async () => {
    const epoch = new EpochWriter(store, main);
    const odd = [JSON.stringify({ cairn: 'part', v: 1 }), 'no json \u0000', ''];
    await epoch.put(odd);
    await epoch.put(records(3));
    await epoch.put([], { event: 'ended' });
    expect((await read()).text).toBe(joined([...odd, ...records(3)]));
  });

  test('a closed epoch is left for the next, and can still be read', async () => {
    const old = new EpochWriter(store, main);
    await old.put(records(2));
    await new EpochWriter(store, main, 1, { reason: 'truncated', departs: null }).put(records(1, 10));
    await old.close({ epoch: 1, seq: 0 });
    expect(await read()).toMatchObject({ text: joined(records(1, 10)), epoch: 1, others: [] });
    expect((await read(0)).text).toBe(joined(records(2)));
    await expect(read(7)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a branch is its parent up to where it departs, then its own; the other head is told', async () => {
    const parent = new EpochWriter(store, main);
    await parent.put(records(2));
    const { epoch, seq, chain } = await parent.put(records(2, 2));
    await parent.put(records(5, 100));
    await new EpochWriter(store, main, 1, { reason: 'diverged', departs: { epoch, seq, chain } }).put(records(1, 4));
    expect(await read()).toMatchObject({ text: joined(records(5)), epoch: 1, others: [0] });
    expect((await read(0)).text).toBe(joined([...records(4), ...records(5, 100)]));
  });

  test('reads no faster than its consumer: a few parts are fetched ahead', async () => {
    const epoch = new EpochWriter(store, main);
    for (let i = 0; i < 40; i++) await epoch.put(records(1, i));
    const reading = readParts(store, main, [{ epoch: 0, through: 39, packs: [] }]);
    for (let i = 0; i < 2; i++) await reading.next(); // header and lines of part 0
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.asked.get.length).toBeLessThanOrEqual(4);
    await reading.return(undefined);
  });

  describe('what is wrong is never written out', () => {
    beforeEach(async () => {
      const epoch = new EpochWriter(store, main);
      for (let i = 0; i < 3; i++) await epoch.put(records(2, 2 * i));
    });
    const key = (seq: number) => partKey({ ...main, epoch: 0, seq });
    const first = joined(records(2));

    async function readUntilError(): Promise<{ text: string; error: unknown }> {
      let text = '';
      try {
        for await (const { lines } of readParts(store, main, [{ epoch: 0, through: 2, packs: [] }])) {
          text += Buffer.from(lines ?? []).toString('utf8');
        }
      } catch (error) {
        return { text, error };
      }
      return { text, error: undefined };
    }
    async function replace(seq: number, change: object, lines = records(2, 2 * seq), own = true) {
      const body = joined(lines);
      const other = watchedStore();
      const writer = new EpochWriter(other, main);
      for (let i = 0; i <= seq; i++) await writer.put(i === seq ? lines : records(2, 2 * i));
      const header = { ...writer.last, ...change };
      const bytes = await compressRecords(Buffer.from(own ? body : joined(records(2, 50))), 3);
      await store.overwrite(key(seq), Buffer.concat([await compressHeader(header), bytes]));
    }

    test.each([
      ['another session', { session: 'another' }],
      ['another stream', { stream: 'agent-1' }],
      ['another number', { seq: 7 }],
      ['another epoch', { epoch: 1 }],
      ['a chain that is not of its content', { chain: 'ff' }],
      ['another count of lines', { records: 3 }],
      ['fewer bytes than it has', { bytes: 3 }],
      ['more bytes than it has', { bytes: 3000 }],
    ])('%s', async (_, change) => {
      await replace(1, change);
      const { text, error } = await readUntilError();
      expect(error).toMatchObject({ code: 'corrupt' });
      expect(text).toBe(first);
    });

    test('other lines than the hash says', async () => {
      await replace(1, {}, records(2, 2), false);
      expect(await readUntilError()).toMatchObject({ text: first, error: { code: 'corrupt' } });
    });

    test('a part that does not continue the one before', async () => {
      await replace(1, {}, records(2, 80));
      expect(await readUntilError()).toMatchObject({
        text: first + joined(records(2, 80)),
        error: { code: 'corrupt' },
      });
    });

    test('a part that is missing, cut, empty, no gzip', async () => {
      const whole = await (await store.get(key(1)))!.bytes();
      for (const bytes of [undefined, whole.slice(0, -9), new Uint8Array(), Buffer.from('text')]) {
        if (bytes) await store.overwrite(key(1), bytes);
        else await store.remove(key(1));
        expect(await readUntilError()).toMatchObject({ text: first, error: { code: 'corrupt' } });
      }
    });

    test('a newer format is said to be one', async () => {
      await replace(1, { v: 2 as 1 });
      expect(await readUntilError()).toMatchObject({ error: { code: 'newer-format', exitCode: 78 } });
    });

    test('what decompresses to more than its header says is given up at once', async () => {
      const header = watchedStore();
      const writer = new EpochWriter(header, main);
      await writer.put(records(2));
      await store.overwrite(key(0), Buffer.concat([await compressHeader(writer.last), bomb(256)]));
      const before = process.memoryUsage().arrayBuffers;
      expect(await readUntilError()).toMatchObject({ text: '', error: { code: 'corrupt' } });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    });
  });
});
