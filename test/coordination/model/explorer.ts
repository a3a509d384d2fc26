/** What is stored under a key: who wrote it, and what the model needs. */
export interface Body {
  readonly w: string;
  readonly [field: string]: unknown;
}

/** One party: where it is in its program, and its variables. */
// biome-ignore lint/suspicious/noExplicitAny: variables of a model, serialised as they are
export type Actor = { pc: string; [variable: string]: any };

/** The whole world. It is serialised to tell states apart, so it holds plain data alone. */
export interface State {
  /** Register or log -> slot -> body. */
  readonly slots: Record<string, Record<number, Body>>;
  /** PUTs that are under way and may arrive at any later time, or never. */
  readonly late: { readonly path: string; readonly n: number; readonly body: Body }[];
  readonly actors: Actor[];
  /** What the parties were told, for the invariants. */
  readonly told: Record<string, string[]>;
  /** Set by a step that breaks a promise. */
  broken?: string;
}

/** Makes one possible next state: changes the copy it is handed. */
export type Branch = (change: (state: State, actor: Actor) => void) => void;

export interface Model {
  readonly initial: State;
  /** No slot is ever removed, so a PUT to one that is there has no effect. */
  readonly isPermanent?: boolean;
  /** Every possible next step of one actor. */
  step(branch: Branch, actor: Actor, state: State): void;
  /** What is wrong with a state; nothing where it is fine. */
  check(state: State): string | undefined;
}

export interface Explored {
  readonly states: number;
  /** The first promise that was found broken, breadth first. */
  readonly broken: string | undefined;
}

/** Visits every state that can be reached, breadth first, up to the first that breaks a promise. */
export function explore(model: Model, most = 2_000_000): Explored {
  const seen = new Set<string>();
  let frontier = [JSON.stringify(model.initial)];
  seen.add(frontier[0] as string);
  while (frontier.length > 0) {
    const next: string[] = [];
    for (const text of frontier) {
      const state = JSON.parse(text) as State;
      const broken = state.broken ?? model.check(state);
      if (broken !== undefined) return { states: seen.size, broken };
      const add = (change: (copy: State) => void) => {
        const copy = JSON.parse(text) as State;
        change(copy);
        const key = JSON.stringify(canonical(copy, model.isPermanent ?? false));
        if (seen.has(key)) return;
        seen.add(key);
        next.push(key);
      };
      for (const i of state.late.keys()) {
        add((copy) => {
          const [put] = copy.late.splice(i, 1);
          if (put) apply(copy, put.path, put.n, put.body);
        });
      }
      for (const [i, actor] of state.actors.entries()) {
        model.step((change) => add((copy) => change(copy, copy.actors[i] as Actor)), actor, state);
      }
      if (seen.size > most) throw new Error(`more than ${most} states`);
    }
    frontier = next;
  }
  return { states: seen.size, broken: undefined };
}

/** The same for all states that go on in the same way: no order where there is none, nothing that has no effect any more. */
function canonical(state: State, isPermanent: boolean): State {
  const late = new Map<string, State['late'][number]>();
  for (const put of state.late) {
    const isMoot = isPermanent && state.slots[put.path]?.[put.n] !== undefined;
    if (!isMoot) late.set(`${put.path} ${put.n} ${put.body.w}`, put);
  }
  const keys = [...late.keys()].sort();
  return {
    ...state,
    late: keys.flatMap((key) => late.get(key) ?? []),
    actors: state.actors.map((actor) => (actor.pc === 'end' ? { pc: 'end' } : { ...actor, call: actor.call })),
  };
}

/** Creates a slot unless it is there. */
function apply(state: State, path: string, n: number, body: Body): boolean {
  const slots = slotsOf(state, path);
  if (slots[n] !== undefined) return false;
  slots[n] = body;
  return true;
}

export function slotsOf(state: State, path: string): Record<number, Body> {
  state.slots[path] ??= {};
  return state.slots[path];
}

/** Number of the newest slot, 0 where there is none. */
export function newest(state: State, path: string): number {
  return Math.max(0, ...Object.keys(state.slots[path] ?? {}).map(Number));
}

/** What of `createOnce` a mutant leaves out. */
export interface Network {
  /** Requests of one logical write. */
  readonly attempts: number;
  /** 409 is answered, too. */
  readonly conflicts?: boolean;
  /** Mutant: a refused condition means that another won. */
  readonly refusedIsLost?: boolean;
  /** Mutant: 409 means that another won. */
  readonly conflictIsLost?: boolean;
}

/** Starts `createOnce`; when it is settled the actor goes on at `then` with `r` and, where it lost, `other`. */
export function create(actor: Actor, path: string, n: number, body: Body, then: string): void {
  Object.assign(actor, { pc: 'put', call: { path, n, body, then, attempt: 1 } });
}

/** The steps of `createOnce`: a PUT arrives at once, or later, or never; whatever is unclear is read back. */
export function network(branch: Branch, actor: Actor, rules: Network): boolean {
  const settle = (a: Actor, r: 'won' | 'lost' | 'unknown', state: State) => {
    const { path, n, body, then } = a.call;
    const there = state.slots[path]?.[n];
    if (r === 'lost' && there === undefined) state.broken = 'told that it lost, to nobody';
    if (r === 'lost' && there?.w === body.w) state.broken = 'told that it lost what it won';
    Object.assign(a, { pc: then, r, at: n, other: r === 'lost' ? there?.kind : undefined, call: undefined });
  };
  if (actor.pc === 'put') {
    branch((state, a) => {
      const { path, n, body } = a.call;
      if (apply(state, path, n, body)) settle(a, 'won', state);
      else if (rules.refusedIsLost) settle(a, 'lost', state);
      else a.pc = 'read back';
    });
    branch((state, a) => {
      const { path, n, body } = a.call;
      state.late.push({ path, n, body });
      a.pc = 'read back';
    });
    if (rules.conflicts) {
      branch((state, a) => {
        if (rules.conflictIsLost) settle(a, 'lost', state);
        else a.pc = 'read back';
      });
    }
    return true;
  }
  if (actor.pc === 'read back') {
    branch((state, a) => {
      const { path, n, body, attempt } = a.call;
      const there = state.slots[path]?.[n];
      if (there !== undefined) settle(a, there.w === body.w ? 'won' : 'lost', state);
      else if (attempt < rules.attempts) {
        a.call.attempt++;
        a.pc = 'put';
      } else settle(a, 'unknown', state);
    });
    return true;
  }
  return false;
}

/** A world of these actors, with these slots. */
export function world(actors: Actor[], slots: State['slots'] = {}): State {
  return { slots, late: [], actors, told: {} };
}

export function tell(state: State, what: string, value: string): void {
  state.told[what] = [...(state.told[what] ?? []), value].sort();
}

/** A value that was told twice. */
export function twice(state: State, what: string): string | undefined {
  const values = state.told[what] ?? [];
  return values.find((value, i) => values.indexOf(value) !== i);
}
