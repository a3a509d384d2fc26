import { createHash } from 'node:crypto';
import type { Register } from '../store/register.ts';
import type { Author, Slot, SlotSpace, WriteOptions } from '../store/slots.ts';
import type { Bells } from './bells.ts';
import type { Expiry } from './expiry.ts';

/** What every operation of coordination works with. */
export interface Coordination {
  readonly space: SlotSpace;
  /** Who acts: registers it where that has not been done, and shows that it is alive where that is due. */
  me(): Promise<Author>;
  /** During a long wait: shows that it is alive where it is registered and that is due. */
  refresh(): Promise<void>;
  /** The name under which this host acts, whether registered or not. */
  readonly agent: string;
  /** Takes secrets out of text that is about to be written, and counts them. */
  redact(text: string): string;
  readonly expiry: Expiry;
  readonly bells: Bells;
}

/** What every change takes. */
export interface ChangeOptions {
  /** The same key means the same change: done once, however often it is asked for. */
  readonly idem?: string | undefined;
}

/** The write id of a change: random, or the same for the same idempotency key. */
function writeId(c: Coordination, verb: string, target: string, { idem }: ChangeOptions): string {
  if (idem === undefined) return c.space.runtime.id();
  return createHash('sha256')
    .update(JSON.stringify([c.space.project, verb, target, idem]))
    .digest('hex')
    .slice(0, 32);
}

/** Author, verb and id of a change, as slots take them. */
export async function change(
  c: Coordination,
  verb: string,
  target: string,
  options: ChangeOptions,
): Promise<WriteOptions & { readonly w: string }> {
  return { by: await c.me(), op: verb, w: writeId(c, verb, target, options) };
}

/** How far back the slot of a repeated change is looked for: as far as collection keeps slots of a task. */
const repeatDepth = 20;

/** The slot that the same change made before, where it has an idempotency key. */
export async function madeBefore<F extends object>(
  register: Register<F>,
  { w }: { readonly w: string },
  { idem }: ChangeOptions,
): Promise<Slot<F> | undefined> {
  return idem === undefined ? undefined : register.find(w, repeatDepth);
}
