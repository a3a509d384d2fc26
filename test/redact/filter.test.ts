import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { redactLines } from '../../src/redact/filter.ts';
import { openPool } from '../../src/redact/pool.ts';

vi.mock('node:os', async (original) => ({ ...(await original<object>()), availableParallelism: () => 64 }));
vi.mock('../../src/redact/pool.ts', async (original) => {
  const pool = await original<typeof import('../../src/redact/pool.ts')>();
  return { ...pool, openPool: vi.fn(pool.openPool) };
});

const key = Buffer.alloc(32, 5);
/** A block of a backlog. */
const lines = Buffer.from('{"a":1}\n'.repeat(1 << 20));

async function linesOf(source: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  const pause = () => delay(25, undefined, { ref: false });
  for await (const { block } of redactLines(source, { key }, pause)) {
    length += block.length;
    await delay(5); // whoever takes the lines has other things to wait for
  }
  return length;
}

afterEach(() => {
  vi.mocked(openPool).mockClear();
});

test('a backlog has seven threads beside the first, however many cores there are', async () => {
  async function* source() {
    yield lines;
  }
  expect(await linesOf(source())).toBe(lines.length);
  expect(vi.mocked(openPool).mock.calls.map(([, workers]) => workers)).toEqual([7]);
});

test('a source that fails while a backlog is in work fails the filter, and nothing else', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  async function* source() {
    for (let i = 0; i < 3; i += 1) yield lines;
    throw new Error('the source is gone');
  }
  await expect(linesOf(source())).rejects.toThrow('the source is gone');
  await delay(0);
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
});
