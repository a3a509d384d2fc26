import { expect, test } from 'vitest';
import { lineBlocks } from '../../src/redact/line-blocks.ts';

const never = () => new Promise<void>(() => {});
const blockBytes = 8 << 20;

async function collect(chunks: readonly Buffer[], allocate: (least: number) => Buffer): Promise<readonly Buffer[]> {
  const room = Buffer.alloc(Math.max(...chunks.map(({ length }) => length)));
  async function* source() {
    for (const chunk of chunks) {
      chunk.copy(room); // a source may use its memory again
      yield room.subarray(0, chunk.length);
    }
  }
  const blocks: Buffer[] = [];
  for await (const block of lineBlocks(source(), never, allocate)) blocks.push(Buffer.from(block));
  return blocks;
}

const text = Buffer.from(Array.from({ length: 1_200_000 }, (_, i) => `{"n":${i * 7919}}\n`).join(''));
const chunksOf = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

test('blocks are whole lines, and nothing is lost where they are all in the same memory', async () => {
  const room = Buffer.alloc(blockBytes + (1 << 20));
  let asked = 0;
  const blocks = await collect(chunksOf(text, 300_001), (least) => {
    asked += 1;
    expect(least).toBeLessThanOrEqual(room.length);
    return room;
  });
  expect(Buffer.concat(blocks).equals(text)).toBe(true);
  expect(blocks.length).toBeGreaterThan(2);
  for (const block of blocks) expect(block.at(-1)).toBe(0x0a);
  expect(asked).toBe(blocks.length); // one more for what is behind the last: nothing
});

test('a line that is longer than a block gets memory twice as large, until it fits', async () => {
  const line = Buffer.concat([Buffer.alloc(50 << 20, 'a'), Buffer.from('\nend')]);
  const sizes: number[] = [];
  const blocks = await collect(chunksOf(line, 1 << 20), (least) => {
    sizes.push(least);
    return Buffer.alloc(least);
  });
  expect(blocks.map(({ length }) => length)).toEqual([(50 << 20) + 1, 3]);
  expect(sizes.filter((size) => size > blockBytes + (1 << 20)).length).toBeLessThan(4);
});
