import type { BucketStore, CreateAnswer } from '../../src/store/types.ts';

/** What a run was stopped with: everything it would have done after that does not happen. */
export class Killed extends Error {}

/** Small seeded generator (mulberry32), so that a failing history can be run again. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Faults of the whole world: what was sent and not answered may still land, at any later step. */
export class Chaos {
  readonly random: () => number;
  readonly #late: (() => Promise<unknown>)[] = [];
  /** Called at every step of every run: the source may change there. */
  onStep: () => void = () => {};
  calm = false;

  constructor(random: () => number) {
    this.random = random;
  }

  chance(p: number): boolean {
    return !this.calm && this.random() < p;
  }

  async step(): Promise<void> {
    for (let n = this.calm ? 0 : Math.floor(this.random() * 4); n > 0; n--)
      await new Promise((resolve) => setImmediate(resolve));
    this.onStep();
    while (this.#late.length > 0 && this.chance(0.3))
      await this.#late.splice(Math.floor(this.random() * this.#late.length), 1)[0]!();
  }

  later(write: () => Promise<unknown>): void {
    this.#late.push(write);
  }

  async landAll(): Promise<void> {
    for (const write of this.#late.splice(0)) await write();
  }
}

/** The store as one run sees it: it may be killed at any call, before or after the call has its effect. */
export function chaoticStore(
  inner: BucketStore,
  chaos: Chaos,
  killing: { dead: boolean; readonly p: number },
): BucketStore {
  const enter = async () => {
    if (killing.dead) throw new Killed();
    await chaos.step();
    if (chaos.chance(killing.p)) {
      killing.dead = true;
      throw new Killed();
    }
  };
  const leave = () => {
    if (killing.dead) throw new Killed();
    if (chaos.chance(killing.p)) {
      killing.dead = true;
      throw new Killed();
    }
  };
  return {
    url: inner.url,
    async create(key, payload): Promise<CreateAnswer> {
      if (killing.dead) throw new Killed();
      await chaos.step();
      if (chaos.chance(killing.p)) {
        // Killed with the request on its way: it never arrives, or some time later.
        killing.dead = true;
        if (chaos.chance(0.6)) chaos.later(() => inner.create(key, payload));
        throw new Killed();
      }
      if (chaos.chance(0.06)) return { outcome: 'conflict', date: undefined };
      if (chaos.chance(0.06)) {
        if (chaos.chance(0.5)) chaos.later(() => inner.create(key, payload));
        return { outcome: 'unknown', date: undefined };
      }
      const answer = await inner.create(key, payload);
      leave();
      if (chaos.chance(0.08)) return { outcome: 'unknown', date: undefined };
      return answer;
    },
    async overwrite(key, payload) {
      await enter();
      await inner.overwrite(key, payload);
    },
    async get(key, options) {
      await enter();
      return inner.get(key, options);
    },
    async *list(prefix, options) {
      await enter();
      yield* inner.list(prefix, options);
    },
    async remove(key) {
      await enter();
      await inner.remove(key);
    },
    close: async () => {},
  };
}
