/** A thread that inspects slices of blocks for a pool. */
import { parentPort, workerData } from 'node:worker_threads';
import { inspect } from './inspect.ts';
import type { Redaction } from './open.ts';
import { policyOf } from './policy.ts';
import type { Job, Report } from './pool.ts';
import type { Finding } from './scanner.ts';

const { key, settings } = workerData as Redaction;
const policy = policyOf({ key, ...(settings && { settings }) });

parentPort?.on('message', ({ id, memory, slices, claimed }: Job) => {
  const block = Buffer.from(memory);
  const findings: Finding[] = [];
  let images = 0;
  let done = 0;
  for (let i = Atomics.add(claimed, 0, 1); i < slices.length - 1; i = Atomics.add(claimed, 0, 1)) {
    const slice = inspect(policy, block, slices[i] as number, slices[i + 1] as number);
    findings.push(...slice.findings);
    images += slice.images;
    done += 1;
  }
  parentPort?.postMessage({ id, findings, images, done } satisfies Report);
});
parentPort?.postMessage('ready');
