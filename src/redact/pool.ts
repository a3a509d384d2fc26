import { Worker } from 'node:worker_threads';
import { type Inspected, inspect, slicesOf } from './inspect.ts';
import type { Redaction } from './open.ts';
import { policyOf } from './policy.ts';
import type { Finding } from './scanner.ts';

/** A block whose slices are taken by whichever thread comes first: `claimed` counts them. */
export interface Job {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly slices: readonly number[];
  readonly claimed: Int32Array;
}

/** What a worker found in the slices that it took. */
export interface Report {
  readonly id: number;
  readonly findings: readonly Finding[];
  readonly images: number;
  readonly done: number;
}

export interface Inspection {
  readonly block: Buffer;
  /** What the rules find in the block. This thread inspects what no worker has taken. */
  inspected(): Promise<Inspected>;
}

export interface Pool {
  /** Hands a block of `sharedBlock` to all threads. */
  begin(block: Buffer): Inspection;
  close(): Promise<void>;
}

/** Memory that all threads see. */
export function sharedBlock(size: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(size));
}

/** Threads that inspect blocks beside the one that calls: what a session knows stays here. */
export function openPool(redaction: Redaction, workers: number): Pool {
  const policy = policyOf(redaction);
  const open = new Map<number, { report: (report: Report) => void; fail: (error: unknown) => void }>();
  const ready = new Set<Worker>();
  const threads = Array.from({ length: workers }, () => {
    const worker = new Worker(new URL('./pool-worker.js', import.meta.url), { workerData: redaction });
    worker.on('message', (message: 'ready' | Report) => {
      if (message === 'ready') ready.add(worker);
      else open.get(message.id)?.report(message);
    });
    // One that never started is not missed; of another no one knows what it has taken.
    worker.on('error', (error) => {
      if (ready.delete(worker)) for (const { fail } of open.values()) fail(error);
    });
    return worker;
  });
  let next = 0;

  return {
    begin(block) {
      next += 1;
      const id = next;
      const memory = block.buffer as unknown as SharedArrayBuffer;
      const slices = slicesOf(block);
      const claimed = new Int32Array(new SharedArrayBuffer(4));
      const findings: Finding[] = [];
      let images = 0;
      let missing = slices.length - 1;
      const helped = new Promise<void>((resolve, fail) => {
        const report = (report: Report) => {
          findings.push(...report.findings);
          images += report.images;
          missing -= report.done;
          if (missing === 0) resolve();
        };
        open.set(id, { report, fail });
      });
      helped.catch(() => undefined); // told to whoever asks for the findings
      for (const worker of ready) worker.postMessage({ id, memory, slices, claimed } satisfies Job);
      return {
        block,
        async inspected() {
          for (let i = Atomics.add(claimed, 0, 1); i < slices.length - 1; i = Atomics.add(claimed, 0, 1)) {
            const slice = inspect(policy, block, slices[i] as number, slices[i + 1] as number);
            findings.push(...slice.findings);
            images += slice.images;
            missing -= 1;
          }
          if (missing > 0) await helped;
          open.delete(id);
          return { findings: findings.sort((a, b) => a.from - b.from), images };
        },
      };
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
