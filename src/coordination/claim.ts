import { CairnError } from '../errors.ts';
import { type Current, isPresent } from '../store/register.ts';
import { type Author, newestNumber, type Slot } from '../store/slots.ts';
import { type ChangeOptions, type Coordination, change, madeBefore } from './coordination.ts';
import { agentOf, kill, type ProcessState, processState } from './presence.ts';
import { isTerminal, type Task, type TaskView, taskRegister, taskView } from './task.ts';

/** Whether an agent may claim a task, and if not, why not. */
export type Assessment =
  | { readonly verdict: 'free'; readonly why: 'open' | 'offered' | 'holder-dead' | 'hung' | 'offer-expired' }
  | { readonly verdict: 'mine' }
  /** The holder has not beaten for its time to live: who wants the task kills it first. */
  | { readonly verdict: 'expired'; readonly holder: string }
  | { readonly verdict: 'held'; readonly holder: string; readonly ageMs: number }
  | { readonly verdict: 'offered'; readonly to: string }
  | { readonly verdict: 'terminal'; readonly state: Task['state'] }
  | { readonly verdict: 'blocked'; readonly by: readonly string[] };

/** What is known already by whoever assesses many tasks at once. */
export interface Known {
  stateOf(process: string): Promise<ProcessState>;
  isDone(task: string): Promise<boolean>;
}

function lookUp(c: Coordination): Known {
  return {
    stateOf: (process) => processState(c.space, c.expiry, process),
    isDone: async (name) => (await taskRegister(c.space, name).read()).value?.state === 'done',
  };
}

/** The branch of `claim` that applies. `me` may be nobody yet. */
export async function assess(
  c: Coordination,
  slot: Slot<Task>,
  me: Partial<Author>,
  known: Known = lookUp(c),
): Promise<Assessment> {
  const task = slot.value;
  if (isTerminal(task)) return { verdict: 'terminal', state: task.state };
  let why: Extract<Assessment, { verdict: 'free' }>['why'] = 'open';
  if (task.holder !== undefined && task.state !== 'open' && task.state !== 'offered') {
    if (task.holder === me.process) return { verdict: 'mine' };
    const holder = await known.stateOf(task.holder);
    if (holder.state === 'expired') return { verdict: 'expired', holder: task.holder };
    why = 'holder-dead';
    if (holder.state === 'alive') {
      if (!(await hasStood(c, slot, task.maxHoldMs))) {
        return { verdict: 'held', holder: task.holder, ageMs: holder.beat.date - holder.beat.modified };
      }
      why = 'hung';
    }
  } else if (task.state === 'offered' && task.to !== undefined) {
    why = 'offered';
    if (task.to !== me.agent) {
      if (!(await hasStood(c, slot, task.offerMs))) return { verdict: 'offered', to: task.to };
      why = 'offer-expired';
    }
  }
  const open = await openDependencies(task, known);
  return open.length > 0 ? { verdict: 'blocked', by: open } : { verdict: 'free', why };
}

/** Dependencies that are not done. `done` is for ever, so what is seen here stays true. */
async function openDependencies(task: Task, known: Known): Promise<readonly string[]> {
  const states = await Promise.all(task.deps.map(async (name) => ({ name, done: await known.isDone(name) })));
  return states.filter(({ done }) => !done).map(({ name }) => name);
}

/** Whether this slot has been the newest for so long, by the store's clock. */
async function hasStood(c: Coordination, slot: Slot<Task>, ms: number | undefined): Promise<boolean> {
  if (ms === undefined) return false;
  const newest = await newestNumber(c.space, taskRegister(c.space, slot.value.name).path);
  return newest?.n === slot.n && newest.date - newest.modified >= ms;
}

/** What a claim gives. */
export interface Claim {
  readonly task: TaskView;
  /** The fencing token: hand it to whatever acts for this claim. */
  readonly epoch: number;
  /** It was mine before. */
  readonly already: boolean;
}

export interface ClaimOptions extends ChangeOptions {
  readonly maxHoldMs?: number | undefined;
  /** Also from a holder that lives; a person's decision, with a reason. */
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
}

/**
 * Takes a task: of all that try, one succeeds. What one holds already is claimed again. A holder whose time
 * to live has passed is killed first, and told so by its next heartbeat.
 * @throws CairnError `held`, `terminal`, `blocked`, `not-found`, `unknown`
 */
export async function claim(c: Coordination, name: string, options: ClaimOptions = {}): Promise<Claim> {
  const verb = options.force ? 'steal' : 'claim';
  const write = await change(c, verb, name, options);
  const me = write.by;
  const register = taskRegister(c.space, name);
  const before = await madeBefore(register, write, options);
  let current: Current<Task> = await register.read();
  if (before !== undefined) return repeated(before, current);
  for (;;) {
    if (!isPresent(current)) throw absent(name);
    const found = await assess(c, current, me);
    if (found.verdict === 'mine' && current.value.state === 'held') return claimOf(current, true);
    if (found.verdict === 'expired' || (found.verdict === 'held' && options.force)) {
      const { holder } = found;
      if (!(await kill(c.space, c.expiry, holder, me, { force: options.force ?? false }))) throw heldBy(name, holder);
      const blocked = await openDependencies(current.value, lookUp(c));
      if (blocked.length > 0) throw refusal(name, { verdict: 'blocked', by: blocked });
    } else if (
      found.verdict !== 'free' &&
      found.verdict !== 'mine' &&
      !(found.verdict === 'offered' && options.force)
    ) {
      throw refusal(name, found);
    }
    const written = await register.cas(current, claimed(current.value, me, found.verdict === 'mine', options), write);
    if (written.outcome === 'won') return claimOf(written.slot, false);
    // Whoever was faster just now lives: nobody has to be asked.
    const winner = written.other?.value;
    if (winner?.state === 'held' && winner.holder !== undefined && winner.holder !== me.process && !options.force) {
      throw heldBy(name, winner.holder);
    }
    current = await register.read();
  }
}

function claimed(task: Task, me: Author, again: boolean, { maxHoldMs, reason }: ClaimOptions): Task {
  return {
    ...task,
    state: 'held',
    holder: me.process,
    to: undefined,
    offerMs: undefined,
    epoch: again ? task.epoch : task.epoch + 1,
    attempts: again ? task.attempts : task.attempts + 1,
    reason,
    ...(maxHoldMs !== undefined && { maxHoldMs }),
  };
}

/** The same claim was made before: it holds still, or it was lost since. */
function repeated(before: Slot<Task>, current: Current<Task>): Claim {
  const { value } = current;
  if (isPresent(current) && value?.epoch === before.value.epoch && value.holder === before.value.holder) {
    return claimOf(current, true);
  }
  throw new CairnError(
    'lost',
    `expected the claim of ${before.value.name} in epoch ${before.value.epoch} to hold, it was lost`,
    {
      details: { epoch: before.value.epoch, holder: value?.holder },
    },
  );
}

function claimOf(slot: Slot<Task>, already: boolean): Claim {
  return { task: taskView(slot), epoch: slot.value.epoch, already };
}

export function absent(name: string): CairnError {
  return new CairnError('not-found', `expected a task ${JSON.stringify(name)}, got none`, {
    hint: '`cairn task list` shows those that are there',
  });
}

function heldBy(name: string, holder: string): CairnError {
  return new CairnError('held', `expected ${name} to be free, but ${agentOf(holder)} holds it (process ${holder})`, {
    hint: `\`cairn task wait ${name}\` waits for it, \`cairn task why ${name}\` says more`,
    details: { holder, agent: agentOf(holder) },
  });
}

/** The error of a claim that cannot be made. */
function refusal(name: string, found: Assessment): CairnError {
  switch (found.verdict) {
    case 'held':
    case 'expired':
      return heldBy(name, found.holder);
    case 'offered':
      return new CairnError('held', `expected ${name} to be free, but it is offered to ${found.to}`, {
        hint: `only ${found.to} can accept it until the offer ends`,
        details: { to: found.to },
      });
    case 'terminal':
      return new CairnError('terminal', `expected ${name} to be open, but it is ${found.state}`, {
        details: { state: found.state },
      });
    case 'blocked':
      return new CairnError(
        'blocked',
        `expected every dependency of ${name} to be done, not so: ${found.by.join(', ')}`,
        {
          hint: `\`cairn task wait ${found.by.join(' ')}\` waits for them`,
          details: { blockedBy: found.by },
        },
      );
    case 'free':
    case 'mine':
      return new CairnError('internal', `expected a reason against claiming ${name}, got ${found.verdict}`);
  }
}

/** Why a task can or cannot be claimed, as data. @throws CairnError `not-found` */
export async function why(
  c: Coordination,
  name: string,
  me: Partial<Author>,
): Promise<Assessment & { readonly task: TaskView }> {
  const current = await taskRegister(c.space, name).read();
  if (!isPresent(current)) throw absent(name);
  return { ...(await assess(c, current, me)), task: taskView(current) };
}
