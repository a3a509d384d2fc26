import { appendFile, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../runtime.ts';
import type { Counts } from '../store/count.ts';
import { readJson, replaceState } from './durable-file.ts';
import { fileError } from './file-error.ts';
import type { LiveFlush, LiveStatus } from './live-types.ts';
import type { ProcessIdentity, ProcessTable } from './lock.ts';

/** The log is moved aside beyond this, and one old one is kept. */
const LOG_BYTES = 1 << 20;
const LOG_TAIL_BYTES = 256 << 10;

/** What a live mirror tells of itself. */
export interface ServiceStatus {
  readonly v: 1;
  readonly process: ProcessIdentity;
  /** ISO 8601: when it began, and when it wrote this. */
  readonly since: string;
  readonly at: string;
  /** Seconds since the host was started, when it wrote this: the clock that `at` is of may be set meanwhile. */
  readonly uptime?: number;
  readonly version: string;
  readonly intervalMs: number;
  readonly requestsPerHour?: number | undefined;
  /** Every session of every agent: a run beside it has nothing to do. */
  readonly everything: boolean;
  /** It has come to an end by itself, or was stopped. */
  readonly stopped?: boolean;
  readonly live: LiveStatus;
  readonly traffic: Counts;
  /** Since it began. */
  readonly parts: number;
  readonly failures: number;
}

/** Milliseconds since a mirror wrote its status. */
export function ageOf(status: ServiceStatus, host: { now(): number; uptime(): number; readonly boot: string }): number {
  const { at, uptime, process } = status;
  if (uptime === undefined || process.boot !== host.boot) return host.now() - Date.parse(at);
  return (host.uptime() - uptime) * 1000;
}

/** What became of a request to flush. */
export interface Answer extends Partial<LiveFlush> {
  readonly error?: string;
}

/** What another command asks of a live mirror. */
export interface FlushRequest {
  readonly id: string;
  /** One session alone, by the harness's id. */
  readonly session?: string;
  /** Nobody waits for the answer. */
  readonly alone?: boolean;
}

/** Files by which a live mirror and other commands of the same user talk: no port, no socket, no name to be taken. */
export class ServiceFolder {
  readonly path: string;
  readonly #runtime: Runtime;

  constructor(path: string, runtime: Runtime) {
    this.path = path;
    this.#runtime = runtime;
  }

  get log(): string {
    return join(this.path, 'mirror.log');
  }

  get requests(): string {
    return join(this.path, 'requests');
  }

  async open(): Promise<void> {
    try {
      await mkdir(this.requests, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw fileError('the folder of the service', this.requests, cause);
    }
  }

  async readStatus(): Promise<ServiceStatus | undefined> {
    return readJson(join(this.path, 'status.json'), isStatus);
  }

  writeStatus(status: ServiceStatus): Promise<void> {
    return this.#replace('status.json', JSON.stringify(status));
  }

  /** The status of a mirror that lives. */
  async living(processes: ProcessTable): Promise<ServiceStatus | undefined> {
    const status = await this.readStatus();
    return status && !status.stopped && (await processes.alive(status.process)) ? status : undefined;
  }

  /** Asks a living mirror to flush a session, and waits for nothing. */
  async leave(session: string | undefined): Promise<void> {
    await this.open();
    await this.#replace(join('requests', `${this.#runtime.id()}.flush`), JSON.stringify({ session, alone: true }));
  }

  /** Asks a living mirror to flush, and waits for what it says; nothing when it ended without a word. */
  async ask(processes: ProcessTable, session?: string, signal?: AbortSignal): Promise<Answer | undefined> {
    await this.open();
    const id = this.#runtime.id();
    const request = join('requests', `${id}.flush`);
    await this.#replace(request, JSON.stringify({ session }));
    const answer = join(this.path, 'requests', `${id}.answer`);
    try {
      for (let pause = 20; !signal?.aborted; pause = Math.min(pause * 1.5, 500)) {
        const found = readJson(answer, isAnswer);
        if (found) return found;
        if (!(await this.living(processes))) return undefined;
        await this.#runtime.sleep(pause, signal);
      }
      return undefined;
    } finally {
      await unlink(join(this.path, request)).catch(() => {});
      await unlink(answer).catch(() => {});
    }
  }

  /** Requests that wait; those that are taken are no longer there. */
  async takeRequests(): Promise<FlushRequest[]> {
    const names = await readdir(this.requests).catch(() => []);
    const requests: FlushRequest[] = [];
    for (const name of names.filter((name) => name.endsWith('.flush'))) {
      const path = join(this.requests, name);
      requests.push({ ...readJson(path, isRequest), id: name.slice(0, -'.flush'.length) });
      await unlink(path).catch(() => {});
    }
    return requests;
  }

  answer(id: string, answer: Answer): Promise<void> {
    return this.#replace(join('requests', `${id}.answer`), JSON.stringify(answer));
  }

  /** Adds a line to the log, which never holds more than two files of 1 MiB. */
  async note(line: object): Promise<void> {
    const at = new Date(this.#runtime.now()).toISOString();
    const { size } = await stat(this.log).catch(() => ({ size: 0 }));
    if (size > LOG_BYTES) await rename(this.log, `${this.log}.1`).catch(() => {});
    // A full disk must not end the mirror: it says so in its status.
    await appendFile(this.log, `${JSON.stringify({ at, ...line })}\n`, { mode: 0o600 }).catch(() => {});
  }

  /** The last lines of the log, oldest first. */
  async lastLines(count: number): Promise<string[]> {
    const texts = await Promise.all([`${this.log}.1`, this.log].map((path) => endOf(path)));
    const lines = texts.join('').split('\n').slice(0, -1);
    return count === 0 ? [] : lines.slice(-count);
  }

  #replace(file: string, text: string): Promise<void> {
    const path = join(this.path, file);
    return replaceState(path, text, `${path}.${this.#runtime.id()}`);
  }
}

/** The end of a file, in whole lines. */
async function endOf(path: string): Promise<string> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size <= LOG_TAIL_BYTES) return readFile(path, 'utf8').catch(() => '');
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(LOG_TAIL_BYTES),
      0,
      LOG_TAIL_BYTES,
      size - LOG_TAIL_BYTES,
    );
    return buffer.toString('utf8', buffer.indexOf(10) + 1, bytesRead);
  } finally {
    await file.close();
  }
}

function isStatus(value: unknown): value is ServiceStatus {
  return (value as ServiceStatus | null)?.v === 1;
}

function isRequest(value: unknown): value is Omit<FlushRequest, 'id'> {
  const { session } = (value ?? {}) as { session?: unknown };
  return session === undefined || typeof session === 'string';
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null;
}
