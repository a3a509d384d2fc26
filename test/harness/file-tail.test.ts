import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BytesCursor } from '../../src/harness/cursor.ts';
import { proveBytes, readBytes } from '../../src/harness/file-tail.ts';
import { stampOf } from '../../src/harness/stamp.ts';
import type { Chunk, SourceKey, StreamRef } from '../../src/harness/types.ts';
import { all, key, readOptions, sha256, temporaryFolder } from './support.ts';

const block = 64 * 1024;

function streamAt(...paths: string[]): StreamRef {
  const files = paths.map((path) => ({ path, stamp: stampOf(statSync(path, { bigint: true })) }));
  return { name: 'main', kind: 'bytes', files };
}

async function read(path: string, cursor?: BytesCursor, options: Partial<typeof readOptions> = {}) {
  const chunks = await all(readBytes(streamAt(path), cursor, { ...readOptions, ...options }));
  const to = chunks.at(-1)?.to;
  if (to?.kind !== 'bytes') throw new Error('expected a chunk');
  return { chunks, cursor: to, bytes: Buffer.concat(chunks.map(({ bytes }) => bytes)), reset: chunks.at(-1)?.reset };
}

/** The guard and the chain as the contract words them, computed from the whole prefix. */
function cursorOf(prefix: Buffer): Pick<BytesCursor, 'offset' | 'guard' | 'blocks'> {
  const ends = [prefix.subarray(0, block), prefix.subarray(Math.max(block, prefix.length - block))];
  let blocks = '';
  for (let at = 0; at + block <= prefix.length; at += block) {
    blocks = sha256(Buffer.concat([Buffer.from(blocks), prefix.subarray(at, at + block)]));
  }
  return { offset: prefix.length, guard: sha256(Buffer.concat(ends)), blocks };
}

describe('reading', () => {
  test('the cursor is what the contract says, for every chunk size and wherever blocks end', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    const sizes = [10, block - 11, 1, block - 1, 2 * block - 1, 3 * block + 7, 5, 100, block, 3];
    const content = Buffer.from(sizes.map((size, index) => `${String(index).repeat(size)}\n`).join(''));
    writeFileSync(path, content);
    for (const chunkBytes of [1, 1000, block, block + 1, 8 * block]) {
      const { chunks, bytes } = await read(path, undefined, { chunkBytes });
      expect(bytes.equals(content)).toBe(true);
      let offset = 0;
      for (const chunk of chunks) {
        offset += chunk.bytes.length;
        expect(chunk.to).toMatchObject(cursorOf(content.subarray(0, offset)));
        const again = await read(path, chunk.to as BytesCursor, { chunkBytes });
        expect(again.bytes.equals(content.subarray(offset))).toBe(true);
      }
    }
  });

  test('a line longer than a chunk costs one buffer of its size', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    const long = 'x'.repeat(3 * 1024 * 1024);
    writeFileSync(path, `${'y'.repeat(2 * block)}\n${long}\n${long}`);
    const { chunks } = await read(path, undefined, { chunkBytes: block });
    const chunk = chunks.find(({ bytes }) => bytes.length > long.length);
    expect(chunk?.records).toBe(1);
    expect(chunk?.bytes.length).toBe(long.length + 1);
    expect(chunk?.bytes.buffer.byteLength).toBe(block + long.length + 1);
    expect(chunks.at(-1)).toMatchObject({ last: true, records: 0, pending: long.length });
    expect(new Set(chunks.map(({ bytes }) => bytes.buffer)).size).toBe(chunks.length);
  });

  test('a small file does not cost the buffer of a large one', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'short\n');
    const { chunks } = await read(path);
    expect(chunks[0]?.bytes.buffer.byteLength).toBe(6);
  });

  test('a record above 1 GiB is refused, and nothing before it is lost', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'first\n');
    const file = openSync(path, 'r+');
    ftruncateSync(file, 1024 ** 3 + 1024 ** 2);
    closeSync(file);
    const chunks: Chunk[] = [];
    const reading = async () => {
      for await (const chunk of readBytes(streamAt(path), undefined, { ...readOptions, chunkBytes: block })) {
        chunks.push(chunk);
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'too-large' });
    expect(chunks.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['first\n']);
  }, 60_000);

  test('an empty file is read to its end', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, '');
    const { chunks, cursor } = await read(path);
    expect(chunks).toMatchObject([{ records: 0, last: true, pending: 0 }]);
    writeFileSync(path, 'one\n');
    expect((await read(path, cursor)).bytes.toString()).toBe('one\n');
  });
});

describe('a file that changes while it is read', () => {
  /** Runs `change` between the taking of the first chunk's bytes and the check that follows. */
  function changing(change: () => void): SourceKey {
    let done = false;
    return {
      hmac() {
        if (!done) change();
        done = true;
        return key.hmac();
      },
    };
  }

  test('what was taken from a content that is gone is not given out', async () => {
    const changes: Record<string, (path: string) => void> = {
      rewritten: (path) => writeFileSync(path, 'ENO\nOWT\n'),
      replaced: (path) => {
        writeFileSync(`${path}.new`, 'ENO\nOWT\n');
        renameSync(`${path}.new`, path);
      },
      shrunk: (path) => truncateSync(path, 4),
    };
    for (const change of Object.values(changes)) {
      const path = join(temporaryFolder(), 'a.jsonl');
      writeFileSync(path, 'one\ntwo\n');
      const { bytes, reset } = await read(path, undefined, { key: changing(() => change(path)) });
      expect(reset).toBe(undefined);
      expect(bytes.toString()).toBe(readFileSync(path, 'utf8'));
    }
  });

  test('behind a cursor the change is a reset', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'one\n');
    const { cursor } = await read(path);
    appendFileSync(path, 'two\n');
    const change = () => writeFileSync(path, 'ENO\ntwo\nthree\n');
    expect(await read(path, cursor, { key: changing(change) })).toMatchObject({ reset: 'rewritten', cursor });
  });

  test('what is appended meanwhile comes with the next read', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'one\n');
    const first = await read(path, undefined, { key: changing(() => appendFileSync(path, 'two\n')) });
    expect(first.bytes.toString()).toBe('one\n');
    expect((await read(path, first.cursor)).bytes.toString()).toBe('two\n');
  });

  test('a file that never keeps still is left to the next run', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'one\n');
    let count = 0;
    const restless: SourceKey = {
      hmac() {
        writeFileSync(path, `${count++}\n`);
        return key.hmac();
      },
    };
    await expect(read(path, undefined, { key: restless })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a change in the middle that keeps size and guard is found by the full check alone', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'x\n'.repeat(3 * block));
    const { cursor } = await read(path);
    const file = openSync(path, 'r+');
    writeSync(file, 'y', 3 * block);
    closeSync(file);
    expect((await read(path, cursor)).reset).toBe(undefined);
    expect(await proveBytes(streamAt(path), cursor)).toBe(false);
  });

  test('a file cut to a half that repeats the other half is truncated', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'same\nsame\n');
    const { cursor } = await read(path);
    truncateSync(path, 5);
    expect((await read(path, cursor)).reset).toBe('truncated');
  });

  test('a copy with a changed middle is another source', async () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'x\n'.repeat(3 * block));
    const { cursor } = await read(path);
    const copy = Buffer.from(readFileSync(path));
    copy.write('y', 3 * block);
    writeFileSync(`${path}.new`, copy);
    renameSync(`${path}.new`, path);
    expect((await read(path, cursor)).reset).toBe('replaced');
  });

  test('a link that takes the place of a transcript is not followed', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.jsonl');
    writeFileSync(path, 'one\n');
    const stream = streamAt(path);
    renameSync(path, join(folder, 'b.jsonl'));
    symlinkSync(join(folder, 'b.jsonl'), path);
    await expect(all(readBytes(stream, undefined, readOptions))).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('random histories', () => {
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }).map((times) => 'long '.repeat(times * 9000)) },
  );
  type Step = { readonly do: (path: string) => void; readonly name: string };
  const step: fc.Arbitrary<Step> = fc.oneof(
    text.map((words) => ({ name: 'append', do: (path: string) => appendFileSync(path, `${words}\n`) })),
    text.map((words) => ({ name: 'tear', do: (path: string) => appendFileSync(path, words) })),
    fc.constant({ name: 'heal', do: (path: string) => appendFileSync(path, '\n') }),
    fc.double({ min: 0, max: 1, noNaN: true }).map((part) => ({
      name: 'truncate',
      do: (path: string) => truncateSync(path, Math.floor(statSync(path).size * part)),
    })),
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), text).map(([part, words]) => ({
      name: 'truncate and regrow',
      do: (path: string) => {
        truncateSync(path, Math.floor(statSync(path).size * part));
        appendFileSync(path, `${words}\n${words}\n`);
      },
    })),
    fc.double({ min: 0, max: 0.999, noNaN: true }).map((part) => ({
      name: 'rewrite a byte',
      do: (path: string) => {
        const content = readFileSync(path);
        const at = Math.floor(content.length * part);
        if (content.length > 0 && content[at] !== 10) content[at] = content[at] === 0x7a ? 0x79 : 0x7a;
        writeFileSync(path, content);
      },
    })),
    fc.boolean().map((longer) => ({
      name: 'replace by a copy',
      do: (path: string) => {
        copyFileSync(path, `${path}.new`);
        if (longer) appendFileSync(`${path}.new`, 'more\n');
        renameSync(`${path}.new`, path);
      },
    })),
    text.map((words) => ({
      name: 'replace',
      do: (path: string) => {
        writeFileSync(`${path}.new`, `${words}\n`);
        renameSync(`${path}.new`, path);
      },
    })),
    fc.constant({
      name: 'delete and create',
      do: (path: string) => {
        rmSync(path);
        writeFileSync(path, 'new\n');
      },
    }),
  );

  test('what was given out is the source up to the cursor, or the read says that it is not', async () => {
    const history = fc.array(
      fc.record({ step, chunkBytes: fc.constantFrom(7, 1000, block, 1 << 20), stopAfter: fc.nat(3) }),
      {
        minLength: 1,
        maxLength: 25,
      },
    );
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const folder = temporaryFolder();
        const path = join(folder, 'a.jsonl');
        writeFileSync(path, '');
        let shipped = Buffer.alloc(0);
        let cursor: BytesCursor | undefined;
        for (const { step: change, chunkBytes, stopAfter } of steps) {
          change.do(path);
          const content = readFileSync(path);
          const { ino } = statSync(path, { bigint: true });
          // The same inode is trusted by its guard, another one by its whole prefix.
          const prefix = content.subarray(0, shipped.length);
          const equal =
            cursor?.ino === String(ino)
              ? prefix.length === shipped.length && cursorOf(prefix).guard === cursor.guard
              : prefix.equals(shipped);
          let chunks = 0;
          for await (const chunk of readBytes(streamAt(path), cursor, { ...readOptions, chunkBytes })) {
            if (chunk.to.kind !== 'bytes') throw new Error('expected a bytes cursor');
            if (cursor !== undefined && !equal) {
              expect(chunk).toMatchObject({ records: 0, last: true });
              expect(chunk.reset).toBeDefined();
              expect(chunk.reset === 'replaced').toBe(cursor.ino !== String(ino));
              cursor = undefined;
              shipped = Buffer.alloc(0);
              continue;
            }
            expect(chunk.reset).toBe(undefined);
            expect(chunk.from).toEqual({ kind: 'bytes', offset: shipped.length });
            const end = shipped.length + chunk.bytes.length;
            expect(content.subarray(shipped.length, end).equals(chunk.bytes)).toBe(true);
            expect(chunk.bytes.length === 0 || chunk.bytes.at(-1) === 10).toBe(true);
            shipped = Buffer.concat([shipped, chunk.bytes]);
            cursor = JSON.parse(JSON.stringify(chunk.to)) as BytesCursor;
            expect(cursor).toMatchObject({ offset: end, ino: String(ino), guard: cursorOf(shipped).guard });
            if (chunk.last) {
              expect(end).toBe(content.lastIndexOf(10) + 1);
              expect(chunk.pending).toBe(content.length - end);
            }
            if (++chunks > stopAfter) break;
          }
          if (cursor)
            expect(await proveBytes(streamAt(path), cursor)).toBe(content.subarray(0, shipped.length).equals(shipped));
        }
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
