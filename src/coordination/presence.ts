import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { raiseFloor, readFloor } from '../store/floor.ts';
import { slotKey, slotPath, slotPrefix } from '../store/keys.ts';
import { Register } from '../store/register.ts';
import { type Author, createSlot, moment, newestNumber, type Slot, type SlotSpace } from '../store/slots.ts';
import type { Expiry, LastBeat } from './expiry.ts';

const recordSchema = v.object({
  agent: v.string(),
  host: v.string(),
  boot: v.string(),
  pid: v.number(),
  /** Of the process, by its kernel. */
  started: v.string(),
  ttlMs: v.number(),
  beatMs: v.number(),
  /** `cli`: many short processes under one name. `attached`: one process, which beats by itself. */
  mode: v.picklist(['cli', 'attached']),
  cwd: v.optional(v.string()),
  /** `harness/session` of the transcript. */
  session: v.optional(v.string()),
});

const presenceSchema = v.variant('kind', [
  v.looseObject({ kind: v.picklist(['open', 'beat']), ...recordSchema.entries }),
  v.looseObject({ kind: v.literal('dead'), cause: v.string(), killer: v.optional(v.string()) }),
]);

/** What a process says of itself. */
export type ProcessRecord = v.InferOutput<typeof recordSchema>;
export type LivePresence = ProcessRecord & { readonly kind: 'open' | 'beat' };
/** One heartbeat: the whole record, so that older ones can go. Or the death of the process. */
export type Presence =
  | LivePresence
  | { readonly kind: 'dead'; readonly cause: string; readonly killer?: string | undefined };

export const parsePresence = (value: unknown): Presence => v.parse(presenceSchema, value);

/** Name of a new process: its time to live stands in it, so that a LIST shows who has expired. */
export function processName(agent: string, ttlMs: number, id: string): string {
  return `p${Math.ceil(ttlMs / 1000)}s-${id.slice(0, 16)}-${agent}`;
}

/** Milliseconds without a heartbeat after which a process may be killed. */
export function ttlOf(process: string): number {
  return Number(/^p(\d+)s-/.exec(process)?.[1] ?? 0) * 1000;
}

/** The agent that a process is. */
export function agentOf(process: string): string {
  return /^p\d+s-[^-]*-(.*)$/s.exec(process)?.[1] ?? process;
}

function presencePath(process: string): string {
  return slotPath({ folder: 'presence', names: [process] });
}

/** Whether a process lives, by a LIST: what it last said may be gone already when it is asked for slot by slot. */
export type ProcessState =
  | { readonly state: 'alive' | 'expired'; readonly beat: LastBeat; readonly record: LivePresence }
  | { readonly state: 'dead'; readonly beat: LastBeat | undefined };

/** @throws CairnError `corrupt` */
export async function processState(space: SlotSpace, expiry: Expiry, process: string): Promise<ProcessState> {
  const found = await newestPresence(space, process);
  if (found === undefined) return { state: 'dead', beat: undefined };
  const { beat, slot } = found;
  if (slot.value.kind === 'dead') return { state: 'dead', beat };
  const live = slot.value;
  const isOver =
    expiry.isExpired(process, beat, ttlOf(process)) || (live.mode === 'attached' && (await expiry.isGone(live)));
  return { state: isOver ? 'expired' : 'alive', beat, record: live };
}

async function newestPresence(space: SlotSpace, process: string) {
  const register = new Register(space, presencePath(process), parsePresence);
  for (let attempt = 0; attempt < 10; attempt++) {
    const seen = moment(space);
    const beat = await newestNumber(space, register.path);
    if (beat === undefined) return undefined;
    const slot = await register.at(beat.n, seen);
    if (slot) return { beat, slot };
    // Its owner has beaten meanwhile and removed that one.
  }
  throw new CairnError('unavailable', `expected the newest heartbeat of ${process}, got none that stayed`);
}

/**
 * Kills a process: takes the place of its next heartbeat. Answers whether it is dead. What the slot that
 * was taken says is no proof, it may be one that the owner has passed and removed: only a LIST is.
 * @param force by a person, who knows better than the clock
 */
export async function kill(
  space: SlotSpace,
  expiry: Expiry,
  process: string,
  by: Author,
  options: { readonly force?: boolean } = {},
): Promise<boolean> {
  const now = await processState(space, expiry, process);
  if (now.state === 'dead') return true;
  if (now.state === 'alive' && !options.force) return false;
  await createDead(space, process, now.beat.n + 1, options.force ? 'forced' : 'expired', by);
  return (await processState(space, expiry, process)).state === 'dead';
}

async function createDead(
  space: SlotSpace,
  process: string,
  n: number,
  cause: string,
  by: Author,
): Promise<Slot<Presence> | undefined> {
  const dead: Presence = { kind: 'dead', cause, killer: by.process };
  const head = { n, prev: undefined, w: space.runtime.id() };
  const options = { by, op: cause, parse: parsePresence, seen: moment(space) };
  const written = await createSlot(space, presencePath(process), head, dead, options);
  return written.outcome === 'won' ? written.slot : written.other;
}

/** Marks a process that has been dead for long as collected, and removes its slots, the dead one last. */
export async function collectPresence(space: SlotSpace, process: string, newest: number, by: Author): Promise<void> {
  const path = presencePath(process);
  await raiseFloor(space, path, newest, 'collected', { by, op: 'gc' });
  const prefix = slotPrefix(space.project, path);
  const keys: string[] = [];
  for await (const entry of space.store.list(prefix)) if ('key' in entry) keys.push(entry.key);
  for (const key of keys.reverse()) await space.store.remove(key);
}

/** How a heartbeat went. */
export type BeatResult = 'alive' | 'lost';

/** This process's own heartbeat. */
export class Heartbeat {
  readonly process: string;
  readonly ttlMs: number;
  readonly #space: SlotSpace;
  readonly #record: ProcessRecord;
  readonly #by: Author;
  #n: number;
  #good: { readonly monotonic: number; readonly wall: number } | undefined;

  /** @param n its newest slot, 0 for a process that is to be opened */
  constructor(space: SlotSpace, process: string, record: ProcessRecord, n = 0) {
    this.#space = space;
    this.process = process;
    this.ttlMs = ttlOf(process);
    this.#record = record;
    this.#by = { agent: record.agent, process, session: record.session };
    this.#n = n;
  }

  /** Number of its newest slot. */
  get n(): number {
    return this.#n;
  }

  /** Milliseconds since the last heartbeat that was known to hold, by the faster of both clocks. */
  age(): number {
    const { runtime } = this.#space;
    if (this.#good === undefined) return Number.POSITIVE_INFINITY;
    const wall = runtime.now() - this.#good.wall;
    return Math.max(runtime.monotonic() - this.#good.monotonic, wall);
  }

  /**
   * The first beat. The same `w` opens the same process again.
   * @throws CairnError `session-lost` where it has been killed already, `unknown`
   */
  async open(w: string): Promise<void> {
    const begun = this.#now();
    const written = await this.#create(1, { ...this.#record, kind: 'open' }, w);
    if (written.outcome === 'lost') throw sessionLost(this.process);
    this.#n = 1;
    this.#good = begun;
  }

  /**
   * Says that this process lives: one PUT, which renews all its claims. `lost` is final.
   * @throws CairnError `unknown`, `unavailable`: nothing is known, try again
   */
  async beat(): Promise<BeatResult> {
    const begun = this.#now();
    // One process owns an attached name, so whatever killed it stands in the slot that it would take.
    const isOwner = this.#record.mode === 'attached' && this.age() < this.ttlMs;
    const k = this.#n;
    const written = await this.#create(k + 1, { ...this.#record, kind: 'beat' }, this.#space.runtime.id());
    if (written.outcome === 'won' && isOwner) this.#n = k + 1;
    else if (!(await this.#isAlive())) return 'lost';
    this.#good = begun;
    if (written.outcome === 'won' && k > 1) await this.#trim(k - 1);
    return 'alive';
  }

  /** Ends this process: everything it holds is free at once. */
  async close(): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const slot = await createDead(this.#space, this.process, this.#n + 1, 'closed', this.#by);
      if (slot?.value.kind === 'dead' && this.#record.mode === 'attached') return;
      if (!(await this.#isAlive())) return;
    }
  }

  /** By a LIST; goes on from the newest slot, which may be a sibling's. */
  async #isAlive(): Promise<boolean> {
    const found = await newestPresence(this.#space, this.process);
    if (found === undefined || found.slot.value.kind === 'dead') return false;
    if ((await readFloor(this.#space, presencePath(this.process))) > 0) return false;
    this.#n = found.beat.n;
    return true;
  }

  async #create(n: number, value: Presence, w: string) {
    const options = { by: this.#by, op: value.kind, parse: parsePresence, seen: moment(this.#space) };
    return createSlot(this.#space, presencePath(this.process), { n, prev: undefined, w }, value, options);
  }

  async #trim(n: number): Promise<void> {
    const { store, project } = this.#space;
    // A hint for the size of the folder: what stays is removed by collection.
    await store.remove(slotKey(slotPrefix(project, presencePath(this.process)), n)).catch(() => {});
  }

  #now() {
    const { runtime } = this.#space;
    return { monotonic: runtime.monotonic(), wall: runtime.now() };
  }
}

function sessionLost(process: string): CairnError {
  return new CairnError('session-lost', `expected process ${process} to be alive, but it was declared dead`, {
    hint: 'what it held is free for others; register again',
  });
}
