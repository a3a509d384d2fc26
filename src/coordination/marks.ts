import * as v from 'valibot';
import { slotPath } from '../store/keys.ts';
import { type Current, isPresent, Register } from '../store/register.ts';
import type { SlotSpace } from '../store/slots.ts';
import { type ChangeOptions, type Coordination, change, madeBefore } from './coordination.ts';
import { listNewest } from './newest.ts';
import { clean } from './text.ts';

const marksSchema = v.looseObject({
  harness: v.string(),
  session: v.string(),
  name: v.optional(v.string()),
  labels: v.record(v.string(), v.string()),
  rating: v.optional(v.number()),
  verdict: v.optional(v.string()),
  notes: v.array(v.string()),
  /** Hidden from lists. */
  archived: v.optional(v.boolean()),
  /** Its objects are removed, and it must not come back. */
  deleted: v.optional(v.boolean()),
});

/** What people say of a session. It lies beside the session, so mirroring it again changes nothing. */
export type SessionMarks = v.InferOutput<typeof marksSchema>;
const parseMarks = (value: unknown): SessionMarks => v.parse(marksSchema, value);

interface MarkedSession {
  readonly harness: string;
  readonly session: string;
}

/** The marks of the sessions of a project. */
export class Marks {
  readonly #c: Coordination;

  constructor(c: Coordination) {
    this.#c = c;
  }

  #register({ harness, session }: MarkedSession): Register<SessionMarks> {
    return new Register(this.#c.space, slotPath({ folder: 'marks', names: [harness, session] }), parseMarks);
  }

  /** Empty ones for a session that nobody has marked. */
  async get(of: MarkedSession): Promise<SessionMarks> {
    return marksOf(of, await this.#register(of).read());
  }

  /**
   * Changes them by what they are now, redacted; no change of another is lost.
   * @throws CairnError `unknown`
   */
  async change(
    of: MarkedSession,
    next: (marks: SessionMarks) => SessionMarks,
    options: ChangeOptions = {},
  ): Promise<SessionMarks> {
    const write = await change(this.#c, 'mark', `${of.harness}/${of.session}`, options);
    const register = this.#register(of);
    const before = await madeBefore(register, write, options);
    return before?.value ?? marksOf(of, await register.update((now) => this.#clean(next(marksOf(of, now))), write));
  }

  /** Of every session that has any. */
  list(): AsyncGenerator<SessionMarks> {
    return listMarks(this.#c.space);
  }

  #clean(marks: SessionMarks): SessionMarks {
    const c = this.#c;
    const { name, labels, verdict, notes } = marks;
    const pairs = Object.entries(labels).map(([key, value]) => [c.redact(key), c.redact(value)]);
    return {
      ...marks,
      name: clean(c, name),
      labels: Object.fromEntries(pairs),
      verdict: clean(c, verdict),
      notes: notes.map((note) => c.redact(note)),
    };
  }
}

function marksOf({ harness, session }: MarkedSession, current: Current<SessionMarks>): SessionMarks {
  return isPresent(current) ? current.value : { harness, session, labels: {}, notes: [] };
}

/** The marks of all sessions that have any: one LIST for a thousand slots, and a GET each. What is no mark is left out. */
export async function* listMarks(space: SlotSpace): AsyncGenerator<SessionMarks> {
  for await (const { slot } of listNewest(space, 'marks', parseMarks)) if (slot) yield slot.value;
}
