import { readFile } from 'node:fs/promises';
import type { ProcessIdentity, ProcessTable } from './lock.ts';

/** This host's processes: pid, start time and boot id from /proc where there is one, else the pid alone. */
export async function hostProcesses(pid: number, kill: (pid: number, signal: 0) => void): Promise<ProcessTable> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
  return {
    self: { pid, started: await startOf(pid), boot },
    async alive(process: ProcessIdentity) {
      if (process.boot !== boot) return false;
      try {
        kill(process.pid, 0);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
      }
      return (await startOf(process.pid)) === process.started;
    },
  };
}

/** Start of a process in clock ticks since boot, field 22 of /proc/<pid>/stat (its name may hold spaces and brackets). */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
