import * as v from 'valibot';
import { slotPath } from '../store/keys.ts';
import { Register } from '../store/register.ts';
import type { Slot, SlotSpace } from '../store/slots.ts';
import type { Bells } from './bells.ts';
import { agentOf } from './presence.ts';
import { bodySchema } from './text.ts';

const handoffSchema = v.looseObject({
  /** The agent that hands over. */
  from: v.string(),
  note: v.string(),
  next: v.optional(v.string()),
  artifacts: v.array(v.string()),
  git: v.optional(
    v.looseObject({ branch: v.optional(v.string()), commit: v.optional(v.string()), changed: v.array(v.string()) }),
  ),
  session: v.optional(v.string()),
});

/** What one agent leaves for the next. */
export type Handoff = v.InferOutput<typeof handoffSchema>;

export const taskStates = ['open', 'held', 'offered', 'blocked', 'review', 'done', 'failed', 'cancelled'] as const;
export type TaskState = (typeof taskStates)[number];

const taskSchema = v.looseObject({
  name: v.string(),
  state: v.picklist(taskStates),
  /** Rises with each claim: the fencing token. */
  epoch: v.number(),
  /** The process that has it, or had it when it ended. */
  holder: v.optional(v.string()),
  /** The agent it is offered to. */
  to: v.optional(v.string()),
  /** Milliseconds during which only `to` may take it. */
  offerMs: v.optional(v.number()),
  /** Milliseconds without a change after which others may take it from a holder that lives. */
  maxHoldMs: v.optional(v.number()),
  title: v.string(),
  spec: v.optional(bodySchema),
  /** 0 is the most urgent, 4 the least. */
  prio: v.number(),
  deps: v.array(v.string()),
  labels: v.array(v.string()),
  /** Claims so far. */
  attempts: v.number(),
  note: v.optional(v.string()),
  next: v.optional(v.string()),
  result: v.optional(bodySchema),
  artifacts: v.array(v.string()),
  handoff: v.optional(handoffSchema),
  reason: v.optional(v.string()),
});

/** The whole state of a task; every slot holds all of it. */
export type Task = v.InferOutput<typeof taskSchema>;
export const parseTask = (value: unknown): Task => v.parse(taskSchema, value);

export function taskPath(name: string): string {
  return slotPath({ folder: 'tasks', names: [name] });
}

export function taskRegister(space: SlotSpace, name: string): Register<Task> {
  return new Register(space, taskPath(name), parseTask);
}

/** All tasks, for those who wait for any. */
export const anyTask = 'tasks';

/** Wakes those on this host who wait for this task, or for any. */
export async function ringTask(bells: Bells, name: string): Promise<void> {
  await bells.ring(taskPath(name));
  await bells.ring(anyTask);
}

/** Nothing more can become of it. */
export function isTerminal(task: Task): boolean {
  return task.state === 'done' || task.state === 'failed' || task.state === 'cancelled';
}

/** A task as it is shown. */
export interface TaskView extends Task {
  /** Number of its newest slot. */
  readonly version: number;
  /** The agent behind `holder`. */
  readonly agent?: string | undefined;
  /** When the newest slot was stored, by the store's clock, milliseconds since 1970. */
  readonly changed: number;
  readonly by: { readonly agent: string; readonly process: string; readonly session?: string | undefined };
}

export function taskView({ n, value, modified, by }: Slot<Task>): TaskView {
  return {
    ...value,
    version: n,
    agent: value.holder === undefined ? undefined : agentOf(value.holder),
    changed: modified,
    by,
  };
}
