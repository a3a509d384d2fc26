import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** How the processes of a test reach their bucket. */
export interface Place {
  readonly bucket: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}

/** One agent process, and the lines that it said so far. */
export class Member {
  readonly said: string[] = [];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stderr = '';
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #rest = '';

  constructor(place: Place, options: Record<string, unknown>) {
    const args = [join(import.meta.dirname, 'worker.mjs'), JSON.stringify({ bucket: place.bucket, ...options })];
    const env = {
      PATH: process.env.PATH,
      HOME: place.home,
      CAIRN_STATE: join(place.home, 'state', String(options.agent)),
      ...place.env,
    };
    this.#child = spawn(process.execPath, args, { env, cwd: place.home, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.said.push(...lines);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve({ code, signal })));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets a holder go on. */
  goOn(): void {
    this.#child.stdin.write('\n');
  }

  /** Waits until it has said a line that begins so. */
  async until(beginning: string): Promise<string> {
    for (;;) {
      const line = this.said.find((one) => one.startsWith(beginning));
      if (line !== undefined) return line;
      if (this.#child.exitCode !== null) throw new Error(`it ended before it said ${beginning}: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits for its end, which has to be a good one. */
  async finish(): Promise<void> {
    const { code, signal } = await this.ended;
    if (code !== 0) throw new Error(`ended with ${code ?? signal}: ${this.stderr}`);
  }
}

/** Second words of all lines that begin so, with what follows. */
export function lines(members: readonly Member[], beginning: string): string[] {
  return members.flatMap(({ said }) =>
    said.flatMap((line) => (line.startsWith(`${beginning} `) ? [line.slice(beginning.length + 1)] : [])),
  );
}
