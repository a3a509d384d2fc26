import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { createOnce } from './create-once.ts';
import { parseSlot, slotKey, slotPrefix } from './keys.ts';
import type { BucketStore, StoredObject } from './types.ts';

/** Who writes a slot. */
export interface Author {
  readonly agent: string;
  readonly process: string;
  /** `harness/session` of the transcript in which it happened, where that is known. */
  readonly session?: string | undefined;
}

/** What stands in every slot beside its content. */
export interface SlotHead {
  readonly n: number;
  readonly w: string;
  /** `w` of slot n-1, of a register. */
  readonly prev?: string | undefined;
  readonly by: Author;
  readonly op?: string | undefined;
  /** The writer's clock, for display only. */
  readonly at: string;
}

/** One slot as it was read. It never changes. */
export interface Slot<F> extends SlotHead {
  readonly value: F;
  /** When it was stored, by the store's clock. */
  readonly modified: number;
  /** The moment at which no higher slot had been made. */
  readonly seen: Moment;
}

/** A point in time: `date` is a reading of the store's clock that is not later. */
export interface Moment {
  readonly date: number | undefined;
  readonly monotonic: number;
  readonly wall: number;
}

/** What the registers and logs of one project share. */
export interface SlotSpace {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly project: string;
  /** Lists come in byte order, so the newest slot is the first key. */
  readonly ordered: boolean;
  /** `always`: no clock takes part in any decision about collected slots; costs one LIST a write. */
  readonly verify: 'always' | 'stale';
  /** Newest slots seen so far, by path. */
  readonly known: Map<string, Slot<unknown>>;
  /** Ends of the updates that this process has begun, by path: the next one waits. */
  readonly turns: Map<string, Promise<unknown>>;
  /** What other processes of this host have read. */
  readonly cache?: SlotCache | undefined;
  /** Latest reading of the store's clock. */
  date: number | undefined;
}

/** The newest slots of a folder, by path; `listed` is when a LIST said that each was stored. */
export type CachedSlots = ReadonlyMap<string, Omit<Slot<unknown>, 'seen'> & { readonly listed: number }>;

/**
 * Slots that are kept between processes. They never change, so one that a LIST names again, with the same time, is
 * the same. What comes back may be damaged: it is parsed again.
 */
export interface SlotCache {
  read(folder: string): Promise<CachedSlots>;
  write(folder: string, slots: CachedSlots): Promise<void>;
}

/** Everything that a slot is parsed with. @throws for what is no such content */
export type Parse<F> = (value: unknown) => F;

/** A space with nothing known yet. */
export function slotSpace(
  options: Pick<SlotSpace, 'store' | 'runtime' | 'project' | 'ordered' | 'verify' | 'cache'>,
): SlotSpace {
  return { ...options, known: new Map(), turns: new Map(), date: undefined };
}

const version = 1;
/** Bodies are small, what is large is a blob: nobody is made to load more. */
const largest = 1 << 20;
const rememberedSlots = 10_000;

export function moment(space: SlotSpace): Moment {
  return { date: space.date, monotonic: space.runtime.monotonic(), wall: space.runtime.now() };
}

/** Number of the newest slot under `path`, and when it was stored; `undefined` where there is none. */
export async function newestNumber(
  space: SlotSpace,
  path: string,
): Promise<{ readonly n: number; readonly modified: number; readonly date: number } | undefined> {
  const prefix = slotPrefix(space.project, path);
  let newest: { n: number; modified: number; date: number } | undefined;
  for await (const entry of space.store.list(prefix, space.ordered ? { max: 1 } : {})) {
    if ('prefix' in entry) continue;
    space.date = entry.date;
    const n = parseSlot(prefix, entry.key);
    if (n !== undefined && n > (newest?.n ?? 0)) newest = { n, modified: entry.modified, date: entry.date };
  }
  return newest;
}

/** What stands in slot `n`. `seen` is what the caller knows of the time at which it was the newest. */
export async function readSlot<F>(
  space: SlotSpace,
  path: string,
  n: number,
  parse: Parse<F>,
  seen: Moment,
): Promise<Slot<F> | undefined> {
  const key = slotKey(slotPrefix(space.project, path), n);
  const object = await space.store.get(key);
  if (object === undefined) return undefined;
  space.date = object.date;
  return { ...understand(await readBody(object), key, n, parse), modified: object.modified, seen };
}

/** The slot taken from a body. @throws CairnError `corrupt`, `newer-format` */
function understand<F>(body: Body | undefined, key: string, n: number, parse: Parse<F>): SlotHead & { value: F } {
  if (body !== undefined && typeof body.v === 'number' && body.v > version) {
    throw new CairnError('newer-format', `expected ${key} in version ${version}, got ${body.v}`, {
      hint: 'update cairn on this host',
    });
  }
  try {
    if (body === undefined || !isHead(body, n)) throw new Error('its head is none');
    const { v, n: number, w, prev, by, op, at, ...rest } = body;
    return { n: number, w, prev, by, op, at, value: parse(rest) };
  } catch (cause) {
    throw new CairnError('corrupt', `expected slot ${n} in ${key}, got something else`, {
      hint: 'somebody else wrote it: everyone who may write to the bucket is trusted',
      cause,
    });
  }
}

interface Body extends SlotHead {
  readonly v: number;
}

async function readBody(object: StoredObject): Promise<Body | undefined> {
  if (object.size > largest) {
    object.close();
    return undefined;
  }
  try {
    const body: unknown = JSON.parse(Buffer.from(await object.bytes()).toString('utf8'));
    return body !== null && typeof body === 'object' ? (body as Body) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isHead(body: Body, n: number): boolean {
  const optional = (value: unknown) => value === undefined || typeof value === 'string';
  return (
    body.v === version &&
    body.n === n &&
    typeof body.w === 'string' &&
    typeof body.at === 'string' &&
    typeof body.by?.agent === 'string' &&
    typeof body.by.process === 'string' &&
    optional(body.by.session) &&
    optional(body.prev) &&
    optional(body.op)
  );
}

/** What a writer says of a slot beside its content. */
export interface WriteOptions {
  readonly by: Author;
  /** What is done, for the history: `claim`, `steal`, … */
  readonly op?: string | undefined;
  /** Id of the logical write; default random. The same id is the same write. */
  readonly w?: string | undefined;
}

export type SlotWrite<F> =
  | { readonly outcome: 'won'; readonly slot: Slot<F> }
  /** Taken by `other`; `undefined` where that cannot be understood. */
  | { readonly outcome: 'lost'; readonly other: Slot<F> | undefined };

/**
 * Creates slot `n`, once; at `seen` there was no slot above n-1. Nothing is said of floors.
 * @throws CairnError `unknown` where no answer settled it: no other slot may be tried then
 */
export async function createSlot<F>(
  space: SlotSpace,
  path: string,
  head: { readonly n: number; readonly prev: string | undefined; readonly w: string },
  value: F,
  options: WriteOptions & { readonly parse: Parse<F>; readonly seen: Moment },
): Promise<SlotWrite<F>> {
  const { store, runtime, project } = space;
  const { n, w, prev } = head;
  const { by, op, parse, seen } = options;
  const at = new Date(runtime.now()).toISOString();
  const begun = moment(space);
  const key = slotKey(slotPrefix(project, path), n);
  const bytes = Buffer.from(`${JSON.stringify({ ...value, v: version, n, w, prev, by, op, at })}\n`);
  if (bytes.byteLength > largest) {
    throw new CairnError('too-large', `expected at most ${largest} bytes for ${key}, got ${bytes.byteLength}`);
  }
  const result = await createOnce(store, key, bytes, w, {
    runtime,
    read: async (object) => {
      const body = await readBody(object);
      return { w: typeof body?.w === 'string' ? body.w : '', body, modified: object.modified };
    },
  });
  switch (result.outcome) {
    case 'won':
      space.date = result.date ?? space.date;
      return {
        outcome: 'won',
        slot: { n, w, prev, by, op, at, value, modified: result.date ?? runtime.now(), seen: begun },
      };
    case 'lost': {
      space.date = result.date;
      const { body, modified } = result.other;
      try {
        return { outcome: 'lost', other: { ...understand(body, key, n, parse), modified, seen } };
      } catch (error) {
        if (error instanceof CairnError && error.code === 'corrupt') return { outcome: 'lost', other: undefined };
        throw error;
      }
    }
    case 'unknown':
      throw new CairnError('unknown', `expected an answer to the creation of ${key}, got none that settles it`, {
        hint: 'run the same command again; with --idem KEY, given both times, it cannot happen twice',
        cause: result.cause,
      });
  }
}

/** Keeps the newest slot of a path; the oldest entry makes room. */
export function remember(space: SlotSpace, path: string, slot: Slot<unknown>): void {
  if ((space.known.get(path)?.n ?? 0) > slot.n) return;
  space.known.delete(path);
  space.known.set(path, slot);
  if (space.known.size > rememberedSlots) {
    for (const oldest of space.known.keys()) {
      space.known.delete(oldest);
      break;
    }
  }
}
