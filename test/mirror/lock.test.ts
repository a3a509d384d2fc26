import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { acquireLock } from '../../src/mirror/lock.ts';
import { hostProcesses } from '../../src/mirror/processes.ts';
import { temporaryFolder, testRuntime } from './rig.ts';

it('is held by one; the other is told by whom and since when', async () => {
  const folder = await temporaryFolder();
  const processes = await hostProcesses(process.pid, process.kill);
  const release = await acquireLock(folder, 'session', processes, testRuntime('a', 0));
  await expect(acquireLock(folder, 'session', processes, testRuntime('b'))).rejects.toMatchObject({
    code: 'held',
    message: expect.stringContaining(`process ${process.pid} holds it since 1970-01-01T00:00:00.000Z`),
  });
  const other = await acquireLock(folder, 'catalog', processes, testRuntime('c'));
  await other();
  await release();
  await (await acquireLock(folder, 'session', processes, testRuntime('d')))();
  expect(readdirSync(folder)).toEqual([]);
});

it('of a dead process is taken over, also when its pid lives again', async () => {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const theirs = await hostProcesses(child.pid!, process.kill);
  const mine = await hostProcesses(process.pid, process.kill);
  await acquireLock(folder, 'session', theirs, testRuntime('a'));
  await expect(acquireLock(folder, 'session', mine, testRuntime('b'))).rejects.toMatchObject({ code: 'held' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await acquireLock(folder, 'session', mine, testRuntime('c')))();
  const reused = { self: { ...mine.self, started: '1' }, alive: mine.alive };
  await acquireLock(folder, 'session', reused, testRuntime('d'));
  await (await acquireLock(folder, 'session', mine, testRuntime('e')))();
});

it('twenty that come at once: never two hold it', async () => {
  const folder = await temporaryFolder();
  const processes = await hostProcesses(process.pid, process.kill);
  let holders = 0;
  let most = 0;
  const taken = await Promise.allSettled(
    Array.from({ length: 20 }, async (_, n) => {
      const random = () => (n * 0.37 + 0.11) % 1;
      const release = await acquireLock(folder, 'session', processes, { ...testRuntime(`p${n}`), random });
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 2));
      holders--;
      await release();
    }),
  );
  expect(most).toBeLessThanOrEqual(1);
  for (const outcome of taken)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'held' });
});
