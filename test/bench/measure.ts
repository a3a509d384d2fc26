import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { type ChildOptions, run } from '../child.ts';

export interface Measure {
  readonly seconds: number;
  /** Processor time of all its threads, user and system, as the kernel had it last: to some 10 ms. */
  readonly cpuSeconds: number;
  /** Highest resident set of the child, in bytes. */
  readonly peakRss: number;
  /** Bytes that it read, of files and all else. */
  readonly bytesRead: number;
  readonly stdout: string;
}

/**
 * Runs a command to its end with a clock and an eye on its memory (Linux: the kernel keeps the highest value).
 * @throws Error when it does not exit with 0
 */
export async function measure(command: readonly string[], options: ChildOptions): Promise<Measure> {
  let peakRss = 0;
  let bytesRead = 0;
  let cpuSeconds = 0;
  let sampler: NodeJS.Timeout | undefined;
  const start = performance.now();
  const child = await run(command, {
    timeoutMs: 1_800_000,
    ...options,
    started(pid) {
      sampler = setInterval(() => {
        peakRss = Math.max(peakRss, highestRss(pid));
        cpuSeconds = Math.max(cpuSeconds, processorTime(pid));
        bytesRead = Math.max(bytesRead, numberIn(`/proc/${pid}/io`, /^rchar:\s+(\d+)$/m));
      }, 10);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampler);
  if (child.exit !== 0) throw new Error(`${command.join(' ')}: exit ${child.exit}: ${child.stderr.slice(-2000)}`);
  return { seconds, cpuSeconds, peakRss, bytesRead, stdout: child.stdout.toString() };
}

function highestRss(pid: number): number {
  return numberIn(`/proc/${pid}/status`, /^VmHWM:\s+(\d+) kB$/m) * 1024;
}

/** Fields 14 and 15 of `stat`, in hundredths of a second on Linux; the name before them may hold spaces. */
function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  } catch {
    return 0; // It has just ended.
  }
}

function numberIn(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // It has just ended.
  }
}
