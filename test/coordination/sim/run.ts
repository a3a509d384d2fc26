import { collectGarbage } from '../../../src/coordination/gc.ts';
import { type Message, parseMessage } from '../../../src/coordination/message.ts';
import { CairnError } from '../../../src/errors.ts';
import { floorPath } from '../../../src/store/keys.ts';
import { Log } from '../../../src/store/log.ts';
import { newestNumber, slotSpace } from '../../../src/store/slots.ts';
import type { BucketStore } from '../../../src/store/types.ts';
import { Killed } from '../../mirror/chaos.ts';
import { isLinearizable, type Operation, registerObject, type Sequential, taskObject } from './linear.ts';
import { type Actor, World } from './world.ts';

const refusals: readonly string[] = ['held', 'lost', 'terminal', 'blocked', 'version-differs'];
/** Nothing is known of the outcome, or the process holds nothing more. */
const silences: readonly string[] = ['unknown', 'unavailable', 'session-lost', 'name-in-use'];

/** What one run of the real code did, for tests that it goes where it should. */
export interface Ran {
  readonly operations: number;
  readonly takeovers: number;
  readonly crashes: number;
  readonly unanswered: number;
  readonly sent: number;
}

/**
 * Some agents share one task, one counter, one value and one inbox over a bucket where everything goes wrong,
 * with processes that die at any call and clocks that jump by hours. Then all is quiet, and what they were told
 * must be true. @throws what is not
 */
export async function simulate(seed: number, mutate?: (store: BucketStore) => BucketStore): Promise<Ran> {
  const world = new World(seed, mutate);
  const verify = world.random() < 0.5 ? 'always' : 'stale';
  world.faults = {
    crash: 0.004,
    lost: 0.06,
    late: 0.04,
    twice: 0.04,
    conflict: 0.05,
    busy: 0.02,
    lateMs: world.random() < 0.3 ? 3_000_000 : 60_000,
  };
  const histories = new Map<string, Operation[]>();
  const sent: { readonly text: string; readonly start: number; readonly end: number; readonly n: number }[] = [];
  const got: { readonly text: string; readonly reader: string }[] = [];
  let clock = 0;
  let crashes = 0;

  const born = (name: string) => {
    let jump = 0;
    const offset = () => {
      if (world.random() < 0.01) jump = (world.random() - 0.5) * 8 * 3_600_000;
      return jump;
    };
    return world.actor(name, { ttlMs: 30_000, verify, offset });
  };

  /** Makes a call, and writes down what its caller saw. */
  async function record(
    key: string,
    actor: Actor,
    call: string,
    args: object,
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    const start = clock++;
    const process = await processOf(actor);
    const history = histories.get(key) ?? [];
    histories.set(key, history);
    try {
      const result = await work();
      history.push({ process, start, end: clock++, call, result, ...args });
      return result;
    } catch (error) {
      const code = error instanceof CairnError ? error.code : '';
      if (refusals.includes(code)) {
        history.push({ process, start, end: clock++, call, result: code, ...args });
        return undefined;
      }
      history.push({ process, start, end: Number.POSITIVE_INFINITY, call, ...args });
      throw error;
    }
  }

  async function live(name: string, steps: number): Promise<void> {
    let actor = born(name);
    let epoch: number | undefined;
    for (let step = 0; step < steps; step++) {
      await world.suspend(world.random() < 0.1 ? world.random() * 60_000 : world.random() * 2000);
      try {
        await one();
      } catch (error) {
        const isSilent = error instanceof CairnError && silences.includes(error.code);
        if (!isSilent && !(error instanceof Killed)) throw error;
        if (
          actor.isDead() ||
          (error instanceof CairnError && error.code !== 'unknown' && error.code !== 'unavailable')
        ) {
          if (actor.isDead()) crashes++;
          actor.kill();
          epoch = undefined;
          actor = born(name);
        }
      }
    }
    actor.kill();

    async function one(): Promise<void> {
      const a = actor;
      await a.agents.register();
      const dice = world.random();
      if (dice < 0.35) {
        if (epoch === undefined) {
          epoch = (await record('task', a, 'claim', {}, async () => (await a.tasks.claim('t')).epoch)) as
            | number
            | undefined;
        } else {
          const held = epoch;
          const call = world.random() < 0.1 ? 'complete' : 'release';
          await record('task', a, call, { epoch: held }, async () => {
            await a.tasks[call]('t', { epoch: held });
            return 'ok';
          });
          epoch = undefined;
        }
      } else if (dice < 0.45) {
        await record('task', a, 'show', {}, async () => {
          const { state, epoch: now } = await a.tasks.show('t');
          return `${state} ${now}`;
        });
      } else if (dice < 0.6) {
        await record(
          'counter',
          a,
          'add',
          {},
          async () => (await a.memory.update('counter', (n) => Number(n ?? 0) + 1))?.value,
        );
      } else if (dice < 0.75) {
        const value = clock++;
        await record('value', a, 'read', {}, async () => (await a.memory.get('value'))?.value ?? null);
        if (world.random() < 0.5)
          await record('value', a, 'set', { value }, async () => {
            await a.memory.set('value', value);
            return 'ok';
          });
        else {
          const there = await a.memory.get('value');
          const condition = there === undefined ? { ifAbsent: true } : { ifVersion: there.version };
          await record('value', a, 'cas', { expected: there?.value ?? null, value }, async () => {
            await a.memory.set('value', value, condition);
            return 'ok';
          });
        }
      } else if (dice < 0.9) {
        const start = clock++;
        const text = `${name} ${start}`;
        const { n } = await a.messages.send('reader', text);
        sent.push({ text, start, end: clock++, n });
      } else if (name === 'reader') {
        const { messages } = await a.messages.receive({ limit: 3 }).catch(nothing);
        for (const { text } of messages) got.push({ text, reader: name });
      } else if (world.random() < 0.3) {
        for await (const _ of collectGarbage(coordinationOf(a), { graceMs: 86_400_000 }));
      }
    }
  }

  await world.run(addTask(born));
  const names = ['a', 'b', 'c', 'reader'];
  await world.run(Promise.all(names.map((name) => live(name, 14))));
  world.faults = {};
  await world.pass(4_000_000);

  const object: Record<string, Sequential<unknown>> = {
    task: taskObject as Sequential<unknown>,
    counter: registerObject,
    value: registerObject,
  };
  for (const [key, history] of histories) {
    if (!isLinearizable(history, object[key]!))
      throw new Error(`seed ${seed}: ${key} is not linearizable\n${show(history)}`);
  }
  await world.run(checkMessages(seed, world, sent, got));
  const all = [...histories.values()].flat();
  return {
    operations: all.length,
    takeovers: all.filter(({ call, result }) => call === 'claim' && typeof result === 'number' && result > 1).length,
    crashes,
    unanswered: all.filter(({ end }) => end === Number.POSITIVE_INFINITY).length,
    sent: sent.length,
  };
}

/** Adds the task, whoever dies of it. */
async function addTask(born: (name: string) => Actor): Promise<void> {
  for (;;) {
    const actor = born('first');
    try {
      await actor.tasks.add('t', {}, { idem: 'add' });
      return;
    } catch (error) {
      const isSilent = error instanceof CairnError && silences.includes(error.code);
      if (!isSilent && !(error instanceof Killed)) throw error;
    } finally {
      actor.kill();
    }
  }
}

/** The log has no gap and nothing twice, what was acknowledged stands there in the order in which it was sent, and nothing was handed out twice. */
async function checkMessages(
  seed: number,
  world: World,
  sent: readonly { readonly text: string; readonly start: number; readonly end: number; readonly n: number }[],
  got: readonly { readonly text: string }[],
): Promise<void> {
  const space = slotSpace({
    store: world.store,
    runtime: world.runtime(),
    project: 'p',
    ordered: true,
    verify: 'always',
  });
  const log = new Log<Message>(space, 'messages/=40reader', parseMessage);
  const floor = (await newestNumber(space, floorPath(log.path)))?.n ?? 0;
  const entries = await log.readFrom(floor, 100_000);
  if (floor + entries.length !== (await log.tail())) throw new Error(`seed ${seed}: a gap`);
  const texts = entries.map((entry) => ('value' in entry ? String(entry.value.body) : 'broken'));
  if (new Set(texts).size !== texts.length) throw new Error(`seed ${seed}: a message stands there twice`);
  for (const { text, n } of sent) {
    if (n > floor && texts[n - floor - 1] !== text)
      throw new Error(`seed ${seed}: ${text} was acknowledged and is not at ${n}`);
  }
  for (const one of sent) {
    for (const other of sent) if (one.end < other.start && one.n >= other.n) throw new Error(`seed ${seed}: order`);
  }
  const handed = got.map(({ text }) => text);
  if (new Set(handed).size !== handed.length) throw new Error(`seed ${seed}: handed out twice`);
}

async function processOf(actor: Actor): Promise<string> {
  return (await actor.identity.me()).process;
}

function nothing(error: unknown): { readonly messages: readonly { readonly text: string }[] } {
  if (error instanceof CairnError && error.code === 'nothing-to-do') return { messages: [] };
  throw error;
}

function coordinationOf(actor: Actor) {
  const { space, identity, agent, coordination } = actor;
  return { ...coordination, space, agent, me: () => identity.me(), refresh: () => identity.refresh() };
}

function show(history: readonly Operation[]): string {
  return [...history]
    .sort((a, b) => a.start - b.start)
    .map((operation) => JSON.stringify(operation))
    .join('\n');
}
