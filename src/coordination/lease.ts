import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { slotPath } from '../store/keys.ts';
import { isPresent, Register } from '../store/register.ts';
import type { Slot } from '../store/slots.ts';
import { type Coordination, change } from './coordination.ts';
import { agentOf, kill, processState } from './presence.ts';
import { clean } from './text.ts';

const leaseSchema = v.looseObject({
  name: v.string(),
  /** The process that has it; none where it was given back. */
  holder: v.optional(v.string()),
  /** Rises with each holder: the fencing token. */
  epoch: v.number(),
  /** What the holder does with it. */
  note: v.optional(v.string()),
});

type Stored = v.InferOutput<typeof leaseSchema>;
const parseLease = (value: unknown): Stored => v.parse(leaseSchema, value);

/** A lease that somebody holds. */
export interface Lease {
  readonly name: string;
  readonly epoch: number;
  readonly process: string;
  readonly agent: string;
  readonly note?: string | undefined;
  /** When it was taken, by the store's clock, milliseconds since 1970. */
  readonly since: number;
}

export interface LeaseOptions {
  readonly note?: string | undefined;
  /** Also from a holder that lives; it goes on living, and finds its epoch passed. A person's decision. */
  readonly force?: boolean | undefined;
}

/**
 * Things that one process at a time works on and that are no tasks, such as a session that is resumed. A lease lasts
 * as long as its holder's heartbeat; the same rules as for claims hold.
 */
export class Leases {
  readonly #c: Coordination;

  constructor(c: Coordination) {
    this.#c = c;
  }

  #register(name: string): Register<Stored> {
    return new Register(this.#c.space, slotPath({ folder: 'leases', names: [name] }), parseLease);
  }

  /**
   * Takes it; what one holds already is taken again. A holder whose time to live has passed is killed first.
   * @throws CairnError `held`, `unknown`
   */
  async take(name: string, options: LeaseOptions = {}): Promise<Lease> {
    const c = this.#c;
    const write = await change(c, 'take', name, {});
    const note = clean(c, options.note);
    const current = await this.#register(name).update(async ({ value }) => {
      const holder = value?.holder;
      if (holder === write.by.process) return undefined;
      const isFree = holder === undefined || options.force || (await kill(c.space, c.expiry, holder, write.by));
      if (!isFree) throw held(name, holder);
      return { ...value, name, holder: write.by.process, epoch: (value?.epoch ?? 0) + 1, note };
    }, write);
    const lease = isPresent(current) ? leaseOf(current) : undefined;
    if (lease === undefined) throw new CairnError('internal', `expected the lease of ${name}, got none`);
    return lease;
  }

  /** Who has it, and lives. Registers nobody. */
  async holder(name: string): Promise<Lease | undefined> {
    const current = await this.#register(name).read();
    const lease = isPresent(current) ? leaseOf(current) : undefined;
    if (lease === undefined) return undefined;
    const { state } = await processState(this.#c.space, this.#c.expiry, lease.process);
    return state === 'alive' ? lease : undefined;
  }

  /** Gives it back; nothing happens where another has it. */
  async release(name: string): Promise<void> {
    const write = await change(this.#c, 'release', name, {});
    await this.#register(name).update(
      ({ value }) =>
        value?.holder === write.by.process ? { ...value, holder: undefined, note: undefined } : undefined,
      write,
    );
  }
}

function leaseOf({ value, modified }: Slot<Stored>): Lease | undefined {
  const { name, holder, epoch, note } = value;
  return holder === undefined
    ? undefined
    : { name, epoch, process: holder, agent: agentOf(holder), note, since: modified };
}

function held(name: string, holder: string | undefined): CairnError {
  const agent = agentOf(holder ?? '');
  return new CairnError('held', `expected nobody to work on ${name}, but ${agent} does (process ${holder})`, {
    hint: 'wait until it has ended, or go on without asking: --force',
    details: { holder, agent },
  });
}
