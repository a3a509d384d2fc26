import PQueue from 'p-queue';
import { CairnError } from '../errors.ts';
import { parseSlotKey, pathNames, type SlotFolder, slotFolderPrefix } from '../store/keys.ts';
import { type Author, moment, readSlot, type SlotSpace } from '../store/slots.ts';
import { parseArtifact } from './artifacts.ts';
import { parseMemory } from './memory.ts';
import { type Message, parseCursor, parseMessage } from './message.ts';
import { parsePresence } from './presence.ts';
import { parseTask, type Task } from './task.ts';

/** What one slot of coordination says happened. */
export type CoordinationEvent = EventHead &
  (
    | { readonly kind: 'task'; readonly task: Task }
    | { readonly kind: 'message'; readonly channel: string; readonly message: Message }
    /** `agent` was handed everything in `channel` up to `upto`: its read follows each of those messages. */
    | { readonly kind: 'read'; readonly agent: string; readonly channel: string; readonly upto: number }
    | { readonly kind: 'memory'; readonly name: string; readonly deleted: boolean }
    | { readonly kind: 'artifact'; readonly name: string; readonly task?: string | undefined }
    | { readonly kind: 'agent'; readonly process: string; readonly state: 'open' | 'dead' }
  );

interface EventHead {
  /** Register or log below the project, and the number of the slot there: the order in it is certain. */
  readonly path: string;
  readonly n: number;
  /** By the store's clock, milliseconds since 1970; whole seconds on some stores. */
  readonly at: number;
  /** What was done: `claim`, `complete`, `send`, `set`, … */
  readonly op?: string | undefined;
  /** Who did it, and in which transcript. */
  readonly by: Author;
}

export interface EventFilter {
  /** Stored in this second or later, milliseconds since 1970: some stores tell no more than seconds. */
  readonly since?: number | undefined;
}

const folders: readonly SlotFolder[] = ['tasks', 'messages', 'cursors', 'memory', 'artifacts', 'presence'];
const parallel = 16;
const page = 256;

/**
 * What agents did, by the time at which it was stored; what stands in one register or log in its own order, whatever
 * that time says. A LIST for a thousand slots of the project, and a GET for each slot that is not too old. What was
 * collected, heartbeats, and what cannot be understood are left out.
 */
export async function* readEvents(space: SlotSpace, filter: EventFilter = {}): AsyncGenerator<CoordinationEvent> {
  const slots = await listed(space, Math.floor((filter.since ?? 0) / 1000) * 1000);
  const queue = new PQueue({ concurrency: parallel });
  for (let i = 0; i < slots.length; i += page) {
    const some = slots.slice(i, i + page);
    const events = await Promise.all(some.map((slot) => queue.add(() => eventOf(space, slot))));
    for (const event of events) if (event) yield event;
  }
}

interface ListedSlot {
  readonly path: string;
  readonly n: number;
  readonly modified: number;
}

async function listed(space: SlotSpace, since: number): Promise<readonly ListedSlot[]> {
  const slots: ListedSlot[] = [];
  for (const folder of folders) {
    for await (const entry of space.store.list(slotFolderPrefix(space.project, folder))) {
      if ('prefix' in entry) continue;
      const slot = parseSlotKey(space.project, entry.key);
      if (slot && entry.modified >= since) slots.push({ ...slot, modified: entry.modified });
    }
  }
  return slots.sort((a, b) => a.modified - b.modified || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.n - b.n));
}

async function eventOf(space: SlotSpace, { path, n, modified }: ListedSlot): Promise<CoordinationEvent | undefined> {
  try {
    const slot = await readSlot(space, path, n, (value) => contentOf(path, value), moment(space));
    if (slot?.value === undefined) return undefined;
    return { path, n, at: modified, op: slot.op, by: slot.by, ...slot.value };
  } catch (error) {
    if (error instanceof CairnError && error.code === 'corrupt') return undefined;
    throw error;
  }
}

type Content = CoordinationEvent extends infer E ? (E extends EventHead ? Omit<E, keyof EventHead> : never) : never;

/** What a slot says; `undefined` for a heartbeat and a cursor that has not moved. */
function contentOf(path: string, value: unknown): Content | undefined {
  const [first, second] = pathNames(path);
  switch (path.slice(0, path.indexOf('/'))) {
    case 'tasks':
      return { kind: 'task', task: parseTask(value) };
    case 'messages':
      return { kind: 'message', channel: first ?? path, message: parseMessage(value) };
    case 'cursors': {
      const { acked, inflight } = parseCursor(value);
      return { kind: 'read', agent: first ?? path, channel: second ?? path, upto: inflight?.upto ?? acked };
    }
    case 'memory': {
      const { name, deleted = false } = parseMemory(value);
      return { kind: 'memory', name, deleted };
    }
    case 'artifacts': {
      const { name, task } = parseArtifact(value);
      return { kind: 'artifact', name, task };
    }
    default: {
      const { kind } = parsePresence(value);
      return kind === 'beat' ? undefined : { kind: 'agent', process: first ?? path, state: kind };
    }
  }
}
