import type { SessionRef } from '../harness/types.ts';
import type { LiveSessionStatus } from './live-types.ts';
import type { Found } from './scope.ts';

/** So much growth is shipped before its interval is over. */
const FLUSH_BYTES = 1 << 20;
/** A session that is being shipped and of which nothing is heard for so long is stuck. */
const STALL_MS = 300_000;
/** The interval while somebody follows the session, */
const FOLLOWED_INTERVAL_MS = 500;
/** and between two parts where a turn has ended; behind its last record a few more are written. */
const TURN_INTERVAL_MS = 200;

/** What a live mirror knows of one session with something to do, or done lately. Times are monotonic. */
export interface Job {
  found: Found;
  /** Something may be new. */
  dirty: boolean;
  /** Bytes the files have grown by since the last flush: a guess. */
  grown: number;
  /** Since when it is dirty. */
  dirtyAt: number;
  flushedAt: number;
  /** When to look at it again, whatever is heard. */
  lookAt: number;
  /** When something of the flush under way was last heard. */
  heardAt: number;
  /** The last flush had something to tell. */
  shipped: boolean;
  /** Its meta in the bucket says less than is known. */
  metaDue: boolean;
  running?: Promise<void> | undefined;
  failures: number;
  /** What was said of its failure last. */
  said?: string | undefined;
  stalled: boolean;
  /** An agent's turn has ended in what waits. */
  turnEnded: boolean;
  /** When the bucket was last asked whether somebody follows, and what it said. */
  askedAt: number;
  followed: boolean;
  /** Its source is no longer there. */
  gone: boolean;
}

export function newJob(found: Found, now: number): Job {
  const never = Number.NEGATIVE_INFINITY;
  return {
    found,
    dirty: true,
    grown: 0,
    dirtyAt: now,
    flushedAt: never,
    lookAt: Number.POSITIVE_INFINITY,
    heardAt: never,
    shipped: false,
    metaDue: false,
    failures: 0,
    stalled: false,
    turnEnded: false,
    askedAt: never,
    followed: false,
    gone: false,
  };
}

/** Nothing of the session is to be shipped, until its files are touched again. */
export function leaveAlone(job: Job): void {
  job.dirty = false;
  job.metaDue = false;
  job.failures = 0;
  job.lookAt = Number.POSITIVE_INFINITY;
}

/**
 * When a dirty session may be shipped: an interval after the last time, a short one while somebody follows or where a
 * turn has ended, and after its own failure a while.
 */
export function dueAt(job: Job, intervalMs: number, forgiven: boolean): number {
  const longest = job.turnEnded ? TURN_INTERVAL_MS : job.followed ? FOLLOWED_INTERVAL_MS : intervalMs;
  const due = job.grown >= FLUSH_BYTES ? job.flushedAt : job.flushedAt + Math.min(intervalMs, longest);
  return job.failures > 0 && !forgiven ? Math.max(due, job.lookAt) : due;
}

/** Who is shipped first, where not all can be: whoever waits longest, and a session that is followed waits four times as hard. */
export function urgencyOf({ flushedAt, followed }: Job, now: number): number {
  if (flushedAt === Number.NEGATIVE_INFINITY) return Number.MAX_VALUE;
  return (now - flushedAt) * (followed ? 4 : 1);
}

/** What a session waits for: a base is in the bucket before what departs from it. */
export function basesOf(ref: SessionRef, jobs: ReadonlyMap<string, Job>): Promise<void>[] {
  return ref.lineage.flatMap(({ kind, session }) => {
    const base = kind === 'base' ? jobs.get(`${ref.harness}/${session}`) : undefined;
    return base?.running && base.flushedAt === Number.NEGATIVE_INFINITY ? [base.running] : [];
  });
}

/** Sessions that got stuck since the last call. */
export function takeStalled(jobs: Iterable<Job>, now: number): Job[] {
  const stalled = [...jobs].filter((job) => job.running && !job.stalled && now - job.heardAt >= STALL_MS);
  for (const job of stalled) job.stalled = true;
  return stalled;
}

/** Sessions that are not wholly in the bucket, the longest behind first. */
export function behindOf(jobs: Iterable<Job>, now: number): LiveSessionStatus[] {
  const behind: LiveSessionStatus[] = [];
  for (const { found, dirty, running, failures, dirtyAt, grown, said } of jobs) {
    if (!dirty && !running && failures === 0) continue;
    const { harness, id: session } = found.ref;
    const behindMs = Math.round(now - dirtyAt);
    behind.push({ harness, session, behindMs, bytes: grown, ...(said !== undefined && { error: said }) });
  }
  return behind.sort((a, b) => b.behindMs - a.behindMs);
}

/** Size of all files of a session. */
export function bytesOf(ref: SessionRef): number {
  return ref.streams.reduce((sum, { files }) => files.reduce((all, { stamp }) => all + stamp.size, sum), 0);
}

/** Whether the newest record says that the agent has done what it was asked. What cannot be read is told when it is shipped. */
export async function endsWithTurn({ harness, ref }: Found): Promise<boolean> {
  const main = ref.streams.find(({ name }) => name === 'main');
  if (main === undefined || harness.endsTurn === undefined) return false;
  const newest = await harness.newest?.(main).catch(() => undefined);
  return newest !== undefined && harness.endsTurn(newest);
}
