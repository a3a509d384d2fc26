/**
 * A process that appends to a log in a directory bucket: `node directory-worker.js ROOT NAME COUNT`.
 * Prints `slot w` when an append is acknowledged.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createOnce } from '../../src/store/create-once.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { slotKey } from '../../src/store/keys.ts';
import { logBody, readLogBody } from './log-body.ts';

const [root = '', name = '', count = '0'] = process.argv.slice(2);
let ids = 0;
const runtime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number) => delay(ms),
  random: () => Math.random(),
  id: () => `${name}-${process.pid}-${ids++}`,
};
const store = directoryStore(root, runtime);

let slot = 1;
for (let i = 0; i < Number(count); i++) {
  const w = runtime.id();
  for (let done = false; !done; slot++) {
    const result = await createOnce(store, slotKey('log/', slot), logBody(w), w, {
      runtime,
      read: async (object) => readLogBody(await object.bytes()),
    });
    if (result.outcome === 'unknown') throw result.cause;
    done = result.outcome === 'won';
    if (done) process.stdout.write(`${slot} ${w}\n`);
  }
}
