import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { compactSession } from '../../src/mirror/compact.ts';
import { listEpochs } from '../../src/mirror/epochs.ts';
import type { MirrorEvent } from '../../src/mirror/mirror.ts';
import type { Preparers } from '../../src/mirror/preparer.ts';
import { readStored } from '../../src/sessions/stored-parts.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { readStream } from './bucket.ts';
import { Chaos, chaoticStore, Killed, seeded } from './chaos.ts';
import { mirror, type RigOptions, testRedactor, testRuntime } from './rig.ts';
import { Source } from './source.ts';

export interface HistoryOptions {
  readonly seed: number;
  readonly mirrors: number;
  readonly steps: number;
  readonly loseState: boolean;
  /** The source changes while a run is under way, not only between runs. */
  readonly during: boolean;
  /** How records are prepared; default: on this thread. */
  readonly preparers?: (pattern: RegExp) => Preparers;
  /** Days go by, cold epochs are packed while mirrors run, and mirrors come back with a state of long ago. */
  readonly compact?: boolean;
}

/**
 * One random history: the source changes, mirrors run, are killed at any step, lose their state; replies
 * are lost and writes land late. At the end all is quiet, and what the bucket holds must be what the
 * source is, and everything else in it something the source once was. Gives how many packs there are.
 */
export async function runHistory(folder: string, o: HistoryOptions): Promise<{ readonly packed: number }> {
  const random = seeded(o.seed);
  const chaos = new Chaos(random);
  const home = join(folder, 'home');
  const projects = join(home, '.claude/projects');
  mkdirSync(projects, { recursive: true });
  const id = '11111111-2222-4333-8444-555555555555';
  const address = { project: 'p', harness: 'claude-code', session: id, stream: 'main' };
  const source = new Source(projects, id, random);
  const clock = testRuntime('store');
  const inner = memoryStore(clock);
  const runtime = testRuntime('r', Date.now() + 3600_000);
  let runs = 0;
  const run = async (mirrorName: string, p: number): Promise<MirrorEvent[]> => {
    const killing = { dead: false, p };
    const name = `${mirrorName}-${++runs}`;
    const ids = testRuntime(name);
    runtime.time += 61_000;
    const pattern = runs % 2 ? /SECRET\d+/g : /SECRET\d(?=\d*)/g;
    const preparers = o.preparers?.(pattern);
    const rig: RigOptions = {
      home,
      // A store that does not tell its time leaves only the look before the write.
      store: chaoticStore(o.compact && random() < 0.5 ? timeless(inner) : inner, chaos, killing),
      stateFolder: join(folder, mirrorName),
      redactor: () => testRedactor(pattern),
      runtime: {
        ...ids,
        now: () => runtime.time,
        monotonic: () => runtime.time,
        random,
        sleep: async () => {},
        // Ids are asked for before every write: a place to die in for the local state too.
        id() {
          if (killing.dead) throw new Killed();
          if (chaos.chance(p / 2)) {
            killing.dead = true;
            throw new Killed();
          }
          return ids.id();
        },
      },
      run: { chunkBytes: 700, concurrency: 1, ...(preparers && { preparers: async () => preparers }) },
    };
    try {
      return await mirror(rig);
    } catch (error) {
      if (error instanceof Killed) return [];
      throw error;
    }
  };
  const compact = async (p: number) => {
    const killing = { dead: false, p };
    try {
      const { stream: _, ...session } = address;
      for await (const event of compactSession(chaoticStore(inner, chaos, killing), session))
        if (event.event === 'problem' || event.event === 'withdrawn') throw new Error(JSON.stringify(event));
    } catch (error) {
      if (error instanceof Killed || (error as { code?: string }).code === 'unavailable') return;
      throw error;
    }
  };
  /** No request is under way for hours. */
  const pass = async (hours: number) => {
    await chaos.landAll();
    clock.time += hours * 3_600_000;
    runtime.time += hours * 3_600_000;
  };
  const backup = (name: string) => join(folder, `${name}.backup`);
  const names = Array.from({ length: o.mirrors }, (_, i) => `mirror${i}`);
  for (let step = 0; step < o.steps; step++) {
    for (let n = Math.floor(random() * 3); n > 0; n--) source.mutate();
    if (o.loseState && random() < 0.1)
      rmSync(join(folder, names[Math.floor(random() * names.length)]!), { recursive: true, force: true });
    chaos.onStep = () => {
      if (o.during && chaos.chance(0.1)) source.mutate();
    };
    const listed = await listEpochs(inner, address);
    let packing: Promise<void> | undefined;
    if (o.compact) {
      const name = names[Math.floor(random() * names.length)]!;
      if (random() < 0.3 && existsSync(join(folder, name)))
        cpSync(join(folder, name), backup(name), { recursive: true });
      else if (random() < 0.2 && existsSync(backup(name))) {
        rmSync(join(folder, name), { recursive: true, force: true });
        cpSync(backup(name), join(folder, name), { recursive: true });
      }
      if (random() < 0.6) {
        await pass(random() * 100);
        packing = compact(random() < 0.5 ? 0.04 : 0);
      }
    }
    const running = names.filter(() => random() < 0.7).map((name) => run(name, 0.04));
    checkEvents((await Promise.all(running)).flat());
    await packing;
    await readStream(inner, address);
    // Who listed before reads all the same.
    for (const epoch of listed) for await (const _ of readStored(inner, address, epoch));
  }
  if (o.compact) await pass(50);
  chaos.calm = true;
  chaos.onStep = () => {};
  await chaos.landAll();
  source.append();
  source.past.push(source.text);
  for (let day = 0; day < 2 && o.compact; day++) {
    await pass(50);
    await compact(0);
  }
  for (const name of names) {
    if (!existsSync(backup(name))) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
    cpSync(backup(name), join(folder, name), { recursive: true });
  }
  for (let round = 0; round < 2; round++) {
    for (const name of names) {
      const events = await run(name, 0);
      expect(events.filter((event) => event.event === 'failed')).toEqual([]);
    }
  }
  const { epochs, heads } = await readStream(inner, {
    project: 'p',
    harness: 'claude-code',
    session: id,
    stream: 'main',
  });
  const redacted = (text: string) => text.replace(/SECRET\d+|\[REDACTED:test\]\d*/g, '#');
  const past = source.past.map(redacted);
  for (const epoch of epochs) {
    if (past.some((text) => text.startsWith(redacted(epoch.text)))) continue;
    const parts = epoch.headers.map(
      (h) => `${h.epoch}/${h.seq} ${h.w} ${JSON.stringify(h.from)} ${JSON.stringify(h.to)} ${JSON.stringify(h.opened)}`,
    );
    throw new Error(
      `epoch ${epoch.epoch} is nothing the source ever was:\n${parts.join('\n')}\n${nearest(past, redacted(epoch.text))}`,
    );
  }
  expect(heads.map((head) => redacted(head.text))).toContain(redacted(source.whole));
  if (o.mirrors === 1 && !o.loseState && !o.compact)
    expect(heads.map((head) => redacted(head.text))).toEqual([redacted(source.whole)]);
  return { packed: (await listEpochs(inner, address)).flatMap(({ packs }) => packs).length };
}

function timeless(store: BucketStore): BucketStore {
  return {
    ...store,
    create: async (key, payload) => ({ ...(await store.create(key, payload)), date: undefined }),
  };
}

/** A run may be killed or left without an answer; nothing else may go wrong. */
function checkEvents(events: readonly MirrorEvent[]): void {
  for (const event of events) {
    if (event.event !== 'failed' || event.cause instanceof Killed) continue;
    const code = (event.cause as { code?: string }).code;
    if (code === 'unknown' || code === 'unavailable' || code === 'not-found' || code === 'ENOENT') continue;
    throw event.cause;
  }
}

/** Where a text leaves the past that it shares most with. */
function nearest(past: readonly string[], text: string): string {
  const common = (other: string) => {
    let n = 0;
    while (n < text.length && text[n] === other[n]) n++;
    return n;
  };
  const best = [...past].sort((a, b) => common(b) - common(a))[0] ?? '';
  const at = common(best);
  return `it goes on with ${JSON.stringify(text.slice(at - 20, at + 400))}\nthe past with ${JSON.stringify(best.slice(at - 20, at + 400))}`;
}
