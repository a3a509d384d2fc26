import { CairnError } from '../errors.ts';
import { readFloor, standsAboveFloor } from './floor.ts';
import {
  createSlot,
  type Moment,
  moment,
  newestNumber,
  type Parse,
  readSlot,
  type Slot,
  type SlotSpace,
  type WriteOptions,
} from './slots.ts';

/** A reader asks for so many slots at once when it is behind. */
const widest = 16;
/** A writer that lost so often looks for the end. */
const patience = 4;

/** Collection takes nothing that is younger than a day. */
const floorMs = 3_600_000;

/** A slot that cannot be understood keeps its place, so that one bad object never ends a log. */
export type Entry<F> = Slot<F> | { readonly n: number; readonly problem: string };

/** No slot above `n` had been made at `seen`. */
interface End {
  readonly n: number;
  readonly seen: Moment;
}

/**
 * Messages in one order without a gap: slots under a path, each created after the one before was seen.
 */
export class Log<F extends object> {
  readonly path: string;
  readonly #space: SlotSpace;
  readonly #parse: Parse<F>;
  #end: End | undefined;
  #floor: { readonly n: number; readonly at: number } | undefined;

  constructor(space: SlotSpace, path: string, parse: Parse<F>) {
    this.#space = space;
    this.path = path;
    this.#parse = parse;
  }

  /** Number of the last slot, 0 where there is none. */
  async tail(): Promise<number> {
    return (await newestNumber(this.#space, this.path))?.n ?? 0;
  }

  /**
   * Appends once, whatever is lost on the way.
   * @throws CairnError `unknown`: it may happen or have happened
   */
  async append(value: F, options: WriteOptions): Promise<Slot<F>> {
    const space = this.#space;
    const w = options.w ?? space.runtime.id();
    let end = this.#end ?? (await this.#findEnd(0));
    for (let lost = 1; ; lost++) {
      const head = { n: end.n + 1, prev: undefined, w };
      const written = await createSlot(space, this.path, head, value, {
        ...options,
        parse: this.#parse,
        seen: end.seen,
      });
      if (written.outcome === 'lost')
        end = lost % patience === 0 ? await this.#findEnd(end.n + 1) : { n: end.n + 1, seen: end.seen };
      else if (await standsAboveFloor(space, this.path, end.n + 1, end.seen)) {
        this.#end = written.slot;
        return written.slot;
      } else end = await this.#findEnd(end.n + 1); // collected before it was written: every reader has passed that place
    }
  }

  /** The end, which is `least` or higher. The newest slot is never collected, so the floor lies below it. */
  async #findEnd(least: number): Promise<End> {
    const seen = moment(this.#space);
    return { n: Math.max(await this.tail(), least), seen };
  }

  /** Slots after `after`, in order, up to the first that is not there; at most `limit`. */
  async readFrom(after: number, limit: number): Promise<Entry<F>[]> {
    const entries: Entry<F>[] = [];
    for (let width = 1; entries.length < limit; width = Math.min(width * 2, widest)) {
      const first = after + entries.length + 1;
      const count = Math.min(width, limit - entries.length);
      const found = await Promise.all(Array.from({ length: count }, (_, i) => this.read(first + i)));
      const end = found.indexOf(undefined);
      entries.push(...(end === -1 ? found : found.slice(0, end)).filter((entry) => entry !== undefined));
      if (end !== -1) break;
    }
    return entries;
  }

  /** One slot; `undefined` when it is not there. */
  async read(n: number): Promise<Entry<F> | undefined> {
    try {
      return await readSlot(this.#space, this.path, n, this.#parse, moment(this.#space));
    } catch (error) {
      if (error instanceof CairnError && error.code === 'corrupt') return { n, problem: error.message };
      throw error;
    }
  }

  /** Slots up to this number may be gone; looked up once an hour. */
  async floor(): Promise<number> {
    const now = this.#space.runtime.monotonic();
    if (this.#floor === undefined || now - this.#floor.at > floorMs) {
      this.#floor = { n: await readFloor(this.#space, this.path), at: now };
    }
    return this.#floor.n;
  }
}
