import type { SlotSpace } from '../store/slots.ts';
import { listNewest } from './newest.ts';
import { parseTask, type TaskState, type TaskView, taskView } from './task.ts';

export interface TaskFilter {
  readonly states?: readonly TaskState[] | undefined;
  /** All of them. */
  readonly labels?: readonly string[] | undefined;
  /** Held by this agent. */
  readonly agent?: string | undefined;
}

/** A task in a list: `problem` where its newest slot cannot be understood. */
export type Listed =
  | { readonly task: TaskView; readonly createdAt: number }
  | { readonly path: string; readonly problem: string };

/** By priority, then age. One LIST for a thousand slots, and a GET for each task not known. */
export async function listTasks(space: SlotSpace, filter: TaskFilter = {}): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  for await (const { path, since, slot, problem } of listNewest(space, 'tasks', parseTask)) {
    if (slot === undefined) found.push({ path, problem: problem ?? 'it cannot be understood' });
    else if (matches(taskView(slot), filter)) found.push({ task: taskView(slot), createdAt: since });
  }
  return found.sort(byUrgency);
}

export function matches(task: TaskView, { states, labels, agent }: TaskFilter): boolean {
  return (
    (states === undefined || states.includes(task.state)) &&
    (labels === undefined || labels.every((label) => task.labels.includes(label))) &&
    (agent === undefined || task.agent === agent || task.to === agent)
  );
}

export function byUrgency(a: Listed, b: Listed): number {
  if (!('task' in a) || !('task' in b)) return Number('task' in b) - Number('task' in a);
  return a.task.prio - b.task.prio || a.createdAt - b.createdAt || (a.task.name < b.task.name ? -1 : 1);
}
