/** A thread that inspects slices of blocks for a pool. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Redaction } from './open.ts';
import { policyOf } from './policy.ts';
import { type Job, type Report, takeSlices } from './pool-job.ts';

const { key, settings } = workerData as Redaction;
const policy = policyOf({ key, ...(settings && { settings }) });

parentPort?.on('message', (job: Job) => {
  const taken = takeSlices(policy, Buffer.from(job.memory), job);
  parentPort?.postMessage({ id: job.id, taken } satisfies Report);
});
parentPort?.postMessage('ready');
