import type { Runtime } from '../runtime.ts';
import type { Counts } from '../store/count.ts';
import { Alarm } from './alarm.ts';
import type { LiveMirror } from './live.ts';
import type { LiveEvent } from './live-types.ts';
import type { ProcessTable } from './lock.ts';
import type { ServiceFolder, ServiceStatus } from './service-folder.ts';
import { ActivityMeter, addUsage } from './usage.ts';
import { FolderWatch } from './watch.ts';

/** The status is written this often when nothing happens: an older one means that the process stands still. */
export const BEAT_MS = 30_000;
/** And at most so often. */
const STATUS_MS = 1000;
const USAGE_MS = 300_000;

export interface ServiceOptions {
  readonly runtime: Runtime;
  readonly processes: ProcessTable;
  readonly version: string;
  readonly intervalMs: number;
  readonly requestsPerHour?: number | undefined;
  readonly everything: boolean;
  traffic(): Counts;
  /** Seconds since the host was started. */
  uptime(): number;
}

/**
 * Lets a live mirror be known to other commands: keeps its status and log, and flushes when it is asked to. Gives its
 * events on.
 */
export async function* serveMirror(
  live: LiveMirror,
  folder: ServiceFolder,
  options: ServiceOptions,
): AsyncGenerator<LiveEvent> {
  const { runtime } = options;
  const since = new Date(runtime.now()).toISOString();
  const done = new AbortController();
  const meter = new ActivityMeter(runtime);
  let parts = 0;
  let failures = 0;
  /** Somebody waits for an answer. */
  let requested = false;
  const alarm = new Alarm(runtime, done.signal);
  const write = (stopped: boolean) =>
    folder.writeStatus({
      v: 1,
      process: options.processes.self,
      since,
      at: new Date(runtime.now()).toISOString(),
      uptime: options.uptime(),
      version: options.version,
      intervalMs: options.intervalMs,
      requestsPerHour: options.requestsPerHour,
      everything: options.everything,
      ...(stopped && { stopped }),
      live: live.status(),
      traffic: options.traffic(),
      parts,
      failures,
    } satisfies ServiceStatus);
  let counted: Counts | undefined;
  const addUp = async () => {
    const now = options.traffic();
    await addUsage(folder.path, runtime, now, counted, meter.take());
    counted = now;
  };
  const beat = async () => {
    let usageAt = runtime.monotonic();
    while (!done.signal.aborted) {
      // A status that cannot be written is no reason to stop mirroring: its age tells.
      await write(false).catch(() => {});
      for (const { id, session, alone } of await folder.takeRequests()) {
        void live
          .flush(session)
          .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
          .then(async (answer) => {
            if (!alone) await folder.answer(id, answer);
          })
          .catch(() => {}); // whoever asked waits in vain, and looks whether we live
      }
      if (runtime.monotonic() - usageAt > USAGE_MS) {
        usageAt = runtime.monotonic();
        await addUp().catch(() => {});
      }
      await alarm.sleepUntil(runtime.monotonic() + BEAT_MS);
      if (!requested) await runtime.sleep(STATUS_MS, done.signal);
      requested = false;
    }
  };
  await folder.open();
  const watch = new FolderWatch(
    (path) => {
      if (!path.endsWith('.flush')) return;
      requested = true;
      alarm.wake();
    },
    () => {}, // the next beat finds what is asked
  );
  watch.add(folder.requests);
  await folder.note({ event: 'started', version: options.version, pid: options.processes.self.pid });
  const beating = beat();
  try {
    for await (const event of live) {
      if (event.event === 'part') {
        parts++;
        meter.shipped(`${event.harness}/${event.session}`);
      } else if (event.event !== 'session' && event.event !== 'adopted') {
        if (event.event === 'failed' || event.event === 'trouble') failures++;
        await folder.note(loggable(event));
      }
      alarm.wake();
      yield event;
    }
  } finally {
    done.abort();
    await watch.close();
    await beating;
    await addUp().catch(() => {});
    await write(true).catch(() => {});
    await folder.note({ event: 'stopped' });
  }
}

/** An event without the error object: its message stands for it. */
function loggable(event: LiveEvent): object {
  if (!('cause' in event)) return event;
  const { cause, ...rest } = event;
  return { ...rest, message: cause instanceof Error ? cause.message : String(cause) };
}
