import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { readBlob } from '../store/blob.ts';
import { slotPath } from '../store/keys.ts';
import { collect } from '../store/payload.ts';
import { type Current, isPresent, Register } from '../store/register.ts';
import type { Slot } from '../store/slots.ts';
import { type ChangeOptions, type Coordination, change, madeBefore } from './coordination.ts';
import { listNewest } from './newest.ts';
import { blobRefSchema, inlineBytes, storeBytes } from './text.ts';

const memorySchema = v.looseObject({
  name: v.string(),
  val: v.optional(v.unknown()),
  blob: v.optional(blobRefSchema),
  deleted: v.optional(v.boolean()),
  /** `text` for what was given as text; otherwise JSON. */
  type: v.optional(v.string()),
});

type Stored = v.InferOutput<typeof memorySchema>;
export const parseMemory = (value: unknown): Stored => v.parse(memorySchema, value);

/** One value of the shared memory. */
export interface MemoryValue {
  readonly name: string;
  readonly value: unknown;
  /** `<slot>.<beginning of its write id>`: what `ifVersion` takes. */
  readonly version: string;
  readonly by: { readonly agent: string; readonly process: string; readonly session?: string | undefined };
  /** By the store's clock, milliseconds since 1970. */
  readonly at: number;
  readonly deleted: boolean;
}

export interface SetOptions extends ChangeOptions {
  /** Only over this version. */
  readonly ifVersion?: string | undefined;
  /** Only where there is no value. */
  readonly ifAbsent?: boolean | undefined;
}

/** What a change of the memory did. */
export interface MemoryChange {
  readonly version: string;
  /** What it replaced; never lost, it is in the history. */
  readonly previous: string | undefined;
}

/** The shared memory of a project: named values with their history. */
export class Memory {
  readonly #c: Coordination;

  constructor(c: Coordination) {
    this.#c = c;
  }

  #register(name: string): Register<Stored> {
    return new Register(this.#c.space, slotPath({ folder: 'memory', names: [name] }), parseMemory);
  }

  /** `undefined` where there is no value, or it was deleted. */
  async get(name: string): Promise<MemoryValue | undefined> {
    const current = await this.#register(name).read();
    return isPresent(current) && !current.value.deleted ? this.#load(current) : undefined;
  }

  /**
   * Sets a value: JSON, or text. Without a condition the last writer wins, and is told what it replaced.
   * @throws CairnError `version-differs` (with the current value), `unknown`
   */
  async set(name: string, value: unknown, options: SetOptions = {}): Promise<MemoryChange> {
    if (value === undefined) throw new CairnError('usage', 'expected a value, got undefined');
    const stored = await this.#store(name, value);
    return this.#write(name, 'set', stored, options);
  }

  /** Deletes a value; its history stays. @throws CairnError `version-differs`, `not-found` */
  async delete(name: string, options: SetOptions = {}): Promise<MemoryChange> {
    return this.#write(name, 'delete', { name, deleted: true }, options);
  }

  /** Changes a value by what it is now: no update of another is lost. `undefined` leaves it as it is. */
  async update(
    name: string,
    next: (value: unknown) => unknown,
    options: ChangeOptions = {},
  ): Promise<MemoryValue | undefined> {
    const write = await change(this.#c, 'set', name, options);
    const register = this.#register(name);
    const before = await madeBefore(register, write, options);
    if (before) return this.#load(before);
    const current = await register.update(async (slot) => {
      const now = isPresent(slot) && !slot.value.deleted ? (await this.#load(slot)).value : undefined;
      const value = next(now);
      return value === undefined ? undefined : this.#store(name, value);
    }, write);
    return isPresent(current) ? this.#load(current) : undefined;
  }

  async #write(name: string, verb: string, value: Stored, options: SetOptions): Promise<MemoryChange> {
    const write = await change(this.#c, verb, name, options);
    const register = this.#register(name);
    const before = await madeBefore(register, write, options);
    if (before) return { version: versionOf(before), previous: before.prev };
    let previous: string | undefined;
    const current = await register.update(async (slot) => {
      await this.#check(name, slot, options);
      if (value.deleted && (!isPresent(slot) || slot.value.deleted)) throw nothing(name);
      previous = isPresent(slot) && !slot.value.deleted ? versionOf(slot) : undefined;
      return { ...value };
    }, write);
    if (!isPresent(current)) throw nothing(name);
    return { version: versionOf(current), previous };
  }

  async #check(name: string, slot: Current<Stored>, { ifVersion, ifAbsent }: SetOptions): Promise<void> {
    const there = isPresent(slot) && !slot.value.deleted ? slot : undefined;
    const version = there && versionOf(there);
    if (ifAbsent && there === undefined) return;
    if (!ifAbsent && (ifVersion === undefined || ifVersion === version)) return;
    const current = there && (await this.#load(there));
    const expected = ifAbsent ? 'no value' : `version ${ifVersion}`;
    throw new CairnError(
      'version-differs',
      `expected ${expected} of ${name}, got ${version ? `version ${version}` : 'none'}`,
      {
        hint: 'look at the current value, then set it with its version',
        details: { current: current && { value: current.value, version: current.version } },
      },
    );
  }

  /** All values whose name is `prefix`, or begins with it and `/`; all without one. Deleted ones are left out. */
  async list(prefix?: string): Promise<readonly MemoryValue[]> {
    const found: MemoryValue[] = [];
    for await (const { slot } of listNewest(this.#c.space, 'memory', parseMemory)) {
      if (slot === undefined || slot.value.deleted) continue;
      const { name } = slot.value;
      if (prefix === undefined || name === prefix || name.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)) {
        found.push(await this.#load(slot));
      }
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Every version that is kept, the newest first. */
  async history(name: string, limit = 100): Promise<readonly MemoryValue[]> {
    const found: MemoryValue[] = [];
    for await (const slot of this.#register(name).history(limit)) found.push(await this.#load(slot));
    if (found.length === 0) throw nothing(name);
    return found;
  }

  async #store(name: string, value: unknown): Promise<Stored> {
    const type = typeof value === 'string' ? 'text' : undefined;
    const json = JSON.stringify(value);
    if (json === undefined) throw new CairnError('usage', `expected a value that JSON can say, got ${typeof value}`);
    const text = this.#c.redact(json);
    const bytes = Buffer.from(text);
    if (bytes.byteLength > inlineBytes) return { name, type, blob: await storeBytes(this.#c.space, bytes) };
    return { name, type, val: JSON.parse(text) };
  }

  async #load(slot: Slot<Stored>): Promise<MemoryValue> {
    const { store, project } = this.#c.space;
    const { name, val, blob, deleted = false } = slot.value;
    const value =
      blob === undefined
        ? val
        : JSON.parse(Buffer.from(await collect(readBlob(store, project, blob))).toString('utf8'));
    return { name, value, version: versionOf(slot), by: slot.by, at: slot.modified, deleted };
  }
}

function versionOf(slot: Slot<Stored>): string {
  return `${slot.n}.${slot.w.slice(0, 8)}`;
}

function nothing(name: string): CairnError {
  return new CairnError('not-found', `expected a value of ${name}, there is none`, {
    hint: '`cairn memory list` shows what is there',
  });
}
