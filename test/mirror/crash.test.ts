import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { readStream } from './bucket.ts';
import { Killed } from './chaos.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

const session = '11111111-2222-4333-8444-555555555555';
const address = { project: 'p', harness: 'claude-code', session, stream: 'main' };
const line = (n: number | string) => `${JSON.stringify({ type: 'user', uuid: `u${n}`, sessionId: session })}\n`;

/** Counts the places where a run can be killed: before and after every request, and before every write to the state. */
class Fuse {
  left: number;
  dead = false;
  constructor(places: number) {
    this.left = places;
  }
  burn(): void {
    if (this.left-- === 0) this.dead = true;
    if (this.dead) throw new Killed();
  }
}

function fused(inner: BucketStore, fuse: Fuse): BucketStore {
  return new Proxy(inner, {
    get(target, name: keyof BucketStore) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      if (name === 'list') {
        return async function* (prefix: string) {
          fuse.burn();
          yield* target.list(prefix);
        };
      }
      return async (...all: never[]) => {
        fuse.burn();
        const answer = await (member as (...of: never[]) => Promise<unknown>).apply(target, all);
        fuse.burn();
        return answer;
      };
    },
  });
}

const scenarios: Record<string, (file: string) => string[]> = {
  'a first part': (file) => {
    writeFileSync(file, line(1) + line(2));
    return [line(1) + line(2)];
  },
  growth: (file) => {
    appendFileSync(file, line(3) + line(4));
    return [line('before') + line(3) + line(4)];
  },
  'a rewritten source': (file) => {
    writeFileSync(file, line('other') + line(5));
    return [line('other') + line(5)];
  },
  'a truncated source': (file) => {
    writeFileSync(file, '');
    return [''];
  },
};

describe('stopped', () => {
  it('before anything of a session was read: it is not taken for mirrored', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'home/.claude/projects/-w', `${session}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, line(1));
    const runtime = testRuntime('w', Date.now() + 3_600_000);
    const bucket = memoryStore(runtime);
    const rig = { store: bucket, home: join(folder, 'home'), stateFolder: join(folder, 'state'), runtime };
    const stopping = new AbortController();
    // Whether the bucket knows the session is asked when its stream is opened, just before it is read.
    const known = async () => {
      stopping.abort();
      return false;
    };
    const events = await mirror({ ...rig, run: { signal: stopping.signal, known } });
    expect(events).toMatchObject([{ event: 'found' }, { event: 'session', complete: false }, { remaining: 1 }]);
    expect((await mirror(rig)).map(({ event }) => event)).toContain('part');
    const { heads } = await readStream(bucket, address);
    expect(heads.map(({ text }) => text)).toEqual([line(1)]);
  });
});

describe('killed at every place of a run', () => {
  for (const [name, change] of Object.entries(scenarios)) {
    it(`${name}: the next run loses nothing, repeats nothing, leaves no fork`, async () => {
      let places = 0;
      for (let finished = false; !finished; places++) {
        const folder = await temporaryFolder();
        const file = join(folder, 'home/.claude/projects/-w', `${session}.jsonl`);
        mkdirSync(dirname(file), { recursive: true });
        const runtime = testRuntime('w', Date.now() + 3_600_000);
        const bucket = memoryStore(runtime);
        const rig = { store: bucket, home: join(folder, 'home'), stateFolder: join(folder, 'state'), runtime };
        if (name !== 'a first part') {
          writeFileSync(file, line('before'));
          await mirror(rig);
        }
        const expected = change(file);
        const fuse = new Fuse(places);
        const id = () => {
          fuse.burn();
          return runtime.id();
        };
        const events = await mirror({ ...rig, store: fused(bucket, fuse), runtime: { ...runtime, id } }).catch(
          () => [],
        );
        finished = !fuse.dead;
        if (finished) expect(events.at(-1)).toMatchObject({ event: 'done', failed: 0 });
        runtime.time += 61_000;
        const again = await mirror(rig);
        expect(
          again.filter((event) => event.event === 'failed'),
          `killed at place ${places}`,
        ).toEqual([]);
        const { heads, epochs } = await readStream(bucket, address);
        expect(
          heads.map((head) => head.text),
          `killed at place ${places}`,
        ).toEqual(expected);
        expect(epochs.length, `killed at place ${places}`).toBe(name === 'a first part' || name === 'growth' ? 1 : 2);
        runtime.time += 61_000;
        await mirror(rig);
        expect((await mirror(rig)).at(-1)).toMatchObject({ sessions: 0, idle: 1 });
      }
      expect(places).toBeGreaterThan(6);
    });
  }
});
