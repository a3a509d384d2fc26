import { expect, test } from 'vitest';
import type { EntryLog } from '../../src/session-store/log.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { readStream } from '../mirror/bucket.ts';
import { testRuntime } from '../mirror/rig.ts';
import { type FaultAction, faultStore } from '../store/fault-store.ts';
import { address, openLog } from './rig.ts';

const faults: readonly (FaultAction | undefined)[] = ['drop', 'late', 'conflict', 'lose', 'lose'];

/** As the SDK does: the same batch again, at most three times. */
async function appendAsSdk(
  log: EntryLog,
  entries: readonly { type: string; uuid?: string; n: string }[],
): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await log.append(entries);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(?:unknown|unavailable)$/) });
    }
  }
  return false;
}

test.each(Array.from({ length: 60 }, (_, seed) => seed + 1))(
  'two writers on a store that loses, delays and refuses: history %i',
  async (seed) => {
    let state = seed * 7919;
    const random = () => {
      state = (state * 16_807) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const memory = memoryStore(testRuntime('m'));
    let isQuiet = false;
    // Storms last: else six attempts would settle everything.
    let storm = 0;
    const store = faultStore(memory, async (_op, _key, phase) => {
      if (random() < 0.05) await store.landLate();
      if (storm > 0) storm--;
      else if (random() < 0.03) storm = 30;
      if (phase === 'after' || isQuiet || random() > (storm > 0 ? 0.97 : 0.2)) return undefined;
      return faults[Math.floor(random() * faults.length)];
    });
    const sure: string[][] = [[], []];
    const perhaps = new Set<string>();
    await Promise.all(
      sure.map(async (mine, who) => {
        let log = openLog(store, testRuntime(`w${seed}-${who}`));
        for (let batch = 0; batch < 12; batch++) {
          // A new process now and then: it knows only what the bucket has.
          if (random() < 0.2) log = openLog(store, testRuntime(`w${seed}-${who}-${batch}`));
          const entries = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i) => {
            const n = `${who}.${batch}.${i}`;
            return { type: 'x', ...(random() < 0.5 && { uuid: n }), n };
          });
          const names = entries.map(({ n }) => n);
          if (await appendAsSdk(log, entries)) mine.push(...names);
          else for (const n of names) perhaps.add(n);
        }
      }),
    );
    isQuiet = true;
    await store.landLate();
    const { heads } = await readStream(memory, address);
    expect(heads.length).toBe(1);
    const there: string[] = (heads[0]?.text.trim().split('\n') ?? []).map((line) => JSON.parse(line).n);
    expect(new Set(there).size).toBe(there.length);
    for (const [who, mine] of sure.entries()) {
      expect(there.filter((n) => n.startsWith(`${who}.`) && !perhaps.has(n))).toEqual(mine);
    }
  },
);

test('a part that lands while its call is made again is not added once more', async () => {
  const memory = memoryStore(testRuntime('m'));
  let isDown = false;
  let looks = 0;
  const store = faultStore(memory, async (op, _key, phase) => {
    if (phase === 'before' && op === 'create' && looks === 0) isDown = true;
    if (phase === 'before' && isDown) return op === 'create' ? 'late' : 'drop';
    // Whoever looked first found nothing yet.
    if (op === 'get' && phase === 'after' && looks++ === 1) await store.landLate();
    return undefined;
  });
  const log = openLog(store, testRuntime('w'));
  const entries = [
    { type: 'x', n: '1' },
    { type: 'x', n: '2' },
  ];
  await log.open();
  looks = 0;
  await expect(log.append(entries)).rejects.toThrow();
  isDown = false;
  looks = 1;
  await log.append(entries);
  await store.landLate();
  const { heads } = await readStream(memory, address);
  expect(heads[0]?.text.match(/"n":"\d"/g)).toEqual(['"n":"1"', '"n":"2"']);
});
