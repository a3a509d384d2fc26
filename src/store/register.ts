import { CairnError } from '../errors.ts';
import { standsAboveFloor } from './floor.ts';
import {
  createSlot,
  type Moment,
  moment,
  newestNumber,
  type Parse,
  readSlot,
  remember,
  type Slot,
  type SlotSpace,
  type SlotWrite,
  type WriteOptions,
} from './slots.ts';

/** What is known of a slot may be used for so long without a LIST; collection waits a day. */
const freshMs = 3_600_000;
/** A reader that is further behind asks for the newest slot. */
const steps = 4;

/** Pauses of a writer that was overtaken, milliseconds: random, up to one that doubles each time. */
const shortestPause = 10;
/** A hundred writers of one register then meet about as often as one of them gets through. */
const longestPause = 5000;

/** What a register holds: its newest slot, or nothing at `seen`. */
export type Current<F> = Slot<F> | Absent;

export interface Absent {
  readonly n: 0;
  readonly w?: undefined;
  readonly value?: undefined;
  readonly seen: Moment;
}

export function isPresent<F>(current: Current<F>): current is Slot<F> {
  return current.n > 0;
}

/**
 * A value with a history: immutable numbered slots under a path, the newest of which is the value. A
 * change is the creation of the next slot, which only one writer can do.
 */
export class Register<F extends object> {
  readonly path: string;
  readonly #space: SlotSpace;
  readonly #parse: Parse<F>;

  constructor(space: SlotSpace, path: string, parse: Parse<F>) {
    this.#space = space;
    this.path = path;
    this.#parse = parse;
  }

  /** The newest slot: one GET when it is known, one LIST and one GET otherwise. @throws CairnError `corrupt` */
  async read(): Promise<Current<F>> {
    const known = this.#space.known.get(this.path) as Slot<F> | undefined;
    if (known === undefined || !this.#isFresh(known.seen)) return this.#newest();
    let slot = known;
    for (let step = 0; step < steps; step++) {
      const next = await this.slot(slot.n + 1, known.seen);
      if (next === undefined) {
        remember(this.#space, this.path, slot);
        return slot;
      }
      slot = next;
    }
    return this.#newest();
  }

  async #newest(): Promise<Current<F>> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const seen = moment(this.#space);
      const newest = await newestNumber(this.#space, this.path);
      if (newest === undefined) return { n: 0, seen };
      const slot = await this.at(newest.n, seen);
      if (slot) return slot;
      // Collected between the LIST and the GET, so there is a newer one.
    }
    throw new CairnError('unavailable', `expected the slot of ${this.path} that was listed, got none`, {
      hint: 'run the same command again',
    });
  }

  /** Slot `n`, which a LIST at `seen` gave as the newest: from memory, where it is known. */
  async at(n: number, seen: Moment): Promise<Slot<F> | undefined> {
    const known = this.#space.known.get(this.path) as Slot<F> | undefined;
    const slot = known?.n === n ? { ...known, seen } : await this.slot(n, seen);
    if (slot) remember(this.#space, this.path, slot);
    return slot;
  }

  /** Any slot. @throws CairnError `corrupt` */
  slot(n: number, seen: Moment = moment(this.#space)): Promise<Slot<F> | undefined> {
    return readSlot(this.#space, this.path, n, this.#parse, seen);
  }

  /**
   * Creates the slot after `current`. `lost`: another was faster, and what it wrote is `other`.
   * @throws CairnError `unknown`: it may happen or have happened; the same `w` is safe to try again
   */
  async cas(current: Current<F>, value: F, options: WriteOptions): Promise<SlotWrite<F>> {
    const space = this.#space;
    const n = current.n + 1;
    const head = { n, prev: current.w, w: options.w ?? space.runtime.id() };
    const written = await createSlot(space, this.path, head, value, {
      ...options,
      parse: this.#parse,
      seen: current.seen,
    });
    if (written.outcome === 'lost') {
      if (written.other) remember(space, this.path, written.other);
      return written;
    }
    if (!(await standsAboveFloor(space, this.path, n, current.seen))) {
      space.known.delete(this.path);
      return { outcome: 'lost', other: undefined };
    }
    remember(space, this.path, written.slot);
    return written;
  }

  /**
   * Changes the value until nobody was faster. `change` gives the next value, or `undefined` to leave it
   * (then the answer is what was read); it may be called several times, and must not update the same register.
   */
  update(
    change: (current: Current<F>) => F | undefined | Promise<F | undefined>,
    options: WriteOptions,
  ): Promise<Current<F>> {
    return this.#inTurn(() => this.#update(change, options));
  }

  /** Updates of one process would only be in each other's way. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { turns } = this.#space;
    const turn = (turns.get(this.path) ?? Promise.resolve()).then(work);
    const end = turn
      .catch(() => {})
      .then(() => {
        if (turns.get(this.path) === end) turns.delete(this.path);
      });
    turns.set(this.path, end);
    return turn;
  }

  async #update(
    change: (current: Current<F>) => F | undefined | Promise<F | undefined>,
    options: WriteOptions,
  ): Promise<Current<F>> {
    for (let lost = 1; ; lost++) {
      const current = await this.read();
      const value = await change(current);
      if (value === undefined) return current;
      const written = await this.cas(current, value, options);
      if (written.outcome === 'won') return written.slot;
      const { runtime } = this.#space;
      await runtime.sleep(runtime.random() * Math.min(longestPause, shortestPause * 2 ** lost));
    }
  }

  /** Slots from the newest down, at most `limit`; collected ones are left out. */
  async *history(limit: number): AsyncGenerator<Slot<F>> {
    const newest = await this.#newest();
    if (isPresent(newest)) yield newest;
    for (let n = newest.n - 1; n > Math.max(0, newest.n - limit); n--) {
      const slot = await this.slot(n);
      if (slot === undefined) return;
      yield slot;
    }
  }

  /** The slot that write `w` made, among the newest `depth`: they are read at once. */
  async find(w: string, depth: number): Promise<Slot<F> | undefined> {
    const newest = await this.#newest();
    if (newest.w === w) return newest;
    const count = Math.max(0, Math.min(depth, newest.n) - 1);
    const older = await Promise.all(Array.from({ length: count }, (_, i) => this.slot(newest.n - 1 - i)));
    return older.find((slot) => slot?.w === w);
  }

  #isFresh(seen: Moment): boolean {
    const { runtime } = this.#space;
    const wall = runtime.now() - seen.wall;
    return wall >= 0 && wall < freshMs && runtime.monotonic() - seen.monotonic < freshMs;
  }
}
