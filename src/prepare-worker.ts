import { parentPort, workerData } from 'node:worker_threads';
import { harnesses } from '../harnesses/index.ts';
import { loadHarnesses } from './external-harnesses.ts';
import { servePreparers } from './mirror/prepare-server.ts';
import { inlinePreparers, type PreparersData } from './preparers.ts';

/** The thread that prepares the records of a backlog: see `preparers.ts`. */
if (!parentPort) throw new Error('expected to run on a thread of its own');
const data = workerData as PreparersData;
const { open } = await inlinePreparers(data);
const names = harnesses.map(({ name }) => name);
const known = [...harnesses, ...(await loadHarnesses(data.external, names))];
servePreparers(parentPort, (name, remembered) => {
  const harness = known.find((one) => one.name === name);
  if (!harness) throw new Error(`harness ${name} is not known here`);
  return open(harness, remembered);
});
