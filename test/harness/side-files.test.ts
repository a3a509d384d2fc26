import { createHmac } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { VersionsCursor } from '../../src/harness/cursor.ts';
import { adoptVersions, readVersions } from '../../src/harness/side-files.ts';
import type { FileRef, PartRange, ReadOptions, StreamRef } from '../../src/harness/types.ts';
import { filesBelow } from '../../src/harness/walk.ts';
import { all, key, keyOf, readOptions, temporaryFolder } from './support.ts';

function place(folder: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function streamOf(folder: string): StreamRef {
  return { name: 'files', kind: 'versions', files: filesBelow(folder) };
}

async function read(stream: StreamRef, cursor?: VersionsCursor, options: Partial<ReadOptions> = {}) {
  const chunks = await all(readVersions(stream, cursor, { ...readOptions, ...options }));
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes));
  const records = bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const to = chunks.at(-1)?.to;
  if (to?.kind !== 'versions') throw new Error('expected a chunk');
  return { chunks, records, bytes, cursor: JSON.parse(JSON.stringify(to)) as VersionsCursor };
}

const mark = (content: string | Buffer) =>
  createHmac('sha256', 'a key of this test').update(content).digest('hex').slice(0, 16);

test('ships each file once, in the order of names, and then only what changes', async () => {
  const folder = temporaryFolder();
  place(folder, { 'b.txt': 'two', 'a/z.txt': 'one', 'a.txt': '', __proto__x: 'x' });
  chmodSync(join(folder, 'b.txt'), 0o640);
  utimesSync(join(folder, 'b.txt'), 1_700_000_000, 1_700_000_000.5);
  const first = await read(streamOf(folder));
  expect(first.records.map(({ path, text }) => [path, text])).toEqual([
    ['__proto__x', 'x'],
    ['a.txt', ''],
    ['a/z.txt', 'one'],
    ['b.txt', 'two'],
  ]);
  expect(first.records[3]).toEqual({
    path: 'b.txt',
    size: 3,
    mode: 0o640,
    mtime: '2023-11-14T22:13:20.500Z',
    mark: mark('two'),
    text: 'two',
  });
  expect(first.cursor.count).toBe(4);
  const [chunk] = first.chunks;
  const source = createHmac('sha256', 'a key of this test').update(first.bytes).digest('hex');
  expect(chunk).toMatchObject({ records: 4, from: { count: 0 }, last: true, source });

  expect((await read(streamOf(folder), first.cursor)).records).toEqual([]);
  writeFileSync(join(folder, 'b.txt.new'), 'three');
  renameSync(join(folder, 'b.txt.new'), join(folder, 'b.txt'));
  rmSync(join(folder, 'a.txt'));
  place(folder, { 'c.txt': 'new' });
  const second = await read(streamOf(folder), first.cursor);
  expect(second.records.map(({ path, text, deleted }) => [path, text ?? deleted])).toEqual([
    ['a.txt', true],
    ['b.txt', 'three'],
    ['c.txt', 'new'],
  ]);
  expect(second.chunks[0]).toMatchObject({ from: { count: 4 }, to: { count: 7 } });
  expect((await read(streamOf(folder), second.cursor)).records).toEqual([]);
  place(folder, { 'a.txt': '' });
  expect((await read(streamOf(folder), second.cursor)).records).toMatchObject([{ path: 'a.txt', text: '' }]);
});

test('a link is never followed: not to a file, not to a folder, not in the place of a file that was listed', async () => {
  const outside = temporaryFolder();
  place(outside, { 'private.txt': 'not of this session', 'deep/more.txt': 'nor this' });
  const folder = temporaryFolder();
  place(folder, { 'own.txt': 'own', 'listed.txt': 'listed' });
  symlinkSync(join(outside, 'private.txt'), join(folder, 'file-link.txt'));
  symlinkSync(join(outside, 'deep'), join(folder, 'folder-link'));
  symlinkSync(join(folder, 'own.txt'), join(folder, 'inner-link.txt'));
  const listed = streamOf(folder);
  expect(listed.files.map(({ name }) => name)).toEqual(['listed.txt', 'own.txt']);

  rmSync(join(folder, 'listed.txt'));
  symlinkSync(join(outside, 'private.txt'), join(folder, 'listed.txt'));
  const shipped: Buffer[] = [];
  await expect(async () => {
    for await (const { bytes } of readVersions(listed, undefined, readOptions)) shipped.push(Buffer.from(bytes));
  }).rejects.toThrow(/listed\.txt/);
  expect(Buffer.concat(shipped).toString()).toContain('"own"');
  expect(Buffer.concat(shipped).toString()).not.toContain('not of this session');

  // The next listing has the link no more, and so its file is gone.
  const next = await read(streamOf(folder));
  expect(next.records.map(({ path }) => path)).toEqual(['own.txt']);
});

test('a touched file with the same content is looked at once and not shipped', async () => {
  const folder = temporaryFolder();
  place(folder, { 'a.txt': 'same' });
  const first = await read(streamOf(folder));
  utimesSync(join(folder, 'a.txt'), 1_700_000_000, 1_700_000_000);
  const second = await read(streamOf(folder), first.cursor);
  expect(second.records).toEqual([]);
  expect(second.cursor).not.toEqual(first.cursor);
  let looks = 0;
  const counting = {
    hmac() {
      looks++;
      return key.hmac();
    },
  };
  await read(streamOf(folder), second.cursor, { key: counting });
  // One for the chunk, none for the file.
  expect(looks).toBe(1);
});

test('large or binary files are blobs, and the same file is not stored twice', async () => {
  const folder = temporaryFolder();
  const limit = 'x'.repeat(64 * 1024);
  place(folder, { inline: limit, large: `${limit}y`, binary: Buffer.from([0xff, 0xfe]), huge: 'z'.repeat(3 << 20) });
  const stored: string[] = [];
  const blob = async (file: FileRef) => {
    stored.push(file.name ?? '');
    return { sha256: 'a'.repeat(64), size: 17 };
  };
  const first = await read(streamOf(folder), undefined, { blob });
  expect(stored).toEqual(['binary', 'huge', 'large']);
  expect(first.records.map(({ path, size, text, sha256 }) => [path, size, text?.length ?? sha256?.length])).toEqual([
    ['binary', 17, 64],
    ['huge', 17, 64],
    ['inline', 65536, 65536],
    ['large', 17, 64],
  ]);
  expect(first.records[1].mark).toBe(mark('z'.repeat(3 << 20)));
  utimesSync(join(folder, 'large'), 1, 1);
  await read(streamOf(folder), first.cursor, { blob });
  expect(stored.length).toBe(3);
});

test('a file that changes while it is read waits for the next run', async () => {
  const folder = temporaryFolder();
  place(folder, { 'a.txt': 'one', large: 'x'.repeat(100_000) });
  const blob = async (file: FileRef) => {
    appendFileSync(file.path, 'y');
    return { sha256: 'a'.repeat(64), size: 1 };
  };
  const first = await read(streamOf(folder), undefined, { blob });
  expect(first.records.map(({ path }) => path)).toEqual(['a.txt']);
  const second = await read(streamOf(folder), first.cursor);
  expect(second.records.map(({ path }) => path)).toEqual(['large']);
});

test('a file that is gone by now is left to the next listing; another that fails stops nothing', async () => {
  const folder = temporaryFolder();
  place(folder, { a: 'one', b: 'two', c: 'three' });
  const stream = streamOf(folder);
  rmSync(join(folder, 'a'));
  rmSync(join(folder, 'b'));
  mkdirSync(join(folder, 'b'));
  const chunks: unknown[] = [];
  const reading = async () => {
    for await (const chunk of readVersions(stream, undefined, readOptions)) chunks.push(chunk);
  };
  await expect(reading()).rejects.toMatchObject({ code: 'corrupt' });
  expect(chunks).toMatchObject([{ records: 1, to: { files: { c: { mark: mark('three') } } } }]);
});

test('chunks stay near their limit, and each carries the cursor behind it', async () => {
  const folder = temporaryFolder();
  place(folder, Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, 'x'.repeat(1000)])));
  const { chunks, cursor } = await read(streamOf(folder), undefined, { chunkBytes: 4000 });
  expect(chunks.length).toBeGreaterThan(4);
  let count = 0;
  for (const chunk of chunks) {
    expect(chunk.bytes.length).toBeLessThan(6000);
    expect(chunk.from).toEqual({ kind: 'versions', count });
    count += chunk.records;
    expect(chunk.to).toMatchObject({ count });
    expect(Object.keys((chunk.to as VersionsCursor).files).length).toBe(count);
  }
  expect(cursor.count).toBe(20);
});

test('folds parts into a cursor that ships nothing again', async () => {
  const folder = temporaryFolder();
  place(folder, { a: 'one', b: 'two' });
  const first = await read(streamOf(folder));
  rmSync(join(folder, 'a'));
  const second = await read(streamOf(folder), first.cursor);
  let adopted: VersionsCursor | undefined;
  for (const { bytes, chunks } of [first, second]) {
    const [chunk] = chunks;
    if (chunk?.to.kind !== 'versions') throw new Error('expected one chunk');
    const { from, to, records, source } = chunk;
    const part: PartRange = { from, to: { kind: 'versions', count: to.count }, records, source };
    const recordsOf = async function* () {
      yield Buffer.concat([bytes, Buffer.from('{"path":17}\nnot json\n[]\n')]);
    };
    if (to.count > 2)
      expect(await adoptVersions(part, { key, previous: undefined, records: recordsOf })).toBe(undefined);
    adopted = await adoptVersions(part, { key, previous: adopted, records: recordsOf });
  }
  expect(adopted).toEqual({ kind: 'versions', count: 3, files: { a: { deleted: true }, b: { mark: mark('two') } } });
  expect((await read(streamOf(folder), adopted)).records).toEqual([]);
  const foreign = await read(streamOf(folder), adopted, { key: keyOf('of another host') });
  expect(foreign.records).toMatchObject([{ path: 'b' }]);
});
