import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { MirrorRun } from '../mirror/mirror.ts';
import type { UpkeepEvent } from '../mirror/upkeep.ts';
import { failureObject } from './failure.ts';
import type { Output } from './output.ts';
import { count, visible } from './text.ts';

const DAY_MS = 86_400_000;
/** What the mirror beside it holds is free again soon. */
const AGAIN_MS = 60_000;

/** What the configuration asks a live mirror for besides mirroring: now, and then once a day until the run ends. */
export async function keepUp(app: App, run: MirrorRun, output: Output): Promise<void> {
  const { upkeep } = app.config;
  const { runtime, signal } = run;
  if (!upkeep.compact && Object.keys(upkeep.retention).length === 0) return;
  const { upkeepOnce } = await import('../mirror/upkeep.ts');
  while (!signal?.aborted) {
    let pause = DAY_MS;
    try {
      const { store, project, state } = run;
      const events = upkeepOnce({ store, project, state, runtime, upkeep, ...(signal && { signal }) });
      for await (const event of events) await tell(event, output);
    } catch (cause) {
      if (signal?.aborted) return;
      if (cause instanceof CairnError && (cause.code === 'held' || cause.code === 'unavailable')) pause = AGAIN_MS;
      const { code, message, hint } = failureObject(cause);
      if (output.json) await output.object({ event: 'failed', code, message, ...(hint !== undefined && { hint }) });
      else output.note(`upkeep: ${message}${hint === undefined ? '' : ` (${hint})`}`);
    }
    await runtime.sleep(pause, signal);
  }
}

async function tell(event: UpkeepEvent, output: Output): Promise<void> {
  if (output.quiet) return;
  if (output.json) return output.object(event);
  const name = visible(`${event.harness}/${event.session}`);
  if (event.event === 'pruned') output.note(`${name}: removed from the bucket, as the configuration says`);
  else if (event.event === 'problem') output.note(`${name}: ${visible(event.message)}`);
  else if (event.event === 'packed') output.note(`${name}: ${count(event.parts, 'part')} of ${event.stream} packed`);
}
