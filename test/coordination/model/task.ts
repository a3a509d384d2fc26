import { create, type Model, type Network, network, newest, slotsOf, tell, twice, world } from './explorer.ts';

export interface TaskRules extends Network {
  readonly claimants: number;
  readonly slots: number;
  /** A collector that trims superseded slots. */
  readonly collect?: 'floor first' | 'no floor' | 'delete first';
  /** After a slot is won, the floor is looked at. */
  readonly guard?: boolean;
  /** Mutant: giving a task back removes its slots. */
  readonly releaseDeletes?: boolean;
}

/** Claim, complete and release of one task, where anybody may be thought dead at any time. */
export function taskModel(rules: TaskRules): Model {
  const claimants = Array.from({ length: rules.claimants }, (_, i) => ({ pc: 'read', me: `p${i}` }));
  const collector = rules.collect ? [{ pc: 'collect', me: 'gc' }] : [];
  return {
    initial: world([...claimants, ...collector], { t: { 1: { w: 'add', state: 'open', epoch: 0 } } }),
    isPermanent: !rules.collect && !rules.releaseDeletes,
    step(branch, actor) {
      if (network(branch, actor, rules)) return;
      const { me } = actor;
      switch (actor.pc) {
        case 'read':
        case 'work':
          branch((state, a) => {
            const n = newest(state, 't');
            const task = slotsOf(state, 't')[n];
            const isMine = task?.holder === me && task?.epoch === a.epoch;
            if (n >= rules.slots || task?.state === 'done' || (a.pc === 'work' && !isMine)) a.pc = 'end';
            else if (a.pc === 'read') {
              // Without slots there was no task: an epoch starts again.
              const epoch = Number(task?.epoch ?? 0) + 1;
              create(a, 't', n + 1, { w: `${me} claims`, state: 'held', holder: me, epoch }, 'claimed');
              a.epoch = epoch;
            } else
              create(a, 't', n + 1, { w: `${me} completes`, state: 'done', holder: me, epoch: a.epoch }, 'completed');
          });
          if (actor.pc === 'work') {
            branch((state, a) => {
              const n = newest(state, 't');
              const task = slotsOf(state, 't')[n];
              if (n >= rules.slots || task?.holder !== me || task?.epoch !== a.epoch) a.pc = 'end';
              else if (rules.releaseDeletes) {
                state.slots.t = {};
                a.pc = 'end';
              } else create(a, 't', n + 1, { w: `${me} releases`, state: 'open', epoch: a.epoch }, 'released');
            });
          }
          return;
        case 'claimed':
        case 'completed':
        case 'released':
          branch((state, a) => {
            const isClaim = a.pc === 'claimed';
            // Collected before it was written: not won.
            const isBelow = rules.guard !== false && a.at <= newest(state, 'floor');
            if (a.r === 'unknown') a.pc = 'end';
            else if (a.r === 'lost' || isBelow) a.pc = isClaim ? 'read' : 'work';
            else {
              if (isClaim) tell(state, 'won', String(a.epoch));
              else tell(state, 'ended', String(a.epoch));
              a.pc = isClaim ? 'work' : 'end';
            }
          });
          return;
        case 'collect':
          branch((state, a) => {
            a.upto = newest(state, 't') - 1;
            a.pc = a.upto < 1 ? 'collect' : rules.collect === 'floor first' ? 'raise' : 'delete';
          });
          return;
        case 'raise':
          branch((state, a) => {
            slotsOf(state, 'floor')[a.upto] = { w: 'gc' };
            a.pc = rules.collect === 'delete first' ? 'end' : 'delete';
          });
          return;
        case 'delete':
          branch((state, a) => {
            const lowest = Math.min(...Object.keys(slotsOf(state, 't')).map(Number));
            if (lowest <= a.upto) delete slotsOf(state, 't')[lowest];
            else a.pc = rules.collect === 'delete first' ? 'raise' : 'end';
          });
      }
    },
    check(state) {
      const epoch = twice(state, 'won') ?? twice(state, 'ended');
      return epoch === undefined ? undefined : `epoch ${epoch} was won twice`;
    },
  };
}
