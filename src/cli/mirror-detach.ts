import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, openState } from '../app.ts';
import { CairnError } from '../errors.ts';
import { liveNodeOptions } from '../install/service-unit.ts';
import { hostProcesses } from '../mirror/processes.ts';
import { ServiceFolder } from '../mirror/service-folder.ts';
import type { Output } from './output.ts';

/** What of a command is left to another process. */
export interface Detached {
  readonly watch: boolean;
  /** Id of the one session that is asked for. */
  readonly session: string | undefined;
  /** The whole command line, without the name of the program. */
  readonly argv: readonly string[];
}

/**
 * Leaves the work to the live mirror of this project, or to a process of its own, and waits for neither: for hooks of
 * agents. With `watch` it waits until that process says that it lives. @throws CairnError `run-failed`
 */
export async function detachMirror(app: App, o: Detached, output: Output, signal: AbortSignal): Promise<void> {
  const folder = new ServiceFolder((await openState(app)).serviceFolder, app.runtime);
  await folder.open();
  const processes = await hostProcesses(process.pid, process.kill);
  const running = await folder.living(processes);
  if (!o.watch && running?.everything) {
    await folder.leave(o.session);
    return tell(output, running.process.pid, 'was asked');
  }
  if (o.watch && running) return tell(output, running.process.pid, 'runs already');
  const pid = await start(o, join(folder.path, 'detached.log'));
  if (o.watch) await untilLiving(app, () => folder.living(processes), signal);
  return tell(output, pid, 'was started');
}

/** Waits until a mirror that was just started says that it lives. @throws CairnError `run-failed` */
export async function untilLiving<T>(app: App, living: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  for (let tries = 0; tries < 100 && !signal.aborted; tries++) {
    await app.runtime.sleep(100, signal);
    const status = await living();
    if (status) return status;
  }
  throw new CairnError('run-failed', 'expected the live mirror to start, but it did not within 10 s', {
    hint: 'see `cairn service logs`, or run `cairn session mirror --watch --all` in a terminal',
  });
}

/** A process that outlives this one and its terminal; what it has to say of errors is kept until the next one. */
async function start({ argv, watch }: Detached, log: string): Promise<number | undefined> {
  const words = argv.filter((word) => !/^--detach(=|$)/.test(word));
  const file = await open(log, 'w', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [...(watch ? liveNodeOptions : []), process.argv[1] ?? '', ...words, '--quiet'],
      {
        detached: true,
        stdio: ['ignore', 'ignore', file.fd],
      },
    );
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return child.pid;
  } finally {
    await file.close();
  }
}

async function tell(output: Output, pid: number | undefined, what: string): Promise<void> {
  if (output.json) await output.object({ event: 'detached', pid, asked: what === 'was asked' });
  else output.note(`the mirror (process ${pid}) ${what}`);
}
