import type { Runtime } from '../runtime.ts';
import { parseSlotKey, type SlotFolder, slotFolderPrefix } from '../store/keys.ts';
import { moment, readSlot, type SlotSpace, slotSpace } from '../store/slots.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { type CoordinationEvent, eventVersion } from '../trajectory/events.ts';
import type { Json } from '../trajectory/payload.ts';

const folders = [
  'tasks',
  'messages',
  'cursors',
  'memory',
  'artifacts',
  'agents',
] as const satisfies readonly SlotFolder[];

/** A step of the shared state, with the time at which the store took it, milliseconds since 1970. */
export interface SharedStep {
  readonly event: CoordinationEvent;
  readonly stored: number;
}

export interface StepOptions extends RequestOptions {
  readonly runtime: Runtime;
  /** By the store's clock, milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
}

/**
 * What agents did to tasks, messages, memory, artifacts and names: a LIST of each, and a GET for every step within the
 * time asked for. Steps of a register come in its order; what is no step is left out and told.
 */
export async function readSteps(
  store: BucketStore,
  project: string,
  { runtime, since = 0, until = Number.POSITIVE_INFINITY, signal }: StepOptions,
  report: (problem: string) => void,
): Promise<SharedStep[]> {
  const space = slotSpace({ store, runtime, project, ordered: true, verify: 'stale' });
  const reading: Promise<SharedStep | undefined>[] = [];
  for (const folder of folders) {
    for await (const entry of store.list(slotFolderPrefix(project, folder), signal && { signal })) {
      const slot = 'key' in entry ? parseSlotKey(project, entry.key) : undefined;
      if (!slot || !('key' in entry) || entry.modified < since || entry.modified >= until) continue;
      reading.push(
        readStep(space, slot.path, slot.n).catch((error: Error) => {
          report(error.message);
          return undefined;
        }),
      );
    }
  }
  const steps = (await Promise.all(reading)).filter((step) => step !== undefined);
  return steps.sort((a, b) => {
    const [left, right] = [a.event.slot, b.event.slot];
    return left.register === right.register ? left.n - right.n : left.register < right.register ? -1 : 1;
  });
}

async function readStep(space: SlotSpace, register: string, n: number): Promise<SharedStep | undefined> {
  const slot = await readSlot(space, register, n, (value) => value as Json, moment(space));
  if (!slot) return undefined; // collected meanwhile
  const { by, op, at, value, modified } = slot;
  return {
    stored: modified,
    event: {
      v: eventVersion,
      kind: 'coordination',
      slot: { register, n },
      op: op ?? 'write',
      agent: by.agent,
      ...(by.session !== undefined && { session: by.session }),
      time: at,
      value,
    },
  };
}
