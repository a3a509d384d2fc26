import { Worker } from 'node:worker_threads';
import { CairnError } from '../errors.ts';
import type { Fingerprint } from '../redact/memory.ts';
import type { Redacted } from '../redact/types.ts';
import { movable, type PrepareAnswer, type PrepareCall } from './prepare-server.ts';
import type { PreparedLines, Preparers } from './preparer.ts';

/** A heap of many short-lived records grows to this before it is cleaned: more is memory and hardly faster. */
const YOUNG_MIB = 6;

/**
 * Prepares on a thread beside this one, all sessions on the same. It is started for the first session and ends
 * with the last that is open. Where it dies, the sessions that are open fail, and the next one starts another.
 * @param script a module that calls `servePreparers`, given `data`
 */
export function preparerThread(script: URL, data: unknown): Preparers['open'] {
  let thread: PrepareThread | undefined;
  return (harness, remembered) => {
    if (!thread || thread.over) thread = new PrepareThread(script, data);
    return thread.open(harness.name, remembered);
  };
}

interface Waiting {
  readonly learned: Fingerprint[];
  resolve(result: never): void;
  reject(cause: unknown): void;
}

class PrepareThread {
  over = false;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #sessions = 0;
  #open = 0;
  #calls = 0;

  constructor(script: URL, workerData: unknown) {
    this.#worker = new Worker(script, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
    this.#worker.unref(); // a program that has nothing to wait for ends
    this.#worker.on('message', (answer: PrepareAnswer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#fail(cause));
    this.#worker.on('exit', () => this.#fail(undefined));
  }

  open(harness: string, remembered: readonly Fingerprint[]): ReturnType<Preparers['open']> {
    const session = ++this.#sessions;
    let learned: Fingerprint[] = [];
    this.#open++;
    this.#post({ session, call: 'open', harness, remembered });
    return {
      begin: (stream, summary) => this.#post({ session, call: 'begin', stream, summary }),
      prepare: (stream, given) => {
        const lines = movable(given);
        return this.#ask<PreparedLines>(learned, (id) => ({ session, call: 'prepare', id, stream, lines }), lines);
      },
      redact: (given) => {
        const block = movable(given);
        return this.#ask<Redacted>(learned, (id) => ({ session, call: 'redact', id, block }), block);
      },
      learned() {
        const all = learned.splice(0);
        return all;
      },
      close: () => {
        learned = [];
        this.#post({ session, call: 'close' });
        if (--this.#open > 0) return;
        this.over = true;
        void this.#worker.terminate();
      },
    };
  }

  #ask<T>(learned: Fingerprint[], call: (id: number) => PrepareCall, bytes: Uint8Array<ArrayBuffer>): Promise<T> {
    if (this.over) return Promise.reject(died(undefined));
    const id = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { learned, resolve, reject });
      this.#post(call(id), bytes);
    });
  }

  #post(call: PrepareCall, bytes?: Uint8Array<ArrayBuffer>): void {
    this.#worker.postMessage(call, bytes ? [bytes.buffer] : []);
  }

  #settle(answer: PrepareAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('error' in answer) {
      waiting?.reject(thrown(answer.error));
      return;
    }
    for (const print of answer.learned) waiting?.learned.push(print);
    waiting?.resolve(answer.result as never);
  }

  #fail(cause: unknown): void {
    this.over = true;
    for (const { reject } of this.#waiting.values()) reject(died(cause));
    this.#waiting.clear();
  }
}

function died(cause: unknown): CairnError {
  return new CairnError('internal', 'expected an answer of the thread that prepares records, but it ended', {
    cause,
    hint: 'nothing is lost: run the same command again',
  });
}

function thrown({ code, message, hint }: Extract<PrepareAnswer, { error: unknown }>['error']): Error {
  return code ? new CairnError(code, message, hint === undefined ? {} : { hint }) : new Error(message);
}
