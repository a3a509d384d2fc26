import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hermes } from '../../harnesses/hermes.ts';
import { openclaw } from '../../harnesses/openclaw.ts';
import { changeRecord, parseRecord } from '../../src/harness/index.ts';
import type { MirrorEvent } from '../../src/mirror/mirror.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { readStream } from './bucket.ts';
import { Chaos, chaoticStore, Killed, seeded } from './chaos.ts';
import { HermesSource, OpenclawSource } from './database-source.ts';
import { mirror, type RigOptions, testRuntime } from './rig.ts';

export interface DatabaseHistory {
  readonly harness: 'hermes' | 'openclaw';
  readonly seed: number;
  readonly mirrors: number;
  readonly steps: number;
  readonly loseState: boolean;
  /** The database changes while a run is under way, not only between runs. */
  readonly during: boolean;
  /** Runs are killed, replies lost, writes land late. Without it the bucket is compared after every run. */
  readonly faults: boolean;
}

/** One random history of a database and of those who mirror it. */
export async function runDatabaseHistory(folder: string, o: DatabaseHistory): Promise<void> {
  const random = seeded(o.seed);
  const chaos = new Chaos(random);
  chaos.calm = !o.faults;
  const home = join(folder, 'home');
  const source = o.harness === 'hermes' ? new HermesSource(home, random) : new OpenclawSource(home, random);
  await source.open();
  const address = { project: 'p', harness: o.harness, session: 's1', stream: 'main' };
  const inner = memoryStore(testRuntime('store'));
  const runtime = testRuntime('r', Date.now() + 3600_000);
  let runs = 0;
  const run = async (name: string, p: number, end = false): Promise<MirrorEvent[]> => {
    const killing = { dead: false, p };
    const ids = testRuntime(`${name}-${++runs}`);
    runtime.time += 61_000;
    const rig: RigOptions = {
      home,
      store: chaoticStore(inner, chaos, killing),
      stateFolder: join(folder, name),
      runtime: {
        ...ids,
        now: () => runtime.time,
        monotonic: () => runtime.time,
        random,
        sleep: async () => {},
        id() {
          if (killing.dead) throw new Killed();
          if (chaos.chance(p / 2)) {
            killing.dead = true;
            throw new Killed();
          }
          return ids.id();
        },
      },
      run: {
        chunkBytes: 700,
        concurrency: 1,
        scope: { harnesses: [openclaw, hermes], all: true },
        ...(end && { end }),
      },
    };
    try {
      return await mirror(rig);
    } catch (error) {
      if (error instanceof Killed) return [];
      throw error;
    }
  };
  const heads = async () => (await readStream(inner, address)).heads.map(({ text }) => contentOf(o.harness, text));
  const names = Array.from({ length: o.mirrors }, (_, i) => `mirror${i}`);
  const loose: Promise<unknown>[] = [];
  try {
    for (let step = 0; step < o.steps; step++) {
      for (let n = Math.floor(random() * 4); n > 0; n--) await source.mutate();
      if (random() < 0.05) await source.replace();
      if (o.loseState && random() < 0.15)
        rmSync(join(folder, names[Math.floor(random() * names.length)]!), { recursive: true, force: true });
      chaos.onStep = () => {
        if (o.during && random() < 0.1) loose.push(source.mutate());
      };
      if (o.faults) {
        check((await Promise.all(names.filter(() => random() < 0.7).map((name) => run(name, 0.03)))).flat());
        await readStream(inner, address);
      } else {
        for (const name of names) expect((await run(name, 0)).filter(({ event }) => event === 'failed')).toEqual([]);
        // What openclaw changed in place is seen when the session grows, or ends.
        if (o.harness === 'hermes') expect(await heads(), `step ${step}`).toContainEqual(await source.expected());
      }
      await Promise.all(loose);
    }
    chaos.calm = true;
    chaos.onStep = () => {};
    await chaos.landAll();
    await source.run(o.harness === 'hermes' ? 'insert' : 'append');
    for (let round = 0; round < 2; round++) {
      for (const name of names) expect((await run(name, 0)).filter(({ event }) => event === 'failed')).toEqual([]);
    }
    const expected = await source.expected();
    expect(await heads()).toContainEqual(expected);
    if (o.mirrors === 1 && !o.loseState) expect(await heads()).toEqual([expected]);
  } finally {
    await source.close();
  }
}

/** What the records of a stream say that the session is. */
function contentOf(harness: string, latin1: string): unknown {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return harness === 'hermes' ? foldOf(text) : text;
}

export function foldOf(text: string): Readonly<Record<string, unknown>> {
  const rows = new Map<string, unknown>();
  for (const line of text.split('\n').slice(0, -1)) {
    const change = changeRecord(parseRecord(Buffer.from(line)));
    if (change === undefined) throw new Error(`no change: ${line}`);
    if ('put' in change) rows.set(`${change.put} ${JSON.stringify(change.id)}`, change.row);
    else if (!rows.delete(`${change.delete} ${JSON.stringify(change.id)}`))
      throw new Error(`nothing to delete: ${line}`);
  }
  return Object.fromEntries(rows);
}

/** A run may be killed or left without an answer; nothing else may go wrong. */
function check(events: readonly MirrorEvent[]): void {
  for (const event of events) {
    if (event.event !== 'failed' || event.cause instanceof Killed) continue;
    const code = (event.cause as { code?: string }).code;
    if (code === 'unknown' || code === 'unavailable' || code === 'not-found') continue;
    throw event.cause;
  }
}
