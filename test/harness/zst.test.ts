import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { codex } from '../../harnesses/codex.ts';
import type { Cursor, StreamRef } from '../../src/harness/index.ts';
import { openZst } from '../../src/harness/zst.ts';
import { discovered, key, readAll, sha256, temporaryFolder } from './support.ts';

const samples = join(import.meta.dirname, '../samples/codex');
const rollout = 'sessions/2026/11/21/rollout-2026-11-21T09-17-39-01a1fd65-a3d9-78c1-a43c-5f0aed69e3f6.jsonl';
const compressed = join(samples, 'edge/compressed', `${rollout}.zst`);
const plain = readFileSync(join(samples, 'paginated-0.169', rollout));

test('reads any range, forwards and backwards', async () => {
  for (const window of [0, 10_000, 1_000_000]) {
    const source = await openZst(compressed, window);
    for (const [from, length] of [
      [0, 100],
      [5000, 20_000],
      [28_000, 9999],
      [100, 200],
      [29_555, 10],
      [0, 100_000],
      [40_000, 5],
    ] as const) {
      expect((await source.read(from, length)).equals(plain.subarray(from, from + length))).toBe(true);
    }
    expect(await source.length()).toBe(plain.length);
    expect(await source.unchanged()).toBe(true);
    await source.close();
  }
});

test('reads far behind the 64 KiB that it keeps', async () => {
  const path = join(temporaryFolder(), 'large.zst');
  const content = Buffer.concat(Array.from({ length: 400 }, (_, index) => Buffer.alloc(997, `${index} `)));
  writeFileSync(path, rawFrames(content));
  for (const window of [0, 300_000]) {
    const source = await openZst(path, window);
    for (const from of [0, 70_000, 390_000, 66_000, 200_000, 199_000, 398_799]) {
      expect((await source.read(from, 5000)).equals(content.subarray(from, from + 5000))).toBe(true);
    }
    expect(await source.length()).toBe(content.length);
    await source.close();
  }
});

test('says so when it is no zstd, cut short, or asks for too much memory', async () => {
  const path = join(temporaryFolder(), 'a.zst');
  const good = readFileSync(compressed);
  const greedy = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);
  for (const content of [Buffer.from('plain text\n'), good.subarray(0, 4000), greedy]) {
    writeFileSync(path, content);
    const source = await openZst(path, 0);
    await expect(source.read(0, 100_000)).rejects.toMatchObject({ code: 'corrupt' });
    await source.close();
  }
});

test('plain, compressed, archived and plain again is one session, and no record is read twice', async () => {
  const root = temporaryFolder();
  const path = join(root, rollout);
  const archived = join(root, 'archived_sessions', 'rollout.jsonl.zst');
  for (const file of [path, archived]) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(path, plain.subarray(0, plain.indexOf(10) + 1));

  const stream = async (): Promise<StreamRef> => {
    const [session] = await discovered(codex, root);
    const [main] = session?.streams ?? [];
    if (main?.name !== 'main') throw new Error('no main stream');
    return main;
  };
  let cursor: Cursor | undefined;
  const parts: Buffer[] = [];
  const mirror = async (chunkBytes = 3000) => {
    const read = await readAll(codex, await stream(), cursor, { chunkBytes });
    expect(read.reset).toBe(undefined);
    cursor = JSON.parse(JSON.stringify(read.cursor)) as Cursor;
    parts.push(read.bytes);
    expect(await codex.prove(await stream(), cursor)).toBe(true);
    return read.bytes.length;
  };
  expect(await mirror()).toBeGreaterThan(0);
  writeFileSync(path, plain);
  expect(await mirror()).toBeGreaterThan(0);
  copyFileSync(compressed, `${path}.zst`);
  expect((await codex.select(await stream(), cursor)).others).toEqual([]);
  expect(await mirror()).toBe(0);
  rmSync(path);
  expect(await mirror()).toBe(0);
  expect(cursor).toMatchObject({ path: `${path}.zst` });
  renameSync(`${path}.zst`, archived);
  expect(await mirror()).toBe(0);
  writeFileSync(path, plain);
  rmSync(archived);
  appendFileSync(path, '{"type":"event_msg"}\n');
  expect(await mirror()).toBe(21);
  expect(sha256(Buffer.concat(parts))).toBe(sha256(readFileSync(path)));
});

test('a part shipped from the plain file is recognised in the compressed one', async () => {
  const root = temporaryFolder();
  mkdirSync(dirname(join(root, rollout)), { recursive: true });
  copyFileSync(compressed, join(root, `${rollout}.zst`));
  const [session] = await discovered(codex, root);
  const [stream] = session?.streams ?? [];
  if (!stream) throw new Error('no stream');
  const twin = await readAll(codex, stream, undefined, { chunkBytes: 7000 });
  let previous: Cursor | undefined;
  for (const { from, to, records, source } of twin.chunks) {
    if (to.kind !== 'bytes') throw new Error('expected bytes');
    const part = { from, to: { kind: 'bytes', offset: to.offset }, records, source } as const;
    const none = async function* () {};
    previous = await codex.adopt(stream, part, { key, previous, records: none });
    expect(previous).toEqual(to);
  }
});

/** RFC 8878: a frame with an 8-byte content size and raw blocks. */
function rawFrames(content: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header.writeUInt32LE(0xfd2fb528, 0);
  header[4] = 0xc0;
  header[5] = 0x38;
  header.writeBigUInt64LE(BigInt(content.length), 6);
  const blocks: Buffer[] = [header];
  for (let at = 0; at < content.length; at += 1 << 16) {
    const block = content.subarray(at, at + (1 << 16));
    const last = at + block.length >= content.length ? 1 : 0;
    const size = Buffer.alloc(3);
    size.writeUIntLE((block.length << 3) | last, 0, 3);
    blocks.push(size, block);
  }
  return Buffer.concat(blocks);
}
