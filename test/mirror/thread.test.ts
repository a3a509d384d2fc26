import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { preparerThread } from '../../src/mirror/prepare-thread.ts';
import type { Preparer, Preparers } from '../../src/mirror/preparer.ts';
import type { Redactor } from '../../src/redact/types.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { readStream } from './bucket.ts';
import { runHistory } from './history.ts';
import { mirror, temporaryFolder, testRedactor, testRuntime } from './rig.ts';

const script = new URL('./prepare-worker.mjs', import.meta.url);
const [harness] = harnesses;
const seeds = Number(process.env.CAIRN_SEEDS ?? 60) / 4;

/** Redactors are made on the thread, by `make`; a session that is held open keeps the thread for all runs. */
function onThread(make: (pattern: RegExp) => Redactor, pattern: RegExp): Preparers & { readonly keeper: Preparer } {
  const open = preparerThread(script, { redactor: make.toString(), pattern });
  return { redactor: testRedactor(pattern).id, open, keeper: open(harness!, []) };
}

describe('random histories, prepared on a thread', () => {
  const threads = new Map<string, ReturnType<typeof onThread>>();
  afterAll(() => {
    for (const { keeper } of threads.values()) keeper.close();
  });
  const preparers = (pattern: RegExp): Preparers => {
    const known = threads.get(pattern.source) ?? onThread(testRedactor, pattern);
    threads.set(pattern.source, known);
    return known;
  };
  it.each([1, 2])(
    '%i mirrors, state sometimes lost, source changes at any time',
    async (mirrors) => {
      const root = await temporaryFolder();
      for (let seed = 1; seed <= seeds; seed++) {
        const folder = join(root, String(seed));
        mkdirSync(folder);
        await runHistory(folder, { seed, mirrors, steps: 8, loseState: true, during: true, preparers });
      }
      expect(threads.size).toBe(2);
    },
    600_000,
  );
});

/** Learns more from a block than a call takes arguments. */
function learningRedactor(): Redactor {
  const print = { rule: 'r', length: 8, anchors: [], head: 0, check: '', mark: '' };
  return {
    id: 'learning',
    redact: (block) => ({ block, found: {}, images: 0 }),
    learned: () => Array.from({ length: 200_000 }, () => print),
  };
}

it('all that was learnt on the thread comes back, however much it is', async () => {
  const { open, keeper } = onThread(learningRedactor, /x/);
  const preparer = open(harness!, []);
  await preparer.redact(Buffer.from('{}\n'));
  expect(preparer.learned().length).toBe(200_000);
  preparer.close();
  keeper.close();
});

/** Ends the thread at a line that says so. It is carried over as text, and names nothing outside of itself. */
function deadlyRedactor(pattern: RegExp): Redactor {
  return {
    id: 'deadly',
    redact(block) {
      if (pattern.test(Buffer.from(block).toString())) process.exit(3);
      return { block, found: {}, images: 0 };
    },
    learned: () => [],
  };
}

it('a thread that dies is an error of its sessions; the next session and the next run lose nothing', async () => {
  const home = await temporaryFolder();
  const folder = join(home, '.claude/projects/-srv-app');
  mkdirSync(folder, { recursive: true });
  const store = memoryStore(testRuntime('store'));
  const ids = [1, 2, 3].map((n) => `${n}1111111-2222-4333-8444-555555555555`);
  const text = (id: string, n: number) => `${JSON.stringify({ type: 'user', uuid: `u${n}`, sessionId: id })}\n`;
  const whole = (id: string) => text(id, 1) + (id === ids[1] ? text(id, 666) : '') + text(id, 2);
  for (const id of ids) writeFileSync(join(folder, `${id}.jsonl`), whole(id));
  const runtime = testRuntime();
  const run = (open: Preparers['open']) =>
    mirror({
      store,
      home,
      stateFolder: join(home, 'state'),
      runtime,
      run: { concurrency: 1, preparers: async () => ({ redactor: 'deadly', open }) },
    });
  const head = async (id: string) => {
    const { heads } = await readStream(store, { project: 'p', harness: 'claude-code', session: id, stream: 'main' });
    return heads.map(({ text: found }) => found);
  };

  const deadly = await run(preparerThread(script, { redactor: deadlyRedactor.toString(), pattern: /u666/ }));
  expect(deadly.filter(({ event }) => event === 'failed')).toMatchObject([
    { session: ids[1], cause: { message: expect.stringContaining('thread that prepares records') } },
  ]);
  expect(deadly.at(-1)).toMatchObject({ event: 'done', failed: 1 });
  expect(await Promise.all(ids.map(head))).toEqual([[whole(ids[0]!)], [], [whole(ids[2]!)]]);

  const after = await run(preparerThread(script, { redactor: deadlyRedactor.toString(), pattern: /nothing/ }));
  expect(after.filter(({ event }) => event === 'failed')).toEqual([]);
  expect(await head(ids[1]!)).toEqual([whole(ids[1]!)]);
});

it('what is given out on the thread is an error here, with its code', async () => {
  const open = preparerThread(script, {
    redactor: `() => ({ id: 'x', learned: () => [], redact() { throw new TypeError('no such thing') } })`,
    pattern: /x/,
  });
  const preparer = open(harness!, []);
  await expect(preparer.redact(Buffer.from('{}\n'))).rejects.toThrow('no such thing');
  preparer.close();
});

it('a small buffer that shares its memory stays whole; a large one is handed over', async () => {
  const open = preparerThread(script, { redactor: testRedactor.toString(), pattern: /SECRET/g });
  const preparer = open(harness!, []);
  const small = Buffer.from('{"a":"SECRET"}\n');
  expect(Buffer.from((await preparer.redact(small)).block).toString()).toBe('{"a":"[REDACTED:test]"}\n');
  expect(small.toString()).toBe('{"a":"SECRET"}\n');
  const large = Buffer.alloc(1 << 20, '{"a":1}\n');
  expect((await preparer.redact(large)).block.length).toBe(1 << 20);
  expect(large.length).toBe(0);
  preparer.close();
});
