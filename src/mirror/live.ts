import PQueue from 'p-queue';
import { CairnError } from '../errors.ts';
import { Alarm } from './alarm.ts';
import { EventQueue } from './event-queue.ts';
import { LiveCatalog } from './live-catalog.ts';
import { LiveFaults } from './live-faults.ts';
import {
  basesOf,
  behindOf,
  bytesOf,
  dueAt,
  endsWithTurn,
  type Job,
  leaveAlone,
  newJob,
  takeStalled,
  urgencyOf,
} from './live-job.ts';
import { KnownSessions } from './live-known.ts';
import { askForReaders } from './live-readers.ts';
import type { LiveEvent, LiveFlush, LiveOptions, LiveStatus } from './live-types.ts';
import { catalogLine } from './meta.ts';
import type { MirrorRun } from './mirror.ts';
import { type RequestBudget, requestBudget } from './request-budget.ts';
import type { Found } from './scope.ts';
import { flushSession, type MirrorContext, sessionIsQuiet } from './session.ts';
import { idOf, Sources } from './sources.ts';

/** Sessions shipped side by side: a backlog has lanes of its own, and keeps no live one waiting. */
const LIVE_LANES = 6;
const BACKLOG_LANES = 2;
const BACKLOG_BYTES = 4 << 20;
/** A file touched within the grain of its clock is looked at once more after it. */
const GRAIN_MS = 2100;
const META_MS = 60_000;
/** The loop itself was late by so much: the host slept, or something held it up. */
const LATE_MS = 30_000;
/** What is left after a stop is shipped within this time. */
const GRACE_MS = 20_000;

/**
 * Mirrors until the run's signal is aborted; then what is left is shipped and the events end. Sessions with something
 * new are shipped once an interval each, the longest waiting first.
 */
export class LiveMirror implements AsyncIterable<LiveEvent> {
  readonly #run: MirrorRun;
  readonly #options: LiveOptions;
  readonly #events = new EventQueue<LiveEvent>();
  readonly #sources: Sources;
  /** Only sessions with something to do, or done lately. */
  readonly #jobs = new Map<string, Job>();
  readonly #lanes = {
    live: new PQueue({ concurrency: LIVE_LANES }),
    backlog: new PQueue({ concurrency: BACKLOG_LANES }),
  };
  readonly #looks = new PQueue({ concurrency: 1 });
  readonly #faults: LiveFaults;
  readonly #budget: RequestBudget | undefined;
  /** Aborted when a stop has taken too long: what is under way ends after its part. */
  readonly #hard = new AbortController();
  readonly #known: KnownSessions;
  readonly #catalog: LiveCatalog;
  readonly #alarm: Alarm;
  #spent = 0;

  constructor(run: MirrorRun, options: LiveOptions) {
    const { runtime } = run;
    this.#run = run;
    this.#options = options;
    this.#faults = new LiveFaults(runtime, (event) => this.#events.push(event));
    this.#known = new KnownSessions(run);
    this.#catalog = new LiveCatalog(run, options.intervalMs, (cause) => this.#events.push({ event: 'failed', cause }));
    this.#alarm = new Alarm(runtime, run.signal);
    this.#budget =
      options.requestsPerHour === undefined
        ? undefined
        : requestBudget(options.requestsPerHour, () => runtime.monotonic());
    this.#sources = new Sources(
      {
        ...run,
        cwdOf: (harness, session) => this.#known.cwdOf(harness, session),
        harnesses: run.scope.harnesses,
        report: (problem) => this.#events.push({ event: 'failed', ...problem }),
      },
      options.intervalMs,
      () => this.#alarm.wake(),
      (cause) => this.#events.push({ event: 'unwatched', cause }),
    );
    this.#work().then(
      () => this.#events.end(),
      (error) => this.#events.fail(error),
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<LiveEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  /**
   * Looks everywhere, or at one session, and ships what is new now, whatever the interval; waits for it.
   * @param session the harness's id, or the beginning of one
   */
  async flush(session?: string): Promise<LiveFlush> {
    const ids = session === undefined ? [] : this.#sources.touch(session);
    const isWanted = ({ found }: Job) => session === undefined || found.ref.id.startsWith(session);
    await this.#look(ids.length === 0);
    const due = [...this.#jobs.values()].filter((job) => (job.dirty || job.running) && isWanted(job));
    const [first] = due;
    if (this.#faults.trouble && first) {
      await (first.running ?? this.#start(first));
      if (this.#faults.trouble) return { sessions: due.length, failed: due.length };
    }
    await Promise.all(
      due.map(async (job) => {
        await job.running;
        // The loop may have been faster.
        if (job.dirty) await (job.running ?? this.#start(job));
      }),
    );
    await this.#writeCatalog(session === undefined);
    return { sessions: due.length, failed: due.filter(({ failures }) => failures > 0).length };
  }

  status(): LiveStatus {
    const { runtime } = this.#run;
    const now = runtime.monotonic();
    const { trouble, nextAt } = this.#faults;
    return {
      sessions: this.#sources.sessions,
      folders: this.#sources.folders,
      behind: behindOf(this.#jobs.values(), now),
      ...(trouble && {
        trouble,
        nextRetryMs: Math.max(0, Math.round(nextAt - now)),
      }),
      waitMs: this.#budget?.waitMs() ?? 0,
    };
  }

  async #work(): Promise<void> {
    const { runtime, signal } = this.#run;
    await this.#known.read();
    await this.#look(true);
    const now = runtime.monotonic();
    for (const found of await this.#known.takeGone()) this.#goneFrom(found, now);
    this.#events.push({ event: 'watching', sessions: this.#sources.sessions, folders: this.#sources.folders });
    while (!signal?.aborted) {
      const now = runtime.monotonic();
      this.#startDue(now);
      void this.#writeCatalog(false); // beside the rest: no session waits for it
      const next = Math.min(this.#nextAt(), now + META_MS);
      await this.#alarm.sleepUntil(next);
      const late = runtime.monotonic() - Math.max(next, now);
      if (late > LATE_MS) this.#events.push({ event: 'stalled', seconds: Math.round(late / 1000) });
      if (!signal?.aborted) await this.#look(false);
      this.#watchdog();
    }
    await this.#finish();
  }

  /** What is new at the end is shipped as well, but not for ever. */
  async #finish(): Promise<void> {
    for (const job of this.#jobs.values()) job.dirty ||= job.metaDue;
    const done = new AbortController();
    const grace = this.#run.runtime.sleep(GRACE_MS, done.signal).then(() => this.#hard.abort());
    await this.flush().catch((cause) => this.#events.push({ event: 'failed', cause }));
    done.abort();
    await grace;
    await this.#sources.close();
  }

  async #look(all: boolean): Promise<void> {
    await this.#looks.add(async () => {
      const { changed, vanished } = await this.#sources.look({ all });
      const now = this.#run.runtime.monotonic();
      for (const found of changed) this.#note(found, now);
      for (const found of vanished) this.#goneFrom(found, now);
    });
  }

  #note(found: Found, now: number): void {
    const id = idOf(found);
    const record = this.#known.take(id);
    const job = this.#jobs.get(id);
    if (record && !job && sessionIsQuiet(this.#run, found.ref, record)) {
      if (record.metaDue)
        this.#jobs.set(id, { ...newJob(found, now), dirty: false, metaDue: true, lookAt: now + META_MS });
      return;
    }
    if (!job) {
      const grown = bytesOf(found.ref) - Object.values(record?.quiet ?? {}).reduce((sum, { size }) => sum + size, 0);
      this.#jobs.set(id, { ...newJob(found, now), grown: Math.max(0, grown) });
      return;
    }
    job.grown += Math.max(0, bytesOf(found.ref) - bytesOf(job.found.ref));
    if (!job.dirty) job.dirtyAt = now;
    job.dirty = true;
    job.found = found;
    job.gone = false; // it may have come back before that was told
    // Only where something would be gained: it costs a look into the file.
    if (!job.turnEnded && this.#dueAt(job) > now) job.turnEnded = endsWithTurn(found);
  }

  #goneFrom(found: Found, now: number): void {
    const id = idOf(found);
    const ref = { ...found.ref, streams: [] };
    const job = this.#jobs.get(id) ?? newJob(found, now);
    Object.assign(job, { found: { ...found, ref }, dirty: true, gone: true });
    this.#jobs.set(id, job);
  }

  #nextAt(): number {
    let next = this.#sources.nextAt;
    // While one session finds out whether the store works again, the others wait for what it says.
    const held = this.#faults.trouble !== undefined && this.#running() > 0;
    for (const job of this.#jobs.values()) {
      if (job.running || held) continue;
      next = Math.min(next, job.dirty ? this.#dueAt(job) : job.lookAt);
    }
    return next;
  }

  /** When a dirty session is shipped. */
  #dueAt(job: Job): number {
    const { trouble, nextAt } = this.#faults;
    const now = this.#run.runtime.monotonic();
    const wait = this.#budget?.waitMs() ?? 0;
    const budget = wait > 0 ? now + wait : Number.NEGATIVE_INFINITY;
    // In an outage the session was not to blame.
    return Math.max(dueAt(job, this.#options.intervalMs, trouble !== undefined), nextAt, budget);
  }

  #startDue(now: number): void {
    const due: Job[] = [];
    for (const [id, job] of this.#jobs) {
      if (job.running) continue;
      if (!job.dirty && job.lookAt <= now) {
        job.dirty = true;
        job.lookAt = Number.POSITIVE_INFINITY;
      }
      if (job.dirty && this.#dueAt(job) <= now) due.push(job);
      else if (
        !job.dirty &&
        job.lookAt === Number.POSITIVE_INFINITY &&
        job.failures === 0 &&
        now - job.flushedAt > META_MS
      )
        this.#jobs.delete(id); // quiet: `Sources` remembers all that is needed
    }
    due.sort((a, b) => urgencyOf(b, now) - urgencyOf(a, now) || a.dirtyAt - b.dirtyAt);
    // While nothing works one session finds out whether it does again; each piece of work is a request at least.
    const room = this.#faults.trouble ? 1 : (this.#budget?.room() ?? Number.POSITIVE_INFINITY);
    for (const job of due.slice(0, Math.max(0, Math.ceil(room) - this.#running()))) void this.#start(job);
  }

  #running(): number {
    return Object.values(this.#lanes).reduce((sum, lane) => sum + lane.pending + lane.size, 0);
  }

  #start(job: Job): Promise<void> {
    job.heardAt = Number.POSITIVE_INFINITY; // in the queue nothing is stuck
    const lane = job.grown > BACKLOG_BYTES ? this.#lanes.backlog : this.#lanes.live;
    job.running = lane
      .add(() => this.#ship(job))
      .then(() => {
        job.running = undefined;
        this.#alarm.wake();
      });
    return job.running;
  }

  async #ship(job: Job): Promise<void> {
    const { runtime } = this.#run;
    const { harness, root, ref: before } = job.found;
    const place = { harness: before.harness, session: before.id };
    if (this.#hard.signal.aborted) return;
    if ((this.#budget?.waitMs() ?? 0) > 0 && !this.#run.signal?.aborted) return; // others were first
    if (!(await this.#mayLeave(job))) return;
    await Promise.all(basesOf(before, this.#jobs));
    if (!job.gone) job.found = this.#sources.current(idOf(job.found)) ?? job.found;
    const { ref } = job.found;
    const { grown } = job;
    job.dirty = false;
    job.turnEnded = false;
    job.grown = 0;
    job.shipped = false;
    job.heardAt = runtime.monotonic();
    const requests = this.#options.requests();
    try {
      const flushed = await flushSession(await this.#context(job, grown), harness, root, ref, {
        meta: this.#run.signal?.aborted === true,
      });
      if (flushed.meta && flushed.metaWritten) this.#catalog.add(catalogLine(flushed.meta));
      job.metaDue = flushed.metaDue;
      const [failure] = flushed.failures;
      for (const { stream, cause } of flushed.failures) this.#faults.failed(job, cause, stream);
      if (flushed.deleted) leaveAlone(job);
      else if (!failure) {
        job.lookAt = Math.min(
          job.shipped ? runtime.monotonic() + GRAIN_MS : Number.POSITIVE_INFINITY,
          flushed.metaDue ? runtime.monotonic() + META_MS : Number.POSITIVE_INFINITY,
        );
        if (!flushed.complete) job.dirty = true;
        // Without news of its own a session proves something only if it asked, and no other did meanwhile.
        const alone = this.#running() === 1 && (this.#options.requests() > requests || this.#faults.isLocal);
        this.#faults.succeeded(job, job.shipped || flushed.metaWritten || alone, this.#jobs.values());
        if (job.shipped) void askForReaders(this.#run, job).then(() => this.#spend());
        const { title } = flushed.meta?.summary ?? {};
        const { pending, complete } = flushed;
        if (job.gone) this.#events.push({ event: 'gone', ...place });
        else
          this.#events.push({ event: 'session', ...place, ...(title !== undefined && { title }), pending, complete });
      }
    } catch (cause) {
      this.#faults.failed(job, cause);
    }
    job.flushedAt = runtime.monotonic();
    this.#spend();
    if (job.gone && !job.dirty) this.#jobs.delete(idOf(job.found));
  }

  /** Whether what the session holds may still leave this host: its folder may say otherwise since it was found. */
  async #mayLeave(job: Job): Promise<boolean> {
    const { ref, root } = job.found;
    try {
      if ((await this.#run.scope.consent?.()(ref.cwd)) !== false) return true;
    } catch (cause) {
      this.#sources.problem({ harness: ref.harness, path: ref.cwd ?? root, cause });
    }
    leaveAlone(job);
    return false;
  }

  async #context(job: Job, grown: number): Promise<MirrorContext> {
    const preparers = await this.#run.preparers(grown);
    return {
      ...this.#run,
      redactor: preparers.redactor,
      preparer: preparers.open,
      signal: this.#hard.signal,
      report: ({ harness, session }, stream, event) => {
        job.shipped = true;
        job.heardAt = this.#run.runtime.monotonic();
        this.#events.push({ harness, session, stream, ...event });
      },
    };
  }

  #spend(): void {
    const made = this.#options.requests();
    this.#budget?.spend(made - this.#spent);
    this.#spent = made;
  }

  async #writeCatalog(atOnce: boolean): Promise<void> {
    if (this.#faults.trouble && this.#faults.nextAt > this.#run.runtime.monotonic()) return;
    try {
      if (await this.#catalog.write(atOnce)) this.#faults.over(this.#jobs.values());
      this.#spend();
    } catch (cause) {
      if (cause instanceof CairnError && cause.code === 'held') return; // a run beside this one writes it
      this.#faults.ofAll(cause);
    }
  }

  #watchdog(): void {
    const now = this.#run.runtime.monotonic();
    for (const job of takeStalled(this.#jobs.values(), now)) {
      const { harness, id: session } = job.found.ref;
      this.#events.push({ event: 'stalled', harness, session, seconds: Math.round((now - job.heardAt) / 1000) });
    }
  }
}
