import { Worker } from 'node:worker_threads';
import { CairnError, type ErrorCode } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import type { Preparer, Preparers } from './preparer.ts';

/** Calls to a worker: the methods of `Preparer` with the session they are for. */
export type PrepareCall =
  | { readonly session: number; readonly call: 'open'; readonly harness: string }
  | { readonly session: number; readonly call: 'close' }
  | { readonly session: number; readonly call: 'begin'; readonly arguments: Parameters<Preparer['begin']> }
  | {
      readonly session: number;
      readonly call: 'prepare';
      readonly id: number;
      readonly arguments: Parameters<Preparer['prepare']>;
    }
  | {
      readonly session: number;
      readonly call: 'redact';
      readonly id: number;
      readonly arguments: Parameters<Preparer['redact']>;
    };

export type PrepareAnswer =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code?: ErrorCode; readonly message: string; readonly hint?: string };
    };

/**
 * Prepares on threads of their own, so that a backlog uses every core. A session stays on its thread.
 * `script` is started once a thread and answers `PrepareCall` with `PrepareAnswer`.
 */
export function preparePool(script: URL, workerData: unknown, threads: number, redactor: string): Preparers {
  const workers = Array.from({ length: threads }, () => new PrepareThread(new Worker(script, { workerData })));
  let sessions = 0;
  return {
    redactor,
    open(harness: Harness): Preparer {
      const thread = workers.reduce((least, worker) => (worker.sessions < least.sessions ? worker : least));
      return thread.open(++sessions, harness.name);
    },
    close: async () => void (await Promise.all(workers.map((worker) => worker.close()))),
  };
}

class PrepareThread {
  sessions = 0;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>();
  #calls = 0;
  #failure: unknown;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: PrepareAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('result' in answer) waiting?.resolve(answer.result as never);
      else waiting?.reject(thrown(answer.error));
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the thread that prepares records ended')));
  }

  open(session: number, harness: string): Preparer {
    this.sessions++;
    this.#post({ session, call: 'open', harness });
    return {
      begin: (...args) => this.#post({ session, call: 'begin', arguments: args }),
      prepare: (stream, lines) =>
        this.#ask((id) => ({ session, call: 'prepare', id, arguments: [stream, lines] }), lines),
      redact: (block) => this.#ask((id) => ({ session, call: 'redact', id, arguments: [block] })),
      close: () => {
        this.sessions--;
        this.#post({ session, call: 'close' });
      },
    };
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
  }

  #ask<T>(call: (id: number) => PrepareCall, given?: Uint8Array): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post(call(id), given);
    });
  }

  /** A large buffer is moved to the thread; a small one may lie in memory that is shared with others, and is copied. */
  #post(call: PrepareCall, given?: Uint8Array): void {
    const moved = given && given.byteLength > 64 << 10 && given.buffer instanceof ArrayBuffer ? [given.buffer] : [];
    this.#worker.postMessage(call, moved);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function thrown({ code, message, hint }: { code?: ErrorCode; message: string; hint?: string }): Error {
  return code ? new CairnError(code, message, hint === undefined ? {} : { hint }) : new Error(message);
}
