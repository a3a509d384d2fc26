import type { SlotSpace } from '../store/slots.ts';
import { type AgentView, closeOther, listProcesses } from './agents.ts';
import { Artifacts } from './artifacts.ts';
import type { Coordination } from './coordination.ts';
import { type CoordinationEvent, type EventFilter, readEvents } from './events.ts';
import { type Collected, collectGarbage, type GcOptions } from './gc.ts';
import type { Identity } from './identity.ts';
import { Messages } from './inbox.ts';
import { Leases } from './lease.ts';
import { Marks } from './marks.ts';
import { Memory } from './memory.ts';
import { prime, readStatus, type Status } from './prime.ts';
import { Tasks } from './tasks.ts';

/** Who is here. */
export class Agents {
  readonly #c: Coordination;
  readonly #identity: Identity;

  constructor(c: Coordination, identity: Identity) {
    this.#c = c;
    this.#identity = identity;
  }

  /** Makes this process known under its name, if it is not yet. */
  register() {
    return this.#c.me();
  }

  /** Says that this process lives. @throws CairnError `session-lost` */
  beat(): Promise<void> {
    return this.#identity.beat();
  }

  /** Ends this process: what it holds is free at once. */
  close(): Promise<void> {
    return this.#identity.close();
  }

  /** Ends another process, if it has expired; with `force` in any case. @throws CairnError `held` */
  async end(process: string, options: { readonly force?: boolean } = {}): Promise<void> {
    await closeOther(this.#c.space, this.#c.expiry, process, await this.#c.me(), options.force ?? false);
  }

  /** Processes that have not ended, the freshest first, with their age by the store's clock. */
  list(options?: { readonly dead?: boolean }): Promise<readonly AgentView[]> {
    return listProcesses(this.#c.space, this.#c.expiry, options);
  }
}

/** Everything agents share in one project of a bucket. Nothing is printed. */
export class Project {
  readonly agents: Agents;
  readonly tasks: Tasks;
  readonly messages: Messages;
  readonly memory: Memory;
  readonly artifacts: Artifacts;
  readonly leases: Leases;
  readonly marks: Marks;
  /** The name under which this process acts. */
  readonly agent: string;
  /** Aborted when this process may hold nothing more: stop what acts for its claims. */
  readonly lost: AbortSignal;
  readonly #c: Coordination;
  readonly #identity: Identity;

  constructor(c: Coordination, identity: Identity) {
    this.#c = c;
    this.#identity = identity;
    this.agent = c.agent;
    this.lost = identity.lost;
    this.agents = new Agents(c, identity);
    this.tasks = new Tasks(c);
    this.messages = new Messages(c);
    this.memory = new Memory(c);
    this.artifacts = new Artifacts(c);
    this.leases = new Leases(c);
    this.marks = new Marks(c);
  }

  /** Without registering, and without moving a cursor. */
  status(): Promise<Status> {
    return readStatus(this, { agent: this.agent, project: this.#c.space.project });
  }

  /** At most 40 lines of context for a model. */
  async prime(lines?: number): Promise<string> {
    return prime(await this.status(), lines);
  }

  /** What agents did, in the order of the store's clock. Registers nobody. */
  events(filter?: EventFilter): AsyncIterable<CoordinationEvent> {
    return readEvents(this.#c.space, filter);
  }

  /** Removes what nobody needs, and tells what. */
  gc(options?: GcOptions): AsyncIterable<Collected> {
    return collectGarbage(this.#c, options);
  }

  /** Ends this process if it beats by itself: what it holds is free at once. */
  close(): Promise<void> {
    return this.#identity.close();
  }
}

/** Puts a project together from its parts. */
export function createProject(
  parts: Omit<Coordination, 'me' | 'refresh'> & { readonly identity: Identity; readonly space: SlotSpace },
): Project {
  const { identity, ...rest } = parts;
  return new Project({ ...rest, me: () => identity.me(), refresh: () => identity.refresh() }, identity);
}
