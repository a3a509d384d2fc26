import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '../../src/runtime.ts';

/** A runtime whose sleeps take no time and are remembered; its clock is the host's. */
export interface TestRuntime extends Runtime {
  readonly slept: number[];
}

export function testRuntime(random: () => number = Math.random): TestRuntime {
  const slept: number[] = [];
  return {
    slept,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    async sleep(ms) {
      slept.push(ms);
      await delay(0);
    },
    random,
    id: () => Array.from(randomBytes(26), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join(''),
  };
}
