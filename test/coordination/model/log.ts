import { create, type Model, type Network, network, newest, world } from './explorer.ts';

export interface LogRules extends Network {
  readonly writers: number;
  /** Mutant: a writer that does not know what became of a slot tries the next. */
  readonly moveOn?: boolean;
}

/** Appending to one log. */
export function logModel(rules: LogRules): Model {
  return {
    initial: world(Array.from({ length: rules.writers }, (_, i) => ({ pc: 'end of log', me: `m${i}` }))),
    isPermanent: true,
    step(branch, actor) {
      if (network(branch, actor, rules)) return;
      if (actor.pc === 'end of log')
        branch((state, a) => create(a, 'log', newest(state, 'log') + 1, { w: a.me }, 'tried'));
      if (actor.pc === 'tried') {
        branch((state, a) => {
          if (a.r === 'won') {
            state.told.sent = [...(state.told.sent ?? []), a.me].sort();
            a.pc = 'end';
          } else if (a.r === 'unknown' && !rules.moveOn) a.pc = 'end';
          else create(a, 'log', a.at + 1, { w: a.me }, 'tried');
        });
      }
    },
    check(state) {
      const slots = state.slots.log ?? {};
      const ids = Object.values(slots).map(({ w }) => w);
      if (newest(state, 'log') !== ids.length) return 'a gap';
      if (new Set(ids).size !== ids.length) return 'a message stands there twice';
      const lost = state.told.sent?.find((id) => !ids.includes(id));
      return lost === undefined ? undefined : `${lost} was acknowledged and is not there`;
    },
  };
}
