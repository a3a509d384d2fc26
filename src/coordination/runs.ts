import { isPresent } from '../store/register.ts';
import type { SlotSpace } from '../store/slots.ts';
import { type TaskState, taskRegister } from './task.ts';

/** A session in which an agent held a task. */
export interface TaskRun {
  /** `harness/session` of its transcript. */
  readonly session: string;
  readonly agent: string;
  /** Of its last claim. */
  readonly epoch: number;
  /** When it first held the task, and its last step, by the store's clock, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The task's state after that step. */
  readonly state: TaskState;
}

const deepest = 10_000;

/**
 * The runs of a task, in the order of their first claims: every transcript from which a holder took a step. Who only
 * added or cancelled it has not run it. What was collected is not known. A GET for each change of the task.
 */
export async function runsOf(space: SlotSpace, name: string): Promise<readonly TaskRun[] | undefined> {
  const register = taskRegister(space, name);
  if (!isPresent(await register.read())) return undefined;
  const runs = new Map<string, TaskRun>();
  let before: string | undefined;
  const steps = [];
  for await (const slot of register.history(deepest)) steps.push(slot);
  for (const { by, modified, value } of steps.reverse()) {
    const { session, agent, process } = by;
    const { holder, epoch, state } = value;
    if (session !== undefined && (holder === process || before === process)) {
      const from = runs.get(session)?.from ?? modified;
      runs.set(session, { session, agent, epoch, from, to: modified, state });
    }
    before = holder;
  }
  return [...runs.values()];
}
