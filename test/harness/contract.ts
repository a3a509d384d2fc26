import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Cursor,
  emptySummary,
  type Harness,
  type PartRange,
  parseRecord,
  type SessionRef,
  type StreamRef,
} from '../../src/harness/index.ts';
import { all, discovered, key, keyOf, readAll, readOptions, temporaryFolder } from './support.ts';

/** What the suite must know of a harness whose transcripts are JSONL files. */
export interface ContractCase {
  readonly harness: Harness;
  /** Path of a session's transcript below a root, as the agent would name it. */
  transcript(session: string): string;
  /** Another place below the root where the same session may lie. */
  elsewhere(session: string): string;
  /** The first record of a session, and the next ones: JSON objects. */
  first(session: string): object;
  next(session: string, text: string): object;
}

const id = '0c0ffee0-1111-4222-8333-444455556666';

/** Every harness of JSONL files passes these: the mirror relies on each of them. */
export function harnessContract(given: ContractCase): void {
  const { harness } = given;
  const line = (text: string) => `${JSON.stringify(given.next(id, text))}\n`;
  const opening = `${JSON.stringify(given.first(id))}\n`;
  const start = opening + line('one') + line('two');

  function home(content: string | Buffer = start) {
    const root = temporaryFolder();
    const path = join(root, given.transcript(id));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    const other = join(root, given.elsewhere(id));
    mkdirSync(dirname(other), { recursive: true });
    return { root, path, other };
  }

  async function session(root: string): Promise<SessionRef> {
    const [found, ...others] = await discovered(harness, root);
    expect(others).toEqual([]);
    expect(found?.id).toBe(id);
    if (!found) throw new Error('no session');
    return found;
  }

  async function main(root: string): Promise<StreamRef> {
    const stream = (await session(root)).streams.find(({ name }) => name === 'main');
    if (!stream) throw new Error('no main stream');
    return stream;
  }

  async function consumed(root: string): Promise<Cursor> {
    const { cursor } = await readAll(harness, await main(root));
    if (!cursor) throw new Error('nothing was read');
    // As it comes back from the local state.
    return JSON.parse(JSON.stringify(cursor)) as Cursor;
  }

  describe(`harness contract: ${harness.name}`, () => {
    test('says who it is', () => {
      expect(harness.name).toMatch(/^[a-z0-9-]+$/);
      expect(harness.title).not.toBe('');
      expect(harness.seen.length).toBeGreaterThan(0);
      const environment = { env: {}, home: '/home/someone', platform: 'linux' } as const;
      expect(harness.roots(environment).length).toBeGreaterThan(0);
      for (const root of harness.roots(environment)) {
        expect(root.startsWith('/home/someone')).toBe(true);
        for (const path of harness.watched(root)) expect(path.startsWith(root)).toBe(true);
      }
    });

    test('a missing or empty root gives nothing', async () => {
      const root = temporaryFolder();
      expect(await discovered(harness, join(root, 'none'))).toEqual([]);
      expect(await discovered(harness, root)).toEqual([]);
    });

    test('finds a session with its stamps', async () => {
      const { root, path } = home();
      const found = await session(root);
      expect(found.harness).toBe(harness.name);
      expect(found.modified).toBe(Math.floor(statSync(path).mtimeMs));
      const [file] = (await main(root)).files;
      expect(file?.path).toBe(path);
      expect(file?.stamp.size).toBe(start.length);
      expect(harness.watched(root).some((folder) => path.startsWith(folder))).toBe(true);
    });

    test('what cannot be read is reported and stops nothing else', async () => {
      const { root, path } = home();
      const broken = join(dirname(path), 'broken.jsonl');
      writeFileSync(broken, 'no record at all\n');
      symlinkSync(path, join(dirname(path), 'link.jsonl'));
      const problems: string[] = [];
      const report = (problem: { path: string }) => problems.push(problem.path);
      const sessions = await all(harness.discover(root, { report }));
      expect(problems).toEqual([broken]);
      expect(sessions.map((found) => found.streams.map(({ files }) => files.length))).toEqual([[1]]);
    });

    test('reads whole records, then only new ones; a torn tail is pending until its newline', async () => {
      const { root, path } = home();
      const first = await readAll(harness, await main(root));
      expect(first.bytes.toString()).toBe(start);
      expect(first.chunks.at(-1)).toMatchObject({ last: true, pending: 0 });
      const torn = line('three');
      appendFileSync(path, torn.slice(0, 9));
      const second = await readAll(harness, await main(root), first.cursor);
      expect(second).toMatchObject({ pending: 9, reset: undefined });
      expect(second.bytes.length).toBe(0);
      appendFileSync(path, `${torn.slice(9)}${line('four')}x`);
      const third = await readAll(harness, await main(root), second.cursor);
      expect(third.bytes.toString()).toBe(torn + line('four'));
      expect(third.pending).toBe(1);
      const fourth = await readAll(harness, await main(root), third.cursor);
      expect(fourth.bytes.length).toBe(0);
      expect(fourth.chunks.every(({ records }) => records === 0)).toBe(true);
    });

    test('a tail healed by a newline stays as it is, and so do NUL runs and invalid lines', async () => {
      const bad = Buffer.concat([
        Buffer.from(start),
        Buffer.from(`{"torn":"fra\n\0\0\0\0\nnot json\n\n`),
        Buffer.from([0xff, 0xfe, 0x0a]),
      ]);
      const { root } = home(bad);
      const { bytes, chunks } = await readAll(harness, await main(root));
      expect(bytes.equals(bad)).toBe(true);
      expect(chunks.reduce((sum, { records }) => sum + records, 0)).toBe(8);
      const summary = summarised(bytes);
      expect(summary).toMatchObject({ records: 8, invalid: 5 });
    });

    test('chunks join without a seam, whatever their size', async () => {
      const lines = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 30 });
      const property = fc.asyncProperty(lines, fc.integer({ min: 1, max: 2000 }), async (texts, chunkBytes) => {
        const content = Buffer.from(opening + texts.map(line).join(''));
        const { root } = home(content);
        const { chunks, bytes } = await readAll(harness, await main(root), undefined, { chunkBytes });
        rmSync(root, { recursive: true });
        expect(bytes.equals(content)).toBe(true);
        let offset = 0;
        for (const { bytes: part, records, from, to, last } of chunks) {
          expect(from).toEqual({ kind: 'bytes', offset });
          offset += part.length;
          expect(to).toMatchObject({ kind: 'bytes', offset });
          const found = Buffer.from(part).toString().split('\n');
          expect(found.pop()).toBe('');
          expect(records).toBe(found.length);
          if (part.length > chunkBytes) expect(records).toBe(1);
          expect(last).toBe(offset === content.length && to === chunks.at(-1)?.to);
        }
      });
      await fc.assert(property, { numRuns: 40 });
    });

    test('a source that was truncated, rewritten or replaced says so and gives no bytes', async () => {
      const changes = {
        truncated: (path: string) => truncateSync(path, opening.length),
        rewritten: (path: string) => writeFileSync(path, `${start.replace('one', 'eno')}${line('more')}`),
        replaced: (path: string) => {
          writeFileSync(`${path}.new`, `${start.replace('one', 'eno')}${line('more')}`);
          renameSync(`${path}.new`, path);
        },
      };
      for (const [reason, change] of Object.entries(changes)) {
        const { root, path } = home();
        const cursor = await consumed(root);
        const stream = await main(root);
        expect(await harness.prove(stream, cursor)).toBe(true);
        change(path);
        const { chunks, reset, bytes } = await readAll(harness, await main(root), cursor);
        expect(reset).toBe(reason);
        expect(chunks.length).toBe(1);
        expect(bytes.length).toBe(0);
        expect(await harness.prove(await main(root), cursor)).toBe(false);
      }
    });

    test('a file with an equal prefix is the same source, wherever it lies', async () => {
      const moves = {
        renamed: (path: string, other: string) => renameSync(path, other),
        copied: (path: string, other: string) => {
          copyFileSync(path, other);
          rmSync(path);
        },
      };
      for (const move of Object.values(moves)) {
        const { root, path, other } = home();
        const cursor = await consumed(root);
        move(path, other);
        const moved = await readAll(harness, await main(root), cursor);
        expect(moved).toMatchObject({ reset: undefined, cursor: { path: other, offset: start.length } });
        appendFileSync(other, line('three'));
        const { bytes } = await readAll(harness, await main(root), moved.cursor);
        expect(bytes.toString()).toBe(line('three'));
      }
    });

    test('a deleted session is not found; reading it says that it is gone', async () => {
      const { root, path } = home();
      const stream = await main(root);
      rmSync(path);
      expect(await discovered(harness, root)).toEqual([]);
      await expect(readAll(harness, stream)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('of two files of one session a prefix is left out, and anything else is another branch', async () => {
      const { root, path, other } = home();
      copyFileSync(path, other);
      appendFileSync(other, line('three'));
      const prefix = await harness.select(await main(root), undefined);
      expect(prefix.primary.files.map((file) => file.path)).toEqual([other]);
      expect(prefix.others).toEqual([]);
      const { bytes, cursor } = await readAll(harness, await main(root));
      expect(bytes.toString()).toBe(start + line('three'));

      writeFileSync(path, `${start}${line('this is another ending, and a longer one')}`);
      const known = await harness.select(await main(root), cursor);
      expect(known.primary.files.map((file) => file.path)).toEqual([other]);
      expect(known.others.map(({ files }) => files.map((file) => file.path))).toEqual([[path]]);
      expect((await readAll(harness, await main(root), cursor)).reset).toBe(undefined);
      const longest = await harness.select(await main(root), undefined);
      expect(longest.primary.files.map((file) => file.path)).toEqual([path]);
    });

    test('recognises its own parts by their keyed hash, and no others', async () => {
      const { root } = home(start + line('three') + line('x'.repeat(200_000)) + line('four'));
      const stream = await main(root);
      const { chunks } = await readAll(harness, stream, undefined, { chunkBytes: opening.length + 10 });
      expect(chunks.length).toBeGreaterThan(3);
      let previous: Cursor | undefined;
      for (const { from, to, records, source } of chunks) {
        if (to.kind !== 'bytes') throw new Error('expected a bytes stream');
        const part: PartRange = { from, to: { kind: 'bytes', offset: to.offset }, records, source };
        const unread = () => {
          throw new Error('records are not needed');
        };
        const adopt = (change: Partial<PartRange>, known: Cursor | undefined, by = key) =>
          harness.adopt(stream, { ...part, ...change }, { key: by, previous: known, records: unread });
        expect(await adopt({}, previous)).toEqual(to);
        // A range proves nothing of what stands before it.
        expect(await adopt({}, undefined)).toEqual(from.kind === 'bytes' && from.offset === 0 ? to : undefined);
        expect(await adopt({ to: { kind: 'bytes', offset: to.offset + 1_000_000 } }, previous)).toBe(undefined);
        expect(await adopt({}, previous, keyOf('another'))).toBe(undefined);
        if (records > 0) expect(await adopt({ source: '0'.repeat(64) }, previous)).toBe(undefined);
        previous = to;
      }
    });

    test('the summary is bounded and takes whatever comes', () => {
      const names = Object.keys({ ...given.first(id), ...given.next(id, 'x') });
      const property = fc.property(fc.anything({ key: fc.constantFrom(...names, '__proto__', 'type') }), (value) => {
        const before = summarised(Buffer.from(start));
        const after = harness.summarise(before, { stream: 'main', bytes: Buffer.alloc(0), value });
        expect(after.records).toBe(before.records + 1);
        expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
      });
      fc.assert(property);
      const huge = given.next(id, 'x'.repeat(1_000_000));
      let summary = emptySummary;
      for (let count = 0; count < 50; count++) {
        summary = harness.summarise(summary, { stream: 'main', bytes: Buffer.alloc(0), value: huge });
      }
      expect(JSON.stringify(summary).length).toBeLessThan(8192);
    });

    test('a record of an unknown type is counted', () => {
      const odd = Buffer.from(`${start}{"type":"never-heard-of"}\n[]\n17\n`);
      expect(summarised(odd)).toMatchObject({ records: 6, unknown: 3, invalid: 0 });
    });

    test('stops when it is told to', async () => {
      const { root } = home();
      const { chunks } = await readAll(harness, await main(root), undefined, { signal: AbortSignal.abort() });
      expect(chunks).toEqual([]);
    });

    test('sums up what was said', async () => {
      const { root, path } = home();
      expect(readFileSync(path, 'utf8')).toBe(start);
      expect(summarised((await readAll(harness, await main(root), undefined, readOptions)).bytes)).toMatchObject({
        records: 3,
        unknown: 0,
        invalid: 0,
        turns: 2,
        title: 'one',
      });
    });
  });

  function summarised(bytes: Buffer) {
    const lines = bytes.toString('latin1').split('\n').slice(0, -1);
    return lines.reduce((summary, text) => {
      const record = Buffer.from(text, 'latin1');
      return harness.summarise(summary, { stream: 'main', bytes: record, value: parseRecord(record) });
    }, emptySummary);
  }
}
