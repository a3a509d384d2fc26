import { access, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { byteBudget } from '../../src/mirror/byte-budget.ts';
import type { ProcessTable } from '../../src/mirror/lock.ts';
import { type MirrorEvent, type MirrorRun, mirrorOnce } from '../../src/mirror/mirror.ts';
import { inlinePreparer } from '../../src/mirror/preparer.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { ProjectState } from '../../src/mirror/state-folder.ts';
import type { Fingerprint } from '../../src/redact/memory.ts';
import type { Redactor } from '../../src/redact/types.ts';
import type { Runtime } from '../../src/runtime.ts';
import type { BucketStore } from '../../src/store/types.ts';

/** What tests side by side may need: a container's own place in memory mostly has 64 MiB. */
const roomBytes = 1 << 30;

/** A folder of this test's own, in memory where the system has such a place, with room: thousands of fsyncs otherwise. */
export async function temporaryFolder(): Promise<string> {
  const room = await statfs('/dev/shm').then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  const folder = await mkdtemp(join(room >= roomBytes ? '/dev/shm' : tmpdir(), 'cairn-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands still but for sleeping, and ids in sequence. */
export function testRuntime(prefix = 'w', start = Date.now()): Runtime & { time: number } {
  let ids = 0;
  return {
    time: start,
    now() {
      return this.time;
    },
    monotonic() {
      return this.time;
    },
    async sleep(ms) {
      this.time += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    random: () => 0.5,
    id: () => `${prefix}-${String(++ids).padStart(8, '0')}`,
  };
}

/** Redacts nothing, or what `pattern` matches. */
export function testRedactor(pattern?: RegExp): Redactor {
  return {
    id: pattern ? `test-${pattern.source}` : 'test-nothing',
    redact(block) {
      const text = Buffer.from(block.buffer, block.byteOffset, block.length).toString('latin1');
      let n = 0;
      const redacted = pattern
        ? text.replace(pattern, () => {
            n++;
            return '[REDACTED:test]';
          })
        : text;
      return n === 0
        ? { block, found: {}, images: 0 }
        : { block: Buffer.from(redacted, 'latin1'), found: { test: n }, images: 0 };
    },
    learned: () => [],
  };
}

const processes: ProcessTable = { self: { pid: 1, started: '1', boot: 'b' }, alive: async () => false };

export interface RigOptions {
  readonly store: BucketStore;
  readonly home: string;
  readonly stateFolder: string;
  readonly runtime?: Runtime;
  readonly mirror?: string;
  readonly redactor?: (remembered: readonly Fingerprint[]) => Redactor;
  readonly run?: Partial<MirrorRun>;
}

/** One run of the mirror over everything in `home`, as the program would make it. */
export async function mirrorRun(o: RigOptions): Promise<MirrorRun> {
  const runtime = o.runtime ?? testRuntime();
  const makeRedactor = o.redactor ?? (() => testRedactor());
  const state = await ProjectState.open(o.stateFolder, { bucket: 'memory:', project: 'p' }, runtime, processes);
  return {
    store: o.store,
    runtime,
    project: 'p',
    state,
    key: sourceKey(Buffer.alloc(32, 7)),
    preparers: async () => ({
      redactor: makeRedactor([]).id,
      open: (harness, remembered) => inlinePreparer(harness, makeRedactor(remembered), 3),
    }),
    writer: { mirror: o.mirror ?? state.mirror, host: 'test-host', version: '0.0.0' },
    user: 'Test User',
    compress: 3,
    chunkBytes: 8 << 20,
    minBytes: 0,
    maxWaitMs: 0,
    budget: byteBudget(64 << 20),
    known: async () => true,
    repositoryOf: async () => undefined,
    signal: undefined,
    scope: { harnesses, all: true },
    environment: { env: {}, home: o.home, platform: 'linux' },
    extras: false,
    concurrency: 2,
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ...o.run,
  };
}

export async function mirror(o: RigOptions): Promise<MirrorEvent[]> {
  const events: MirrorEvent[] = [];
  for await (const event of mirrorOnce(await mirrorRun(o))) events.push(event);
  return events;
}
