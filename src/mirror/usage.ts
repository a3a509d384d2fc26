import { join } from 'node:path';
import type { Runtime } from '../runtime.ts';
import type { Counts } from '../store/count.ts';
import { readJson, replaceState } from './durable-file.ts';

/** Days of which the use is kept. */
const DAYS_KEPT = 400;
/** A session that shipped something is taken to be at work for so long. */
const ACTIVE_MS = 600_000;

/** What one host's mirror asked of a bucket on one day, UTC. */
export interface Usage extends Counts {
  /** Hours in which sessions were at work, added up: an hour of two sessions is two. */
  readonly sessionHours: number;
  /** Hours in which at least one was. */
  readonly activeHours: number;
}

interface UsageFile {
  readonly v: 1;
  readonly days: Readonly<Record<string, Usage>>;
}

const classes = ['create', 'overwrite', 'get', 'list', 'remove'] as const;

/** Adds traffic since `before` to the day's sum. */
export async function addUsage(
  folder: string,
  runtime: Runtime,
  traffic: Counts,
  before?: Counts,
  active: { readonly sessionMs: number; readonly activeMs: number } = { sessionMs: 0, activeMs: 0 },
): Promise<void> {
  const file = join(folder, 'usage.json');
  const days = await readUsage(folder);
  const day = new Date(runtime.now()).toISOString().slice(0, 10);
  const sum = days[day] ?? noUsage();
  const added = Object.fromEntries(
    classes.map((name) => {
      const { requests, bytesUp, bytesDown } = traffic[name];
      const old = before?.[name];
      return [
        name,
        {
          requests: sum[name].requests + requests - (old?.requests ?? 0),
          bytesUp: sum[name].bytesUp + bytesUp - (old?.bytesUp ?? 0),
          bytesDown: sum[name].bytesDown + bytesDown - (old?.bytesDown ?? 0),
        },
      ];
    }),
  ) as unknown as Counts;
  const kept = Object.entries(days)
    .filter(([name]) => name !== day)
    .slice(1 - DAYS_KEPT);
  const today: Usage = {
    ...added,
    sessionHours: sum.sessionHours + active.sessionMs / 3_600_000,
    activeHours: sum.activeHours + active.activeMs / 3_600_000,
  };
  const text = JSON.stringify({ v: 1, days: Object.fromEntries([...kept, [day, today]]) } satisfies UsageFile);
  await replaceState(file, text, `${file}.${runtime.id()}`);
}

/** Use by day, `2026-11-21`, oldest first. */
export async function readUsage(folder: string): Promise<Readonly<Record<string, Usage>>> {
  const isUsage = (value: unknown): value is UsageFile => (value as UsageFile | null)?.v === 1;
  return readJson(join(folder, 'usage.json'), isUsage)?.days ?? {};
}

export function noUsage(): Usage {
  const none = { requests: 0, bytesUp: 0, bytesDown: 0 };
  return { create: none, overwrite: none, get: none, list: none, remove: none, sessionHours: 0, activeHours: 0 };
}

/** Adds up how long sessions were at work, from the moments at which they shipped something. */
export class ActivityMeter {
  readonly #runtime: Runtime;
  readonly #until = new Map<string, number>();
  #sessionMs = 0;
  #activeMs = 0;
  #activeUntil = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  shipped(session: string): void {
    const now = this.#runtime.monotonic();
    // What was counted ahead at the time before is not counted again.
    this.#sessionMs += now + ACTIVE_MS - Math.max(now, this.#until.get(session) ?? 0);
    this.#activeMs += now + ACTIVE_MS - Math.max(now, this.#activeUntil);
    this.#until.set(session, now + ACTIVE_MS);
    this.#activeUntil = now + ACTIVE_MS;
    if (this.#until.size > 1000) for (const [id, until] of this.#until) if (until < now) this.#until.delete(id);
  }

  /** Since the last call. */
  take(): { readonly sessionMs: number; readonly activeMs: number } {
    const taken = { sessionMs: this.#sessionMs, activeMs: this.#activeMs };
    this.#sessionMs = 0;
    this.#activeMs = 0;
    return taken;
  }
}
