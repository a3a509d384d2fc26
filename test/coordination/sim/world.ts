import { silentBells } from '../../../src/coordination/bells.ts';
import type { Coordination } from '../../../src/coordination/coordination.ts';
import { expiryBy } from '../../../src/coordination/expiry.ts';
import { attachedIdentity, type Identity } from '../../../src/coordination/identity.ts';
import { createProject, type Project } from '../../../src/coordination/project.ts';
import { CairnError } from '../../../src/errors.ts';
import type { Runtime } from '../../../src/runtime.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { withRetry } from '../../../src/store/retry.ts';
import { type SlotSpace, slotSpace } from '../../../src/store/slots.ts';
import type { BucketStore, CreateAnswer } from '../../../src/store/types.ts';
import { Killed, seeded } from '../../mirror/chaos.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** How often what goes wrong; all 0 by default. */
export interface Faults {
  /** Of a call: the process dies there. */
  readonly crash?: number;
  /** Of a create: the reply is lost. */
  readonly lost?: number;
  /** Of a create: it arrives later, up to `lateMs`, after the sender has given up. */
  readonly late?: number;
  /** Of a create: it arrives twice, the second time later. */
  readonly twice?: number;
  readonly conflict?: number;
  /** Of any call: 503. */
  readonly busy?: number;
  readonly lateMs?: number;
}

/**
 * A bucket and its users in one virtual time. Every call and every sleep is a point at which anything else
 * may happen; a seed decides what, so a run can be repeated.
 */
export class World {
  readonly random: () => number;
  readonly store: BucketStore;
  /** The store's clock. */
  now = 1_790_000_000_000;
  faults: Faults = {};
  readonly #waiting: { at: number; readonly resume: () => void }[] = [];
  #ids = 0;

  /** @param mutate a store that breaks its word, for tests of what is found */
  constructor(seed: number, mutate: (store: BucketStore) => BucketStore = (store) => store) {
    this.random = seeded(seed);
    this.store = mutate(memoryStore(this.runtime()));
  }

  chance(p: number | undefined): boolean {
    return p !== undefined && this.random() < p;
  }

  /** Goes on at some later step, `ms` of virtual time from now at the earliest. */
  suspend(ms = 0): Promise<void> {
    return new Promise((resume) => this.#waiting.push({ at: this.now + ms, resume }));
  }

  /** A host's clocks; `wall` runs apart by `offset()`. */
  runtime(offset: () => number = () => 0): Runtime {
    const start = this.now;
    return {
      now: () => this.now + offset(),
      monotonic: () => this.now - start,
      sleep: async (ms, signal) => {
        if (signal?.aborted) return;
        let wake = () => {};
        await Promise.race([
          this.suspend(ms),
          new Promise<void>((resolve) => {
            wake = resolve;
            signal?.addEventListener('abort', wake, { once: true });
          }),
        ]);
        signal?.removeEventListener('abort', wake);
      },
      random: this.random,
      id: () => {
        this.#ids++;
        const digits = this.#ids.toString(32).padStart(10, '0');
        return digits.replace(/./g, (digit) => alphabet[Number.parseInt(digit, 32)] ?? '').padEnd(26, 'a');
      },
    };
  }

  /** Lets everything run until `work` has ended. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    for (let steps = 0; ; steps++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver) return over;
      const ready = this.#waiting.filter(({ at }) => at <= this.now);
      if (ready.length === 0) {
        const next = Math.min(...this.#waiting.map(({ at }) => at));
        if (next === Number.POSITIVE_INFINITY) throw new Error('everything waits for something else');
        this.now = next;
        continue;
      }
      if (steps > 200_000) throw new Error('it does not end');
      const chosen = ready[Math.floor(this.random() * ready.length)]!;
      this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
      // A request takes time.
      this.now += 1 + Math.floor(this.random() * 20);
      chosen.resume();
    }
  }

  /** Passes virtual time, in which others run. */
  pass(ms: number): Promise<void> {
    return this.run(this.suspend(ms));
  }

  /** The store as one process sees it. */
  storeFor(process: { dead: boolean }): BucketStore {
    const { store } = this;
    const step = async () => {
      if (process.dead) throw new Killed();
      await this.suspend();
      if (this.chance(this.faults.crash)) process.dead = true;
      if (process.dead) throw new Killed();
      if (this.chance(this.faults.busy)) throw new CairnError('unavailable', 'busy');
    };
    const late = async (ms: number, write: () => Promise<unknown>) => {
      await this.suspend(this.random() * ms);
      await write();
    };
    return {
      url: store.url,
      create: async (key, payload): Promise<CreateAnswer> => {
        if (process.dead) throw new Killed();
        await this.suspend();
        const { crash, lost, late: delayed, twice, conflict, busy, lateMs = 600_000 } = this.faults;
        if (this.chance(crash)) {
          // Killed with the request on its way: it never arrives, or some time later.
          process.dead = true;
          if (this.random() < 0.5) void late(lateMs, () => store.create(key, payload));
          throw new Killed();
        }
        if (process.dead) throw new Killed();
        const silence: CreateAnswer = { outcome: 'unknown', date: undefined };
        if (this.chance(conflict)) return { outcome: 'conflict', date: undefined };
        if (this.chance(busy)) return silence;
        if (this.chance(delayed)) {
          void late(lateMs, () => store.create(key, payload));
          return silence;
        }
        const answer = await store.create(key, payload);
        if (this.chance(twice)) void late(lateMs, () => store.create(key, payload));
        await this.suspend();
        if (this.chance(crash)) process.dead = true;
        if (process.dead) throw new Killed();
        return this.chance(lost) ? silence : answer;
      },
      overwrite: async (key, payload) => {
        await step();
        await store.overwrite(key, payload);
      },
      get: async (key, options) => {
        await step();
        const object = await store.get(key, options);
        await step();
        return object;
      },
      list: async function* (prefix, options) {
        await step();
        const entries = [];
        for await (const entry of store.list(prefix, options)) entries.push(entry);
        await step();
        yield* entries;
      },
      remove: async (key) => {
        await step();
        await store.remove(key);
      },
      close: async () => {},
    };
  }

  /** One agent process, on a host of its own. */
  actor(
    agent: string,
    options: {
      readonly ttlMs?: number;
      readonly verify?: SlotSpace['verify'];
      readonly offset?: () => number;
      readonly session?: string;
    } = {},
  ): Actor {
    const process = { dead: false };
    const runtime = this.runtime(options.offset);
    const store = withRetry(this.storeFor(process), { runtime });
    const space = slotSpace({ store, runtime, project: 'p', ordered: true, verify: options.verify ?? 'stale' });
    const expiry = expiryBy(runtime, { trustClock: true });
    const self = { agent, host: `host-${agent}`, boot: 'b', pid: 1, started: '0', session: options.session };
    const identity = attachedIdentity({ space, expiry, self }, { ttlMs: options.ttlMs ?? 90_000 });
    const coordination = {
      space,
      agent,
      redact: (text: string) => text.replaceAll('SECRET', '***'),
      expiry,
      bells: silentBells,
    };
    const project = createProject({ ...coordination, identity });
    return Object.assign(project, {
      identity,
      space,
      coordination,
      kill: () => {
        process.dead = true;
      },
      isDead: () => process.dead,
    });
  }
}

/** A process, with what a test may do to it. */
export type Actor = Project & {
  readonly identity: Identity;
  readonly space: SlotSpace;
  readonly coordination: Omit<Coordination, 'me' | 'refresh'>;
  kill(): void;
  isDead(): boolean;
};

/** Code of the error that `work` fails with; `ok` where it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (error instanceof CairnError) return error.code;
    throw error;
  }
}
