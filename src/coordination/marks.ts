import * as v from 'valibot';
import { slotPath } from '../store/keys.ts';
import { isPresent, Register } from '../store/register.ts';
import { type ChangeOptions, type Coordination, change } from './coordination.ts';
import { listNewest } from './newest.ts';

const text = v.pipe(v.string(), v.maxLength(4096));

const marksSchema = v.looseObject({
  harness: text,
  session: text,
  name: v.exactOptional(text),
  /** 1 to 5. */
  rating: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(5))),
  verdict: v.exactOptional(v.picklist(['success', 'partial', 'failure'])),
  tags: v.exactOptional(v.pipe(v.array(text), v.maxLength(100), v.readonly())),
  note: v.exactOptional(text),
  labels: v.exactOptional(v.record(text, text)),
});

/** What people and agents say of a session: kept beside it, so that it survives every re-mirroring. */
export type SessionMarks = Readonly<v.InferOutput<typeof marksSchema>>;

/** A change of marks: what is absent stays, `null` takes away. */
export interface MarksChange {
  readonly name?: string | null;
  readonly rating?: number | null;
  readonly verdict?: 'success' | 'partial' | 'failure' | null;
  readonly note?: string | null;
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
  readonly labels?: Readonly<Record<string, string | null>>;
}

const parseMarks = (value: unknown): SessionMarks => v.parse(marksSchema, value);

/** Marks of the sessions of a project. */
export class Marks {
  readonly #c: Coordination;

  constructor(c: Coordination) {
    this.#c = c;
  }

  async get(harness: string, session: string): Promise<SessionMarks | undefined> {
    const current = await this.#register(harness, session).read();
    return isPresent(current) ? current.value : undefined;
  }

  /** Changes the marks of a session; texts are redacted. No change of another is lost. */
  async set(
    harness: string,
    session: string,
    changes: MarksChange,
    options: ChangeOptions = {},
  ): Promise<SessionMarks> {
    const write = await change(this.#c, 'mark', `${harness}/${session}`, options);
    const current = await this.#register(harness, session).update((slot) => {
      const {
        v: _,
        n: __,
        w: ___,
        prev: ____,
        by: _____,
        op: ______,
        at: _______,
        ...now
      } = isPresent(slot) ? (slot.value as SessionMarks & Readonly<Record<string, unknown>>) : { harness, session };
      return this.#changed({ ...now, harness, session }, changes);
    }, write);
    return isPresent(current) ? current.value : { harness, session };
  }

  /** Of every session that has any, by `harness/session`: one LIST, and one GET a session. */
  async all(): Promise<ReadonlyMap<string, SessionMarks>> {
    const marks = new Map<string, SessionMarks>();
    for await (const { slot } of listNewest(this.#c.space, 'marks', parseMarks)) {
      if (slot) marks.set(`${slot.value.harness}/${slot.value.session}`, slot.value);
    }
    return marks;
  }

  #register(harness: string, session: string): Register<SessionMarks> {
    return new Register(this.#c.space, slotPath({ folder: 'marks', names: [harness, session] }), parseMarks);
  }

  #changed(now: SessionMarks, changes: MarksChange): SessionMarks {
    const { addTags = [], removeTags = [], labels = {}, ...single } = changes;
    const next: Record<string, unknown> = { ...now };
    for (const [field, value] of Object.entries(single)) {
      if (value === null) delete next[field];
      else if (value !== undefined) next[field] = typeof value === 'string' ? this.#c.redact(value) : value;
    }
    const tags = [...new Set([...(now.tags ?? []), ...addTags.map((tag) => this.#c.redact(tag))])];
    next.tags = tags.filter((tag) => !removeTags.includes(tag));
    const kept = { ...now.labels, ...labels };
    next.labels = Object.fromEntries(
      Object.entries(kept).flatMap(([key, value]) => (value === null ? [] : [[key, this.#c.redact(value)]])),
    );
    return parseMarks(next);
  }
}

/** Which marks are asked for: `tag`, `key=value`, `verdict=success`, `rating>=4`, `name=part of it`. */
export function matchesMarks(marks: SessionMarks | undefined, wanted: string): boolean {
  const [, key = '', operator, value = ''] = /^([^=<>]+?)(>=|<=|=)(.*)$/.exec(wanted) ?? [];
  if (marks === undefined) return false;
  if (operator === undefined) return marks.tags?.includes(wanted) ?? false;
  if (key === 'rating') {
    const rating = marks.rating ?? Number.NaN;
    return operator === '='
      ? rating === Number(value)
      : operator === '>='
        ? rating >= Number(value)
        : rating <= Number(value);
  }
  if (key === 'verdict') return marks.verdict === value;
  if (key === 'name') return marks.name?.toLowerCase().includes(value.toLowerCase()) ?? false;
  return marks.labels !== undefined && Object.hasOwn(marks.labels, key) && marks.labels[key] === value;
}
