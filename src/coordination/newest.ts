import PQueue from 'p-queue';
import { CairnError } from '../errors.ts';
import { parseSlotKey, type SlotFolder, slotFolderPrefix } from '../store/keys.ts';
import { Register } from '../store/register.ts';
import {
  type CachedSlots,
  type Moment,
  moment,
  type Parse,
  remember,
  type Slot,
  type SlotSpace,
} from '../store/slots.ts';
import type { LastBeat } from './expiry.ts';

/** The newest slot of one of many registers. */
export interface Newest<F> {
  /** Of the register, below the project. */
  readonly path: string;
  readonly newest: LastBeat;
  /** When its oldest slot that is still there was stored, by the store's clock. */
  readonly since: number;
  /** `undefined` where it cannot be understood; then `problem` says why. */
  readonly slot: Slot<F> | undefined;
  readonly problem?: string;
}

interface Listed {
  readonly path: string;
  newest: LastBeat;
  oldest: { readonly n: number; readonly modified: number };
}

const parallel = 16;

/**
 * Every register under a folder with its newest slot: one LIST for a thousand slots, one GET for what neither this
 * process nor an earlier one of this host has read.
 */
export async function* listNewest<F extends object>(
  space: SlotSpace,
  folder: SlotFolder,
  parse: Parse<F>,
): AsyncGenerator<Newest<F>> {
  const seen = moment(space);
  // What is encrypted in the bucket is not kept in plain text beside it.
  const cache = (await space.store.sealing?.()) === undefined ? space.cache : undefined;
  const [listed, cached] = await Promise.all([
    listSlots(space, slotFolderPrefix(space.project, folder)),
    cache?.read(folder),
  ]);
  let fetched = 0;
  const queue = new PQueue({ concurrency: parallel });
  const read = async ({ path, newest, oldest }: Listed): Promise<Newest<F> | undefined> => {
    const base = { path, newest, since: oldest.modified };
    try {
      const old = cached?.get(path);
      if (old?.n === newest.n && old.listed === newest.modified) recall(space, path, old, parse, seen);
      if (space.known.get(path)?.n !== newest.n) fetched++;
      const register = new Register(space, path, parse);
      const slot = await register.at(newest.n, seen);
      if (slot) return { ...base, slot };
      const later = await register.read();
      return later.n > 0 ? { ...base, slot: later as Slot<F> } : undefined;
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'corrupt')) throw error;
      return { ...base, slot: undefined, problem: error.message };
    }
  };
  const results = await Promise.all(listed.map((one) => queue.add(() => read(one))));
  if (cache && (fetched > 0 || (cached?.size ?? 0) > listed.length)) await cache.write(folder, cacheOf(results));
  for (const result of results) if (result) yield result;
}

/** A damaged copy is as good as none. */
function recall<F>(
  space: SlotSpace,
  path: string,
  { listed: _, ...slot }: CachedSlots extends ReadonlyMap<string, infer S> ? S : never,
  parse: Parse<F>,
  seen: Moment,
): void {
  try {
    remember(space, path, { ...slot, value: parse(slot.value), seen });
  } catch {
    // It is read from the bucket.
  }
}

function cacheOf(results: readonly (Newest<object> | undefined)[]): CachedSlots {
  const slots = results.flatMap((result) => {
    if (!result?.slot || result.slot.n !== result.newest.n) return [];
    const { seen: _, ...slot } = result.slot;
    return [[result.path, { ...slot, listed: result.newest.modified }] as const];
  });
  return new Map(slots);
}

/** Newest and oldest slot of every register whose keys begin with a prefix. */
export async function listSlots(space: SlotSpace, prefix: string): Promise<readonly Listed[]> {
  const registers = new Map<string, Listed>();
  for await (const entry of space.store.list(prefix)) {
    if ('prefix' in entry) continue;
    const parsed = parseSlotKey(space.project, entry.key);
    if (!parsed) continue;
    space.date = entry.date;
    const { path, n } = parsed;
    const { modified, date } = entry;
    const known = registers.get(path);
    if (known === undefined) registers.set(path, { path, newest: { n, modified, date }, oldest: { n, modified } });
    else if (n > known.newest.n) known.newest = { n, modified, date };
    else if (n < known.oldest.n) known.oldest = { n, modified };
  }
  return [...registers.values()];
}
