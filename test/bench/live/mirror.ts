import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { liveNodeOptions } from '../../../src/install/service-unit.ts';

const main = join(import.meta.dirname, '../../../../dist/src/cli/main.js');

/** What a process has used so far, by the kernel (Linux). */
export interface ProcessUse {
  /** Seconds of CPU time. */
  readonly cpu: number;
  /** Resident bytes: now, and at most. */
  readonly rss: number;
  readonly peakRss: number;
  /** Bytes read and written, of files, pipes and sockets. */
  readonly read: number;
  readonly written: number;
}

/** A live mirror as a process of its own. */
export interface MirrorProcess {
  use(): ProcessUse;
  /** When it told that a part is in the bucket, milliseconds since 1970. */
  storedAt(session: string, seq: number): number | undefined;
  /** Asks it to stop, and waits until it has shipped the rest. */
  stop(): Promise<void>;
}

/** Starts `cairn session mirror --watch --all` as a service does; resolves when it watches. */
export async function startMirror(
  home: string,
  bucket: string,
  env: NodeJS.ProcessEnv,
  options: readonly string[],
): Promise<MirrorProcess> {
  const words = ['session', 'mirror', '--watch', '--all', '--bucket', bucket, '--project', 'bench', ...options];
  const child = spawn(process.execPath, [...liveNodeOptions, main, ...words], {
    env: { ...env, PATH: process.env.PATH, HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stored = new Map<string, number>();
  await untilWatching(child, (session, seq) => stored.set(`${session}/${seq}`, Date.now()));
  return {
    use: () => useOf(child.pid ?? 0),
    storedAt: (session, seq) => stored.get(`${session}/${seq}`),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function untilWatching(child: ChildProcess, stored: (session: string, seq: number) => void): Promise<void> {
  if (!child.stdout) throw new Error('the mirror has no output');
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      const { event, session, seq } = JSON.parse(line);
      if (event === 'watching') resolve();
      else if (event === 'part') stored(session, seq);
    });
    child.once('exit', (code) => reject(new Error(`the mirror ended with ${code}`)));
  });
}

const ticksPerSecond = 100;

/** @param children with those of its children that have ended */
export function useOf(pid: number, children = false): ProcessUse {
  const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const stat = of('stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const status = of('status');
  const io = of('io');
  return {
    cpu: fields.slice(11, children ? 15 : 13).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond,
    rss: number(status, /^VmRSS:\s+(\d+)/m) * 1024,
    peakRss: number(status, /^VmHWM:\s+(\d+)/m) * 1024,
    read: number(io, /^rchar:\s+(\d+)/m),
    written: number(io, /^wchar:\s+(\d+)/m),
  };
}
