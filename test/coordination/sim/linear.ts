/** One call as its caller saw it; times are steps of one clock. */
export interface Operation {
  readonly process: string;
  readonly start: number;
  /** Infinity where no answer came: it may take effect at any time after `start`, or never. */
  readonly end: number;
  readonly call: string;
  /** Absent where no answer came. */
  readonly result?: unknown;
  readonly [argument: string]: unknown;
}

/** What an object does by itself, one call after the other. */
export interface Sequential<S> {
  readonly initial: S;
  /** State after a call; `undefined` where the call cannot answer so in this state. */
  apply(state: S, operation: Operation): S | undefined;
}

/**
 * Whether the calls can be put in one order that keeps to real time and to what the object does by itself
 * (Wing and Gong, with the states that were tried remembered).
 */
export function isLinearizable<S>(history: readonly Operation[], object: Sequential<S>): boolean {
  const calls = [...history].sort((a, b) => a.start - b.start);
  const tried = new Set<string>();

  function search(done: readonly boolean[], state: S): boolean {
    if (calls.every((call, i) => done[i] || call.end === Number.POSITIVE_INFINITY)) return true;
    const key = `${done.map(Number).join('')} ${JSON.stringify(state)}`;
    if (tried.has(key)) return false;
    tried.add(key);
    // The next one cannot have begun after another, not yet done, had ended.
    const horizon = Math.min(...calls.map((call, i) => (done[i] ? Number.POSITIVE_INFINITY : call.end)));
    return calls.some((call, i) => {
      if (done[i] || call.start > horizon) return false;
      const next = object.apply(state, call);
      return next !== undefined && search(done.with(i, true), next);
    });
  }
  return search(new Array<boolean>(calls.length).fill(false), object.initial);
}

/** A value under compare-and-set: `read`, `set value`, `cas expected value`, `add amount`. */
export const registerObject: Sequential<unknown> = {
  initial: null,
  apply(state, { call, result, value, expected, end }) {
    const isOpen = end === Number.POSITIVE_INFINITY;
    switch (call) {
      case 'read':
        return isOpen || Object.is(result, state) ? state : undefined;
      case 'set':
        return value;
      case 'cas':
        if (isOpen) return expected === state ? value : state;
        if (result === 'ok') return expected === state ? value : undefined;
        return expected === state ? undefined : state;
      case 'add': {
        const sum = Number(state ?? 0) + 1;
        return isOpen || result === sum ? sum : undefined;
      }
      default:
        return undefined;
    }
  },
};

export interface TaskState {
  readonly state: 'open' | 'held' | 'done';
  readonly epoch: number;
  readonly holder: string;
}

/** A task: anybody may be thought dead, so a claim may succeed at any time; but only with the next epoch. */
export const taskObject: Sequential<TaskState> = {
  initial: { state: 'open', epoch: 0, holder: '' },
  apply(state, { call, result, process, epoch, end }) {
    const isOpen = end === Number.POSITIVE_INFINITY;
    const isHolder = state.holder === process && (isOpen || state.epoch === epoch);
    switch (call) {
      case 'claim': {
        const claimed: TaskState = { state: 'held', epoch: state.epoch + 1, holder: process };
        if (isOpen) return state.state === 'done' ? state : claimed;
        if (result === 'terminal') return state.state === 'done' ? state : undefined;
        if (result === 'held') return state.state === 'held' && state.holder !== process ? state : undefined;
        if (state.state === 'held' && state.holder === process && result === state.epoch) return state;
        return state.state !== 'done' && result === claimed.epoch ? claimed : undefined;
      }
      case 'complete':
      case 'release': {
        const next: TaskState =
          call === 'complete' ? { ...state, state: 'done' } : { ...state, state: 'open', holder: '' };
        if (isOpen) return isHolder && state.state === 'held' ? next : state;
        if (result === 'ok') return isHolder && state.state === 'held' ? next : undefined;
        return isHolder && state.state === 'held' ? undefined : state;
      }
      case 'show':
        return isOpen || result === `${state.state} ${state.epoch}` ? state : undefined;
      default:
        return undefined;
    }
  },
};
