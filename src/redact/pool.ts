import { Worker } from 'node:worker_threads';
import { type Inspected, joinInspected, slicesOf } from './inspect.ts';
import type { Redaction } from './open.ts';
import { policyOf } from './policy.ts';
import { type Job, type Report, type Taken, takeSlices } from './pool-job.ts';

export interface Inspection {
  readonly block: Buffer;
  /** What the rules find in the block. This thread inspects what no worker has taken. */
  inspected(): Promise<Inspected>;
}

export interface Pool {
  /** Hands a block, in memory that all threads see (`sharedRoom`), to them. */
  begin(block: Buffer): Inspection;
  close(): Promise<void>;
}

/** Threads that inspect blocks beside the one that calls: what a session knows stays here. */
export function openPool(redaction: Redaction, workers: number): Pool {
  const policy = policyOf(redaction);
  const open = new Map<number, { job: Job; settle: (taken: Taken) => void; fail: (error: unknown) => void }>();
  const ready = new Set<Worker>();
  const threads = Array.from({ length: workers }, () => {
    const worker = new Worker(new URL('./pool-worker.js', import.meta.url), { workerData: redaction });
    worker.on('message', (message: 'ready' | Report) => {
      if (message === 'ready') {
        ready.add(worker);
        for (const { job } of open.values()) worker.postMessage(job);
      } else open.get(message.id)?.settle(message.taken);
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
      const job: Job = { id, memory, slices, claimed };
      const parts: Inspected[] = [];
      let missing = slices.length - 1;
      const helped = new Promise<void>((resolve, fail) => {
        const settle = (taken: Taken) => {
          for (const [slice, inspected] of taken) parts[slice] = inspected;
          missing -= taken.length;
          if (missing === 0) resolve();
        };
        open.set(id, { job, settle, fail });
      });
      helped.catch(() => undefined); // told to whoever asks for the findings
      for (const worker of ready) worker.postMessage(job);
      return {
        block,
        async inspected() {
          open.get(id)?.settle(takeSlices(policy, block, { slices, claimed }));
          await helped;
          open.delete(id);
          return joinInspected(parts);
        },
      };
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
