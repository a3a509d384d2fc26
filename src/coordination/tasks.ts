import { CairnError } from '../errors.ts';
import { isPresent } from '../store/register.ts';
import { type Assessment, absent, type Claim, type ClaimOptions, claim, why } from './claim.ts';
import { type ChangeOptions, type Coordination, change } from './coordination.ts';
import { notifyOffer } from './messages.ts';
import { claimNext } from './next.ts';
import { poll, type WaitOptions } from './poll.ts';
import { cancel, complete, decline, fail, type HandoffOptions, offer, pause, progress, release } from './steps.ts';
import {
  anyTask,
  ringTask,
  type Task,
  type TaskState,
  type TaskView,
  taskPath,
  taskRegister,
  taskView,
} from './task.ts';
import { type Listed, listTasks, type TaskFilter } from './task-list.ts';
import { loadText, storeText } from './text.ts';

export interface TaskSpec {
  readonly title?: string | undefined;
  readonly spec?: string | undefined;
  readonly prio?: number | undefined;
  readonly deps?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly maxHoldMs?: number | undefined;
}

/** One change of a task, as the log shows it. */
export interface TaskEvent {
  readonly version: number;
  readonly op: string | undefined;
  readonly state: TaskState;
  readonly epoch: number;
  readonly by: TaskView['by'];
  /** By the store's clock, milliseconds since 1970. */
  readonly at: number;
  readonly note?: string | undefined;
  readonly reason?: string | undefined;
  readonly to?: string | undefined;
}

/** What was waited for cannot come about as things stand. */
const stuck: readonly TaskState[] = ['blocked', 'failed', 'cancelled'];
/** So many are asked for one by one; more by a LIST. */
const watched = 8;

/** The tasks of a project. */
export class Tasks {
  readonly #c: Coordination;

  constructor(c: Coordination) {
    this.#c = c;
  }

  /** @throws CairnError `exists`, `usage`, `unknown` */
  async add(name: string, spec: TaskSpec = {}, options: ChangeOptions = {}): Promise<TaskView> {
    const c = this.#c;
    const { prio = 2, deps = [], labels = [], maxHoldMs } = spec;
    if (!Number.isInteger(prio) || prio < 0 || prio > 4)
      throw new CairnError('usage', `expected a priority from 0 to 4, got ${prio}`);
    if (deps.includes(name)) throw new CairnError('usage', `expected ${name} to depend on other tasks, got itself`);
    const write = await change(c, 'add', name, options);
    const register = taskRegister(c.space, name);
    const task: Task = {
      name,
      state: 'open',
      epoch: 0,
      title: c.redact(spec.title ?? name),
      spec: spec.spec === undefined ? undefined : await storeText(c, spec.spec),
      prio,
      deps: [...deps],
      labels: labels.map((label) => c.redact(label)),
      attempts: 0,
      artifacts: [],
      maxHoldMs,
    };
    const current = await register.read();
    const first = current.n === 0 ? await register.cas(current, task, write) : undefined;
    if (first?.outcome === 'won') {
      await ringTask(c.bells, name);
      return taskView(first.slot);
    }
    const there = first?.other ?? (await register.slot(1));
    if (there?.w === write.w) return taskView(there);
    throw new CairnError('exists', `expected no task ${JSON.stringify(name)} yet, there is one`, {
      hint: `\`cairn task show ${name}\` shows it; with the same --idem as before, adding it again is no error`,
    });
  }

  /** @throws CairnError `not-found` */
  async show(name: string): Promise<TaskView> {
    const current = await taskRegister(this.#c.space, name).read();
    if (!isPresent(current)) throw absent(name);
    return taskView(current);
  }

  /** Text of a spec or result. */
  text(body: NonNullable<Task['spec']>): Promise<string> {
    return loadText(this.#c.space, body);
  }

  /** By priority, then age. One LIST for a thousand slots, and a GET for each task not known. */
  list(filter?: TaskFilter): Promise<readonly Listed[]> {
    return listTasks(this.#c.space, filter);
  }

  claim(name: string, options?: ClaimOptions): Promise<Claim> {
    return claim(this.#c, name, options);
  }

  /** Takes an offered task. */
  accept(name: string, options?: ClaimOptions): Promise<Claim> {
    return claim(this.#c, name, options);
  }

  /** Takes a task from a holder whose time to live has passed; `force` also from one that lives. Stays in the log. */
  steal(name: string, options: ClaimOptions & { readonly reason: string }): Promise<Claim> {
    return claim(this.#c, name, { ...options, reason: this.#c.redact(options.reason) });
  }

  /**
   * Claims the most urgent task that can be claimed, the oldest first; waits for one with `timeoutMs`.
   * @throws CairnError `nothing-to-do`, with `timeoutMs` `timeout`
   */
  async next(filter: TaskFilter = {}, options: ClaimOptions & WaitOptions = {}): Promise<Claim> {
    const look = () => claimNext(this.#c, filter, options);
    if (options.timeoutMs !== undefined) return poll(this.#c, [anyTask], options, look);
    const found = await look();
    if (found) return found;
    throw new CairnError('nothing-to-do', 'expected a task that can be claimed, there is none', {
      hint: '`cairn task list` shows all; --wait waits for one',
    });
  }

  progress = (name: string, options?: Parameters<typeof progress>[2]) => progress(this.#c, name, options);
  complete = (name: string, options?: Parameters<typeof complete>[2]) => complete(this.#c, name, options);
  fail = (name: string, options?: Parameters<typeof fail>[2]) => fail(this.#c, name, options);
  release = (name: string, options?: Parameters<typeof release>[2]) => release(this.#c, name, options);
  block = (name: string, options?: Parameters<typeof pause>[3]) => pause(this.#c, name, 'blocked', options);
  review = (name: string, options?: Parameters<typeof pause>[3]) => pause(this.#c, name, 'review', options);
  decline = (name: string, options: Parameters<typeof decline>[2] = {}) => decline(this.#c, name, options);
  cancel = (name: string, options: Parameters<typeof cancel>[2] = {}) => cancel(this.#c, name, options);

  /** Offers the task to another agent in one write, then tells it by a message, which may be lost. */
  async handoff(name: string, options: HandoffOptions): Promise<TaskView> {
    const task = await offer(this.#c, name, options);
    await notifyOffer(this.#c, task);
    return task;
  }

  /** Every change, the newest first. */
  async log(name: string, limit = 100): Promise<readonly TaskEvent[]> {
    const events: TaskEvent[] = [];
    for await (const { n, op, by, modified, value } of taskRegister(this.#c.space, name).history(limit)) {
      const { state, epoch, note, reason, to } = value;
      events.push({ version: n, op, state, epoch, by, at: modified, note, reason, to });
    }
    if (events.length === 0) throw absent(name);
    return events;
  }

  why(
    name: string,
    me?: { readonly agent?: string; readonly process?: string },
  ): Promise<Assessment & { readonly task: TaskView }> {
    return why(this.#c, name, me ?? { agent: this.#c.agent });
  }

  /**
   * Returns when all are done, and throws at once when one cannot become so as things stand.
   * @throws CairnError `blocked` (blocked, failed, cancelled), `timeout`, `not-found`
   */
  async wait(names: readonly string[], options: WaitOptions = {}): Promise<readonly TaskView[]> {
    return poll(this.#c, names.map(taskPath), options, async () => {
      const tasks = await this.#states(names);
      const bad = tasks.find((task) => stuck.includes(task.state));
      if (bad) {
        throw new CairnError('blocked', `expected ${bad.name} to become done, but it is ${bad.state}`, {
          hint: `\`cairn task log ${bad.name}\` says why`,
          details: { task: bad.name, state: bad.state, reason: bad.reason },
        });
      }
      return tasks.every((task) => task.state === 'done') ? tasks : undefined;
    });
  }

  async #states(names: readonly string[]): Promise<readonly TaskView[]> {
    if (names.length <= watched) return Promise.all(names.map((name) => this.show(name)));
    const all = new Map(
      (await this.list()).flatMap((one) => ('task' in one ? [[one.task.name, one.task] as const] : [])),
    );
    return names.map((name) => {
      const task = all.get(name);
      if (task === undefined) throw absent(name);
      return task;
    });
  }
}
