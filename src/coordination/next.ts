import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import type { Slot } from '../store/slots.ts';
import { assess, type Claim, type ClaimOptions, claim, type Known } from './claim.ts';
import type { Coordination } from './coordination.ts';
import { listNewest } from './newest.ts';
import { type ProcessState, processState } from './presence.ts';
import { isTerminal, parseTask, type Task, type TaskView, taskView } from './task.ts';
import { byUrgency, matches, type TaskFilter } from './task-list.ts';

/** Claims the most urgent task that can be claimed, the oldest first; `undefined` where there is none. */
export async function claimNext(
  c: Coordination,
  filter: TaskFilter,
  options: ClaimOptions,
): Promise<Claim | undefined> {
  const me = await c.me();
  const newest = await newestTasks(c);
  const known = seenAtOnce(c, newest);
  const wanted = newest.filter(({ slot }) => !isTerminal(slot.value) && matches(taskView(slot), filter));
  const mine = wanted.find(({ slot }) => slot.value.state === 'held' && slot.value.holder === me.process);
  if (mine) return claim(c, mine.slot.value.name, options);
  let left = wanted.map(({ slot, since }) => ({ slot, task: taskView(slot), createdAt: since })).sort(byUrgency);
  for (let first = true; left.length > 0; first = false) {
    const one = first ? left[0] : spread(left, me.process);
    if (one === undefined) return undefined;
    left = left.filter((other) => other !== one);
    const { verdict } = await assess(c, one.slot, me, known);
    if (verdict !== 'free' && verdict !== 'expired') continue;
    try {
      return await claim(c, one.task.name, options);
    } catch (error) {
      if (!(error instanceof CairnError) || !['held', 'terminal', 'blocked'].includes(error.code)) throw error;
    }
  }
  return undefined;
}

async function newestTasks(c: Coordination): Promise<readonly Present[]> {
  const found: Present[] = [];
  for await (const { slot, since } of listNewest(c.space, 'tasks', parseTask)) if (slot) found.push({ slot, since });
  return found;
}

interface Present {
  readonly slot: Slot<Task>;
  /** When the task was added, by the store's clock. */
  readonly since: number;
}

/** For one look at all tasks: nothing is asked twice, and what the list says is not asked at all. */
function seenAtOnce(c: Coordination, newest: readonly Present[]): Known {
  const done = new Set(newest.flatMap(({ slot: { value } }) => (value.state === 'done' ? [value.name] : [])));
  const states = new Map<string, Promise<ProcessState>>();
  return {
    isDone: async (name) => done.has(name),
    stateOf(process) {
      const state = states.get(process) ?? processState(c.space, c.expiry, process);
      states.set(process, state);
      return state;
    },
  };
}

/** Among the most urgent one that depends on who asks, so that those who lost a race do not meet again. */
function spread<T extends { readonly task: TaskView }>(tasks: readonly T[], process: string): T | undefined {
  const urgent = tasks.filter(({ task }) => task.prio === tasks[0]?.task.prio);
  return urgent[createHash('sha256').update(process).digest().readUInt32BE() % urgent.length];
}
