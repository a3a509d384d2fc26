import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cursor } from './cursor.ts';
import { linesOf, parseRecord } from './jsonl.ts';
import { positionOf } from './position.ts';
import { emptySummary } from './summary.ts';
import type { Chunk, Harness, ReadOptions, SessionRef, SourceKey, StreamRef } from './types.ts';

/** How an agent writes: what the suite cannot know of it. */
export interface ContractCase {
  readonly harness: Harness;
  /** Makes a session as the agent would, below a new `root`, without a prompt of a person as yet. */
  create(root: string): Promise<ContractSource>;
}

/** One session, and the agent that writes it. */
export interface ContractSource {
  readonly session: string;
  /** A prompt of a person: one record that counts as a turn. */
  prompt(text: string): Promise<void>;
  /** Changes a record that was written before. */
  rewrite(): Promise<void>;
  /** Deletes the session. */
  remove(): Promise<void>;
  close?(): Promise<void>;
}

/** One promise that the mirror relies on. `run` rejects when it is not kept. */
export interface ContractTest {
  readonly name: string;
  run(): Promise<void>;
}

const key: SourceKey = {
  hmac() {
    const hmac = createHmac('sha256', 'a key of the contract');
    return { update: (bytes) => void hmac.update(bytes), digest: () => hmac.digest('hex') };
  },
};

/** Every promise of a harness, for any test runner: `for (const { name, run } of harnessContract(…)) test(name, run)`. */
export function harnessContract({ harness, create }: ContractCase): readonly ContractTest[] {
  const tests: ContractTest[] = [];
  const promise = (name: string, run: (root: string, source: ContractSource) => Promise<void>) => {
    tests.push({
      name,
      async run() {
        const root = await mkdtemp(join(tmpdir(), 'cairn-contract-'));
        const source = await create(root);
        try {
          for (const text of ['one', 'two', 'three']) await source.prompt(text);
          await run(root, source);
        } finally {
          await source.close?.();
          await rm(root, { recursive: true, force: true });
        }
      },
    });
  };

  async function found(root: string): Promise<readonly SessionRef[]> {
    const problems: unknown[] = [];
    const sessions: SessionRef[] = [];
    for await (const session of harness.discover(root, { report: (problem) => problems.push(problem) })) {
      sessions.push(session);
    }
    assert.deepEqual(problems, []);
    return sessions;
  }

  async function mainOf(root: string, { session }: ContractSource): Promise<StreamRef> {
    const ref = (await found(root)).find(({ id }) => id === session);
    const main = ref?.streams.find(({ name }) => name === 'main');
    assert.ok(main, `expected a main stream of ${session}`);
    return main;
  }

  promise('says who it is', async () => {
    assert.match(harness.name, /^[a-z0-9][a-z0-9-]*$/);
    assert.notEqual(harness.title, '');
    const roots = harness.roots({ env: {}, home: '/home/someone', platform: 'linux' });
    assert.ok(roots.length > 0);
    for (const root of roots) {
      for (const path of harness.watched(root)) assert.ok(path.startsWith(root));
    }
  });

  promise('an empty or missing root gives nothing', async (root) => {
    const empty = await mkdtemp(join(tmpdir(), 'cairn-contract-'));
    assert.deepEqual(await found(empty), []);
    await rm(empty, { recursive: true });
    assert.deepEqual(await found(join(root, 'none')), []);
  });

  promise(
    'finds a session until it is deleted; its stamps change when it grows, and only then',
    async (root, source) => {
      const stamps = async () => JSON.stringify((await mainOf(root, source)).files.map(({ stamp }) => stamp));
      const [session, ...others] = (await found(root)).filter(({ id }) => id === source.session);
      assert.equal(session?.harness, harness.name);
      assert.deepEqual(others, []);
      const before = await stamps();
      assert.equal(await stamps(), before);
      await source.prompt('four');
      assert.notEqual(await stamps(), before);
      await source.remove();
      assert.deepEqual(
        (await found(root)).filter(({ id }) => id === source.session),
        [],
      );
    },
  );

  promise('gives every record once, whatever the chunks, and then only new ones', async (root, source) => {
    const whole = await read(harness, await mainOf(root, source));
    for (const chunkBytes of [1, 300, 8 << 20]) {
      const { bytes, chunks } = await read(harness, await mainOf(root, source), undefined, { chunkBytes });
      assert.deepEqual(bytes, whole.bytes);
      checkChunks(chunks, undefined, await mainOf(root, source));
      for (const chunk of chunks) assert.ok(chunk.bytes.length <= chunkBytes || chunk.records === 1);
    }
    const cursor = JSON.parse(JSON.stringify(whole.cursor)) as Cursor;
    assert.equal((await read(harness, await mainOf(root, source), cursor)).bytes.length, 0);
    await source.prompt('four');
    const more = await read(harness, await mainOf(root, source), cursor);
    checkChunks(more.chunks, cursor, await mainOf(root, source));
    assert.ok(more.bytes.includes('four') && !more.bytes.includes('three'), 'expected the new record, and no old one');
    assert.ok(await harness.prove(await mainOf(root, source), more.cursor as Cursor));
  });

  promise('recognises what it gave, and nothing else', async (root, source) => {
    const main = await mainOf(root, source);
    const { chunks } = await read(harness, main, undefined, { chunkBytes: 300 });
    let previous: Cursor | undefined;
    for (const { bytes, records, from, to, source: hash } of chunks) {
      const part = { from, to: positionOf(to, main.kind), records, source: hash };
      const pieces = async function* () {
        yield bytes;
      };
      const adopted = await harness.adopt(main, part, { key, previous, records: pieces });
      assert.ok(adopted, 'expected a part of this source to be recognised');
      assert.deepEqual(positionOf(adopted, main.kind), part.to);
      if (main.kind === 'bytes' || main.kind === 'rows') {
        const foreign = { ...part, source: '0'.repeat(64) };
        assert.equal(await harness.adopt(main, foreign, { key, previous, records: pieces }), undefined);
      }
      previous = adopted;
    }
    assert.equal((await read(harness, main, previous)).bytes.length, 0);
  });

  promise('a past that was rewritten is never continued', async (root, source) => {
    const { cursor } = await read(harness, await mainOf(root, source));
    assert.ok(cursor);
    await source.rewrite();
    const main = await mainOf(root, source);
    const { chunks, bytes } = await read(harness, main, cursor);
    // A log of changes says what changed; anything else begins again.
    if (main.kind === 'changes') return assert.ok(bytes.length > 0);
    assert.equal(await harness.prove(main, cursor), false);
    assert.equal(chunks.length, 1);
    assert.ok(chunks[0]?.reset);
    assert.equal(bytes.length, 0);
  });

  promise('reads, and never writes', async (root, source) => {
    const before = contentOf(root);
    await read(harness, await mainOf(root, source));
    const after = contentOf(root);
    for (const [path, content] of before) assert.ok(after.get(path)?.equals(content), `expected ${path} as it was`);
    const made = [...after.keys()].filter((path) => !before.has(path));
    assert.deepEqual(made, []);
  });

  promise('stops when it is told to', async (root, source) => {
    const { chunks } = await read(harness, await mainOf(root, source), undefined, { signal: AbortSignal.abort() });
    assert.deepEqual(chunks, []);
  });

  promise('sums up what was said, bounded, whatever comes', async (root, source) => {
    const { bytes, chunks } = await read(harness, await mainOf(root, source));
    let summary = emptySummary;
    for (const line of linesOf(bytes)) {
      summary = harness.summarise(summary, { stream: 'main', bytes: line, value: parseRecord(line) });
    }
    const records = chunks.reduce((sum, chunk) => sum + chunk.records, 0);
    const { turns, invalid, unknown } = summary;
    assert.deepEqual(
      { turns, records: summary.records, invalid, unknown },
      { turns: 3, records, invalid: 0, unknown: 0 },
    );
    const odd: readonly unknown[] = [
      undefined,
      null,
      [],
      {},
      17,
      'text',
      { type: 'never-heard-of' },
      { type: {}, message: null },
    ];
    for (let round = 0; round < 200; round++) {
      for (const value of odd) summary = harness.summarise(summary, { stream: 'main', bytes: new Uint8Array(), value });
    }
    assert.equal(summary.records, records + 200 * odd.length);
    assert.equal(summary.invalid, 200);
    assert.ok(JSON.stringify(summary).length < 16_384);
  });

  return tests;
}

async function read(harness: Harness, stream: StreamRef, cursor?: Cursor, options: Partial<ReadOptions> = {}) {
  const chunks: Chunk[] = [];
  const blob: ReadOptions['blob'] = async ({ stamp }) => ({ sha256: '0'.repeat(64), size: stamp.size });
  for await (const chunk of harness.read(stream, cursor, { key, chunkBytes: 8 << 20, blob, ...options })) {
    chunks.push({ ...chunk, bytes: Buffer.from(chunk.bytes) });
  }
  return { chunks, bytes: Buffer.concat(chunks.map(({ bytes }) => bytes)), cursor: chunks.at(-1)?.to };
}

/** Whole records, each chunk where the one before ended. */
function checkChunks(chunks: readonly Chunk[], cursor: Cursor | undefined, stream: StreamRef): void {
  let at = positionOf(cursor, stream.kind);
  for (const [n, { bytes, records, from, to, last, reset }] of chunks.entries()) {
    assert.equal(reset, undefined);
    assert.deepEqual(from, at);
    assert.equal([...linesOf(bytes)].length, records);
    assert.ok(bytes.length === 0 || bytes.at(-1) === 10, 'expected a chunk to end with a newline');
    assert.equal(last, n === chunks.length - 1);
    at = positionOf(to, stream.kind);
  }
}

/** Every file below a folder, but for the index of a write-ahead log, which is the memory of those who have it open. */
function contentOf(root: string): ReadonlyMap<string, Buffer> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.endsWith('-shm'));
  return new Map(paths.map((path) => [path, readFileSync(path)]));
}
