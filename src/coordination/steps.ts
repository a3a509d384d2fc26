import { CairnError } from '../errors.ts';
import { isPresent } from '../store/register.ts';
import { absent } from './claim.ts';
import { type ChangeOptions, type Coordination, change, madeBefore } from './coordination.ts';
import { agentOf } from './presence.ts';
import { type Handoff, isTerminal, ringTask, type Task, type TaskView, taskRegister, taskView } from './task.ts';
import { clean, storeText } from './text.ts';

/** What every step of a claimed task takes. */
export interface StepOptions extends ChangeOptions {
  /** The epoch in which one holds the task: a later holder makes this step fail. Default: whichever one holds now. */
  readonly epoch?: number | undefined;
}

/**
 * One step of the holder: the next slot of the task, which a later holder would have taken.
 * @throws CairnError `lost` where somebody else holds it, or held it since; `terminal`, `not-found`, `unknown`
 */
export async function step(
  c: Coordination,
  name: string,
  verb: string,
  options: StepOptions,
  next: (task: Task) => Task,
): Promise<TaskView> {
  const write = await change(c, verb, name, options);
  const register = taskRegister(c.space, name);
  const before = await madeBefore(register, write, options);
  if (before) return taskView(before);
  for (;;) {
    const current = await register.read();
    if (!isPresent(current)) throw absent(name);
    const task = current.value;
    const isMine = task.holder === write.by.process && (options.epoch === undefined || task.epoch === options.epoch);
    if (!isMine) throw lost(name, task, options.epoch);
    const wanted = next(task);
    if (isTerminal(task)) {
      if (task.state === wanted.state) return taskView(current);
      throw new CairnError('terminal', `expected ${name} to be open, but it is ${task.state}`, {
        details: { state: task.state },
      });
    }
    const written = await register.cas(current, wanted, write);
    if (written.outcome === 'won') {
      await ringTask(c.bells, name);
      return taskView(written.slot);
    }
  }
}

function lost(name: string, task: Task, epoch: number | undefined): CairnError {
  const now =
    task.holder === undefined ? `it is ${task.state}` : `${agentOf(task.holder)} has it in epoch ${task.epoch}`;
  return new CairnError(
    'lost',
    `expected to hold ${name}${epoch === undefined ? '' : ` in epoch ${epoch}`}, but ${now}`,
    {
      hint: 'stop work on it: what you do now is not yours to finish',
      details: {
        epoch: task.epoch,
        ...(task.holder !== undefined && { holder: task.holder, agent: agentOf(task.holder) }),
      },
    },
  );
}

export interface NoteOptions extends StepOptions {
  readonly note?: string | undefined;
  /** What should be done next. */
  readonly next?: string | undefined;
  readonly artifacts?: readonly string[] | undefined;
}

function noted(c: Coordination, task: Task, { note, next, artifacts }: NoteOptions): Task {
  return {
    ...task,
    note: clean(c, note) ?? task.note,
    next: clean(c, next) ?? task.next,
    artifacts: artifacts === undefined ? task.artifacts : [...new Set([...task.artifacts, ...artifacts])],
  };
}

/** Says how far it is; the task counts as moving again. */
export function progress(c: Coordination, name: string, options: NoteOptions = {}): Promise<TaskView> {
  return step(c, name, 'progress', options, (task) => ({ ...noted(c, task, options), state: 'held' }));
}

/** Done: for ever. */
export async function complete(
  c: Coordination,
  name: string,
  options: NoteOptions & { readonly result?: string | undefined } = {},
): Promise<TaskView> {
  const result = options.result === undefined ? undefined : await storeText(c, options.result);
  return step(c, name, 'complete', options, (task) => ({ ...noted(c, task, options), state: 'done', result }));
}

/** Failed for ever; with `retry` open again. */
export function fail(
  c: Coordination,
  name: string,
  options: NoteOptions & { readonly reason?: string | undefined; readonly retry?: boolean | undefined } = {},
): Promise<TaskView> {
  const reason = clean(c, options.reason);
  return step(c, name, 'fail', options, (task) => ({
    ...noted(c, task, options),
    reason,
    ...(options.retry ? { state: 'open', holder: undefined } : { state: 'failed' }),
  }));
}

/** Gives it back; the epoch stays. */
export function release(c: Coordination, name: string, options: NoteOptions = {}): Promise<TaskView> {
  return step(c, name, 'release', options, (task) => ({
    ...noted(c, task, options),
    state: 'open',
    holder: undefined,
  }));
}

/** Held, but waiting for something or for somebody's eyes. */
export function pause(
  c: Coordination,
  name: string,
  state: 'blocked' | 'review',
  options: NoteOptions & { readonly reason?: string | undefined } = {},
): Promise<TaskView> {
  const reason = clean(c, options.reason);
  return step(c, name, state === 'blocked' ? 'block' : 'review', options, (task) => ({
    ...noted(c, task, options),
    state,
    reason,
  }));
}

/** How long an offer stands before others may take the task. */
const offerMs = 15 * 60_000;

export interface HandoffOptions extends NoteOptions {
  /** The agent it is offered to. */
  readonly to: string;
  readonly git?: Handoff['git'];
  readonly offerMs?: number | undefined;
}

/** Gives it to another agent, with what it needs to know, in one write. */
export async function offer(c: Coordination, name: string, options: HandoffOptions): Promise<TaskView> {
  const { agent, session } = await c.me();
  const { git } = options;
  return step(c, name, 'handoff', options, (task) => {
    const next = noted(c, task, options);
    const handoff: Handoff = {
      from: agent,
      note: next.note ?? '',
      next: next.next,
      artifacts: next.artifacts,
      git: git && { ...git, branch: clean(c, git.branch), changed: git.changed.map((path) => c.redact(path)) },
      session,
    };
    return {
      ...next,
      state: 'offered',
      to: options.to,
      offerMs: options.offerMs ?? offerMs,
      holder: undefined,
      handoff,
    };
  });
}

/** Refuses an offer: the task is open for all. @throws CairnError `lost` where it is not offered to this agent */
export async function decline(
  c: Coordination,
  name: string,
  options: ChangeOptions & { readonly reason?: string | undefined },
): Promise<TaskView> {
  const write = await change(c, 'decline', name, options);
  const reason = clean(c, options.reason);
  const isMine = (task: Task) => task.state === 'offered' && task.to === write.by.agent;
  return settle(c, name, write, options, (task) => {
    if (!isMine(task)) throw lost(name, task, undefined);
    return { ...task, state: 'open', to: undefined, offerMs: undefined, reason };
  });
}

/** Ends a task that nobody needs; one that somebody holds has to be stolen first. @throws CairnError `held`, `terminal` */
export async function cancel(
  c: Coordination,
  name: string,
  options: ChangeOptions & { readonly reason?: string | undefined },
): Promise<TaskView> {
  const write = await change(c, 'cancel', name, options);
  const reason = clean(c, options.reason);
  return settle(c, name, write, options, (task) => {
    if (task.state === 'cancelled') return undefined;
    if (isTerminal(task)) {
      throw new CairnError('terminal', `expected ${name} to be open, but it is ${task.state}`, {
        details: { state: task.state },
      });
    }
    if (task.holder !== undefined && task.holder !== write.by.process) {
      throw new CairnError('held', `expected nobody to hold ${name}, but ${agentOf(task.holder)} does`, {
        hint: 'steal it first',
        details: { holder: task.holder },
      });
    }
    return { ...task, state: 'cancelled', reason };
  });
}

async function settle(
  c: Coordination,
  name: string,
  write: Awaited<ReturnType<typeof change>>,
  options: ChangeOptions,
  next: (task: Task) => Task | undefined,
): Promise<TaskView> {
  const register = taskRegister(c.space, name);
  const before = await madeBefore(register, write, options);
  if (before) return taskView(before);
  const current = await register.update((slot) => {
    if (!isPresent(slot)) throw absent(name);
    return next(slot.value);
  }, write);
  if (!isPresent(current)) throw absent(name);
  await ringTask(c.bells, name);
  return taskView(current);
}
