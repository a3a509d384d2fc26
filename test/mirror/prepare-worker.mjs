import { parentPort, workerData } from 'node:worker_threads';
import { harnesses } from '../../dist/harnesses/index.js';
import { servePreparers } from '../../dist/src/mirror/prepare-server.js';
import { inlinePreparer } from '../../dist/src/mirror/preparer.js';

/** The thread as the program has it, with the redactor of a test: its function's text, and what it is called with. */
const { redactor, pattern } = workerData;
const makeRedactor = new Function(`return ${redactor}`)();
servePreparers(parentPort, (name) =>
  inlinePreparer(
    harnesses.find((harness) => harness.name === name),
    makeRedactor(pattern),
    3,
  ),
);
