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

async function linesOf(source: AsyncIterable<Uint8Array>, taken = { bytes: 0 }): Promise<number> {
  const pause = () => delay(25, undefined, { ref: false });
  for await (const { block } of redactLines(source, { key }, pause, 0)) {
    taken.bytes += block.length;
    await delay(5); // whoever takes the lines has other things to wait for
  }
  return taken.bytes;
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

test('a source that fails while a backlog is in work fails the filter when all that it gave is out, and nothing else', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  async function* source() {
    for (let i = 0; i < 3; i += 1) yield lines;
    throw new Error('the source is gone');
  }
  const taken = { bytes: 0 };
  await expect(linesOf(source(), taken)).rejects.toThrow('the source is gone');
  expect(taken.bytes).toBe(3 * lines.length);
  await delay(0);
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
});

test('what a source gave before it failed comes out, the torn line too', async () => {
  async function* source() {
    yield Buffer.from('{"a":1}\n{"b":2}\n{"c"');
    throw new Error('the source is gone');
  }
  const taken = { bytes: 0 };
  await expect(linesOf(source(), taken)).rejects.toThrow('the source is gone');
  expect(taken.bytes).toBe('{"a":1}\n{"b":2}\n{"c"'.length);
});
