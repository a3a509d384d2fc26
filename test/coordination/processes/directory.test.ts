import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, test } from 'vitest';
import { temporaryFolder } from '../../mirror/rig.ts';
import type { Place } from './fleet.ts';
import { claims, counter, messages, prepare, zombie } from './scenarios.ts';

/** `CAIRN_LONG=1`: as many as it takes an hour for. */
const isLong = process.env.CAIRN_LONG === '1';
const size = isLong
  ? { processes: 16, tasks: 400, messages: 100, writers: 100, increments: 100 }
  : { processes: 16, tasks: 40, messages: 10, writers: 16, increments: 10 };
const timeout = isLong ? 3_600_000 : 180_000;

let place: Place;
beforeEach(async () => {
  const home = await temporaryFolder();
  place = { home, bucket: pathToFileURL(join(home, 'bucket')).href, env: {} };
  await prepare(place);
});

test('16 processes take tasks, a third is killed, clocks are off by an hour', { timeout }, () => claims(place, size));
test('a process stopped beyond its time to live finishes nothing', { timeout }, () => zombie(place));
test('16 senders, some killed: no message lost or doubled', { timeout }, () => messages(place, size));
test(`${size.writers} writers count to ${size.writers * size.increments}`, { timeout }, () => counter(place, size));
