import {
  type Actor,
  create,
  type Model,
  type Network,
  network,
  newest,
  type State,
  slotsOf,
  world,
} from './explorer.ts';

export interface PresenceRules extends Network {
  /** Owners that share one process name. */
  readonly owners: number;
  readonly killers: number;
  readonly beats: number;
  /** Whether a heartbeat that was stored is believed without a LIST. */
  readonly beatLists: boolean;
  /** `lost`: also where another's death was met; `always`; `never`. */
  readonly killLists: 'always' | 'not when met' | 'never';
  readonly collect?: 'floor' | 'no floor' | 'floor replaced by the slot before';
  /** Mutant: who is dead is found out slot by slot. */
  readonly probe?: boolean;
}

/** Heartbeats against kills, with the owner's own trimming and late collection. */
export function presenceModel(rules: PresenceRules): Model {
  const owners = Array.from({ length: rules.owners }, (_, i) => ({ pc: 'beat', me: `o${i}`, k: 1, left: rules.beats }));
  const killers = Array.from({ length: rules.killers }, (_, i) => ({ pc: 'look', me: `k${i}` }));
  const collector = rules.collect ? [{ pc: 'collect', me: 'gc' }] : [];
  const confirm = (state: State) => {
    state.told.dead = ['yes'];
  };
  const isDead = (state: State) => slotsOf(state, 'p')[newest(state, 'p')]?.kind === 'dead';
  const told = (state: State, a: Actor, alive: boolean) => {
    if (alive && a.late) state.broken = 'told that it lives by a heartbeat begun after its death was confirmed';
    a.pc = alive && a.left > 0 ? 'beat' : 'end';
  };
  return {
    initial: world([...owners, ...killers, ...collector], { p: { 1: { w: 'open', kind: 'beat' } } }),
    step(branch, actor, seen) {
      if (network(branch, actor, rules)) return;
      switch (actor.pc) {
        case 'beat':
          branch((state, a) => {
            a.late = state.told.dead !== undefined;
            a.left--;
            create(a, 'p', a.k + 1, { w: `${a.me} ${a.left}`, kind: 'beat' }, 'beaten');
          });
          return;
        case 'beaten':
          branch((_state, a) => {
            if (a.r === 'unknown') a.pc = a.left > 0 ? 'beat' : 'end';
            else if (a.r === 'lost' || rules.beatLists) a.pc = 'check';
            else {
              a.k++;
              a.pc = 'trim';
            }
          });
          return;
        case 'check':
          branch((state, a) => {
            const n = newest(state, 'p');
            const isCollected = rules.collect === 'floor' && newest(state, 'floor') > 0;
            const isOrphan =
              rules.collect === 'floor replaced by the slot before' &&
              n > 1 &&
              slotsOf(state, 'p')[n - 1] === undefined;
            if (n === 0 || isDead(state) || isCollected || isOrphan) told(state, a, false);
            else {
              const isWon = a.r === 'won';
              a.k = n;
              if (isWon) a.pc = 'trim';
              else told(state, a, true);
            }
          });
          return;
        case 'trim':
          branch((state, a) => {
            // Not where the floor is replaced by that very slot.
            if (rules.collect !== 'floor replaced by the slot before') delete slotsOf(state, 'p')[a.k - 2];
            told(state, a, true);
          });
          return;
        case 'look':
          branch((state, a) => {
            let n = newest(state, 'p');
            if (rules.probe) {
              n = a.from ?? 1;
              while (slotsOf(state, 'p')[n + 1] !== undefined) n++;
            }
            a.pc = 'end';
            if (slotsOf(state, 'p')[n]?.kind === 'dead') confirm(state);
            else if (n > 0 || rules.probe) create(a, 'p', n + 1, { w: a.me, kind: 'dead' }, 'killed');
          });
          return;
        case 'killed':
          branch((state, a) => {
            const isMet = a.r === 'lost' && a.other === 'dead';
            const isSure = rules.killLists === 'never' || (isMet && rules.killLists === 'not when met') || rules.probe;
            a.pc = 'end';
            if (a.r !== 'won' && !isMet) return;
            if (isSure) confirm(state);
            else a.pc = 'confirm';
          });
          return;
        case 'confirm':
          branch((state, a) => {
            if (newest(state, 'p') === 0 || isDead(state)) confirm(state);
            a.pc = 'end';
          });
          return;
        case 'collect':
          if (!isDead(seen)) return;
          branch((state, a) => {
            if (rules.collect === 'floor') slotsOf(state, 'floor')[newest(state, 'p')] = { w: 'gc' };
            confirm(state);
            a.pc = 'delete';
          });
          return;
        case 'delete':
          branch((state, a) => {
            const all = Object.keys(slotsOf(state, 'p')).map(Number);
            if (all.length === 0) a.pc = 'end';
            else delete slotsOf(state, 'p')[Math.min(...all)];
          });
      }
    },
    check(state) {
      // After collection a late write may lie there: what counts then is what an owner is told.
      if (state.told.dead === undefined || rules.collect || newest(state, 'p') === 0) return undefined;
      return isDead(state) ? undefined : 'declared dead, and lives';
    },
  };
}
