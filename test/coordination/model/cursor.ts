import {
  type Actor,
  create,
  type Model,
  type Network,
  network,
  newest,
  type State,
  slotsOf,
  tell,
  twice,
  world,
} from './explorer.ts';

export interface CursorRules extends Network {
  /** Processes of one agent; each may be thought dead at any time. */
  readonly consumers: number;
  readonly senders: number;
  /** Senders whose request is answered at once: they get in the way of the others. */
  readonly prompt?: number;
  /** Messages that are there at the start. */
  readonly messages: number;
  readonly ack: 'auto' | 'manual' | 'by position';
  /** Mutant: handed out first, then the cursor moves. */
  readonly printFirst?: boolean;
  /** Removes what the cursor has passed. */
  readonly trim?: 'floor first' | 'no floor';
  /** After a message is stored, the floor is looked at. */
  readonly guard?: boolean;
}

/** Sending, consuming, acknowledging and trimming one channel. */
export function cursorModel(rules: CursorRules): Model {
  const consumers = Array.from({ length: rules.consumers }, (_, i) => ({ pc: 'fetch', me: `c${i}` }));
  const senders = Array.from({ length: rules.senders }, (_, i) => ({ pc: 'send', me: `m${i}` }));
  const prompt = Array.from({ length: rules.prompt ?? 0 }, (_, i) => ({ pc: 'send at once', me: `p${i}` }));
  const trimmer = rules.trim ? [{ pc: 'trim', me: 'gc' }] : [];
  const log = Object.fromEntries(Array.from({ length: rules.messages }, (_, i) => [i + 1, { w: `old${i}` }]));
  const print = (state: State, a: Actor) => {
    for (const id of a.batch) tell(state, 'printed', id);
  };
  const between = (state: State, from: number, upto: number) =>
    Array.from({ length: upto - from }, (_, i) => String(slotsOf(state, 'log')[from + 1 + i]?.w));
  const cursorOf = (state: State) => {
    const n = newest(state, 'cursor');
    const value = (slotsOf(state, 'cursor')[n] ?? { acked: 0 }) as unknown as { acked: number; upto?: number };
    return { n, ...value };
  };
  const endOf = (state: State, from: number) => {
    let n = from;
    while (slotsOf(state, 'log')[n + 1] !== undefined) n++;
    return n;
  };
  return {
    initial: world([...consumers, ...senders, ...prompt, ...trimmer], { log }),
    isPermanent: !rules.trim,
    step(branch, actor, seen) {
      if (network(branch, actor, rules)) return;
      switch (actor.pc) {
        case 'fetch': {
          const cursor = cursorOf(seen);
          const from = Math.max(cursor.acked, newest(seen, 'floor'));
          if (endOf(seen, from) === from) return;
          branch((state, a) => {
            const upto = endOf(state, from);
            Object.assign(a, { from, upto, batch: between(state, from, upto) });
            if (rules.printFirst) print(state, a);
            const value = rules.ack === 'auto' ? { acked: upto } : { acked: from, upto, holder: a.me };
            create(a, 'cursor', cursor.n + 1, { w: `${a.me} fetches`, ...value }, 'fetched');
          });
          return;
        }
        case 'fetched':
          branch((state, a) => {
            // Not `end`, which forgets what the cursor may yet pass.
            a.pc = a.r === 'unknown' ? 'gave up' : 'fetch';
            if (a.r !== 'won') return;
            if (rules.ack === 'auto') {
              if (!rules.printFirst) print(state, a);
              a.pc = 'end';
            } else {
              a.token = a.at;
              a.pc = 'ack';
            }
          });
          return;
        case 'ack':
          branch((state, a) => {
            const cursor = cursorOf(state);
            const isMine = rules.ack === 'by position' ? cursor.acked < a.upto : cursor.n === a.token;
            if (isMine) create(a, 'cursor', cursor.n + 1, { w: `${a.me} acks`, acked: a.upto }, 'acked');
            else a.pc = 'end';
          });
          return;
        case 'acked':
          branch((state, a) => {
            if (a.r === 'won') for (let n = a.from + 1; n <= a.upto; n++) tell(state, 'acked', String(n));
            a.pc = a.r === 'lost' ? 'ack' : 'end';
          });
          return;
        case 'send':
          branch((state, a) => create(a, 'log', newest(state, 'log') + 1, { w: a.me }, 'sent'));
          return;
        case 'send at once':
          branch((state, a) => {
            slotsOf(state, 'log')[Math.max(newest(state, 'log'), newest(state, 'floor')) + 1] = { w: a.me };
            tell(state, 'sent', a.me);
            a.pc = 'end';
          });
          return;
        case 'sent':
          branch((state, a) => {
            const isBelow = rules.guard !== false && a.at <= newest(state, 'floor');
            if (a.r === 'lost') create(a, 'log', a.at + 1, { w: a.me }, 'sent');
            else if (a.r === 'won' && isBelow) {
              const end = Math.max(newest(state, 'log'), newest(state, 'floor'));
              create(a, 'log', end + 1, { w: a.me }, 'sent');
            } else {
              if (a.r === 'won') tell(state, 'sent', a.me);
              a.pc = 'end';
            }
          });
          return;
        case 'trim': {
          // Never the newest.
          const upto = Math.min(cursorOf(seen).acked, newest(seen, 'log') - 1);
          if (upto < 1) return;
          branch((state, a) => {
            if (rules.trim === 'floor first') slotsOf(state, 'floor')[upto] = { w: 'gc' };
            Object.assign(a, { pc: 'delete', upto });
          });
          return;
        }
        case 'delete':
          branch((state, a) => {
            const lowest = Math.min(...Object.keys(slotsOf(state, 'log')).map(Number));
            if (lowest <= a.upto) delete slotsOf(state, 'log')[lowest];
            else a.pc = 'end';
          });
      }
    },
    check(state) {
      const printed = twice(state, 'printed');
      if (rules.ack === 'auto' && printed !== undefined) return `${printed} was handed out twice`;
      const acked = twice(state, 'acked');
      if (acked !== undefined) return `message ${acked} was acknowledged twice`;
      const { acked: passed } = cursorOf(state);
      const above = Object.entries(state.slots.log ?? {}).flatMap(([n, { w }]) => (Number(n) > passed ? [w] : []));
      const known = new Set([...above, ...(state.told.printed ?? []), ...pending(state.actors)]);
      const lost = rules.ack === 'auto' ? state.told.sent?.find((id) => !known.has(id)) : undefined;
      return lost === undefined ? undefined : `${lost} was sent, acknowledged, and is lost`;
    },
  };
}

/** What a consumer holds and is about to hand out, or has given up with an unknown outcome. */
function pending(actors: readonly Actor[]): string[] {
  return actors.flatMap(({ batch }) => batch ?? []);
}
