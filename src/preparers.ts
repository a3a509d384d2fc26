import { availableParallelism } from 'node:os';
import { preparePool } from './mirror/prepare-pool.ts';
import { inlinePreparer, type Preparers } from './mirror/preparer.ts';
import type { PrepareWorkerData } from './prepare-worker.ts';
import { openRedactor } from './redact/open.ts';

const THREADS_FROM_BYTES = 32 << 20;
const THREADS_AT_MOST = 4;

/** Where a run prepares `bytes` of records: threads are worth their start and their memory only for a backlog. */
export function openPreparers(bytes: number, data: PrepareWorkerData): Preparers {
  const redactor = openRedactor(data.redactor).id;
  const threads = Math.min(availableParallelism(), THREADS_AT_MOST);
  if (bytes >= THREADS_FROM_BYTES && threads > 1) {
    return preparePool(new URL('./prepare-worker.js', import.meta.url), data, threads, redactor);
  }
  return {
    redactor,
    open: (harness) => inlinePreparer(harness, openRedactor(data.redactor), data.compress),
    close: async () => {},
  };
}
