import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Place } from './place.ts';

export interface TakeoverFigures {
  /** The holder was killed on the same host: the kernel knows. Milliseconds. */
  readonly killed: number;
  /** The holder was stopped, as if its host were gone: its time to live has to pass. Milliseconds. */
  readonly frozen: number;
  readonly ttlMs: number;
  /** Whether the frozen holder, woken, could complete the task. */
  readonly zombie: string;
}

const ttlMs = 3000;
const worker = join(import.meta.dirname, '../../../../test/coordination/processes/worker.mjs');

export async function measureTakeover(place: Place): Promise<TakeoverFigures> {
  const { project } = await connect(place, 'heir');
  const run = async (task: string, signal: 'SIGKILL' | 'SIGSTOP') => {
    await project.tasks.add(task);
    const options = { bucket: place.bucket, project: 'bench', role: 'holder', agent: `holder-${task}`, task, ttlMs };
    const env = { ...process.env, ...place.env, HOME: place.home, CAIRN_STATE: join(place.home, 'state') };
    const child = spawn(process.execPath, [worker, JSON.stringify(options)], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    while (!said.includes('won')) await sleep(10);
    child.kill(signal);
    const start = performance.now();
    for (;;) {
      const isWon = await project.tasks.claim(task).then(
        () => true,
        () => false,
      );
      if (isWon) break;
      await sleep(100);
    }
    const took = performance.now() - start;
    if (signal === 'SIGSTOP') {
      child.kill('SIGCONT');
      child.stdin.write('\n');
    }
    await closed;
    return { took, said };
  };
  const killed = await run('killed', 'SIGKILL');
  const frozen = await run('frozen', 'SIGSTOP');
  await project.close();
  const zombie = /outcome (\S+)/.exec(frozen.said)?.[1] ?? 'lost';
  return { killed: killed.took, frozen: frozen.took, ttlMs, zombie };
}
