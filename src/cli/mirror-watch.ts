import { uptime } from 'node:os';
import type { App } from '../app.ts';
import type { LiveEvent } from '../mirror/live-types.ts';
import type { MirrorRun } from '../mirror/mirror.ts';
import { failureObject } from './failure.ts';
import type { Output } from './output.ts';
import { count, formatBytes, visible } from './text.ts';

export interface WatchChoices {
  readonly intervalMs: number;
  readonly requestsPerHour: number | undefined;
  /** Every session of every agent. */
  readonly everything: boolean;
}

/** Mirrors until Ctrl-C, and tells what happens. @throws CairnError `held` where another does so already */
export async function watchMirror(app: App, run: MirrorRun, choices: WatchChoices, output: Output): Promise<void> {
  const { hostProcesses } = await import('../mirror/processes.ts');
  const { LiveMirror } = await import('../mirror/live.ts');
  const { ServiceFolder } = await import('../mirror/service-folder.ts');
  const { serveMirror } = await import('../mirror/service.ts');
  const { keepUp } = await import('./mirror-upkeep.ts');
  const { runtime } = app;
  const unlock = await run.state.lock('live', 'that mirrors this project to this bucket live');
  try {
    const live = new LiveMirror(run, { ...choices, requests: () => app.requests() });
    const events = serveMirror(live, new ServiceFolder(run.state.serviceFolder, runtime), {
      ...choices,
      runtime,
      processes: await hostProcesses(process.pid, process.kill),
      version: run.writer.version,
      traffic: () => app.traffic(),
      uptime,
    });
    const upkeep = keepUp(app, run, output);
    for await (const event of events) {
      if (output.quiet) continue;
      if (output.json) await output.object(liveObject(event));
      else await tell(event, output);
    }
    await upkeep;
  } finally {
    await unlock();
  }
}

function liveObject(event: LiveEvent): object {
  if (!('cause' in event)) return event;
  const { cause, ...rest } = event;
  const { code, message, hint } = failureObject(cause);
  return { ...rest, code, message, ...(hint !== undefined && { hint }) };
}

async function tell(event: LiveEvent, output: Output): Promise<void> {
  switch (event.event) {
    case 'watching':
      return output.note(`watching ${count(event.sessions, 'session')} in ${count(event.folders, 'folder')}`);
    case 'part': {
      const { harness, session, stream, records, bytes } = event;
      const name = stream === 'main' ? '' : ` ${stream}`;
      return output.line(visible(`${harness}/${session}${name}: ${count(records, 'record')}, ${formatBytes(bytes)}`));
    }
    case 'reset':
      return output.note(`${event.session} ${event.stream}: goes on in epoch ${event.epoch} (${event.reason})`);
    case 'gone':
      return output.note(`${event.session}: its source is gone; the bucket keeps what it has`);
    case 'unwatched':
    case 'trouble':
    case 'failed': {
      const { message, hint } = failureObject(event.cause);
      const place = event.event === 'failed' ? (event.session ?? event.path ?? event.harness) : undefined;
      const where = place === undefined ? '' : `${place}: `;
      return output.note(`${where}${message}${hint === undefined ? '' : ` (${hint})`}`);
    }
    case 'recovered':
      return output.note(`works again after ${event.seconds} s (${event.code})`);
    case 'stalled':
      return output.note(`${event.session ?? 'the mirror'} stood still for ${event.seconds} s`);
    default:
  }
}
