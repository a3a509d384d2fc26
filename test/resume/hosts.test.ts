import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CairnError } from '../../src/errors.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { temporaryFolder, testRedactor, testRuntime } from '../mirror/rig.ts';
import { TestHost } from './host.ts';

const session = '11111111-2222-4333-8444-555555555555';
const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('{'));
/** The session's transcript on a host, wherever it lies. */
const transcript = async (host: TestHost) =>
  [...(await host.files())].find(([path]) => path.endsWith(`${session}.jsonl`)) ?? ['', ''];

let number = 0;
const record = (extra = '') =>
  `${JSON.stringify({ type: 'user', sessionId: session, uuid: `u${++number}`, message: { content: `é ${extra} ${number}` } })}\n`;

/** What is done on one of three hosts; `torn` leaves half a line, as a killed agent does. */
const step = fc.record({
  host: fc.integer({ min: 0, max: 2 }),
  do: fc.constantFrom('write', 'torn', 'mirror', 'resume'),
});

test('whoever does what on three hosts: no file loses a byte, nothing is doubled, what was mirrored stays', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 24 }), async (steps) => {
      const folder = await temporaryFolder();
      const store = memoryStore(testRuntime());
      const hosts = await Promise.all([1, 2, 3].map((n) => TestHost.make(store, folder, 'claude-code', n)));
      for (const host of hosts) host.redactor = () => testRedactor(/secret\d*/g);
      const [a] = hosts;
      const path = join(a!.root, 'projects/-work', `${session}.jsonl`);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, record('secret1') + record());
      await a!.mirror();
      for (const { host: at, do: what } of steps) {
        const host = hosts[at]!;
        host.runtime.time += 5000;
        const [file, before] = await transcript(host);
        if (what === 'mirror') await host.mirror();
        else if (what === 'resume') {
          try {
            await host.resume(session);
          } catch (error) {
            if (!(error instanceof CairnError && error.code === 'differs')) throw error;
            expect(await transcript(host)).toEqual([file, before]);
          }
        } else if (file !== '') {
          // The agent ends a torn line before it goes on.
          const healed = before === '' || before.endsWith('\n') ? '' : '\n';
          await appendFile(
            join(host.root, file),
            healed + (what === 'torn' ? record().slice(0, 30) : record('secret2')),
          );
        }
        const [, after] = await transcript(host);
        expect(after.startsWith(before)).toBe(true);
        const ids = lines(after)
          .map((line) => /"uuid":"(u\d+)"/.exec(line)?.[1])
          .filter(Boolean);
        expect(new Set(ids).size, 'a record twice').toBe(ids.length);
      }
    }),
    { numRuns: 60, ...(process.env.SEED && { seed: Number(process.env.SEED) }) },
  );
}, 60_000);

test('hosts that take turns have all of it, and one head', async () => {
  const folder = await temporaryFolder();
  const store = memoryStore(testRuntime());
  const hosts = await Promise.all([1, 2, 3].map((n) => TestHost.make(store, folder, 'claude-code', n)));
  const path = join(hosts[0]!.root, 'projects/-work', `${session}.jsonl`);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, record());
  await hosts[0]!.mirror();
  for (let round = 0; round < 9; round++) {
    const host = hosts[round % 3]!;
    host.runtime.time += 5000;
    const { notes } = await host.resume(session);
    expect(notes).toEqual([]);
    const [file, text] = await transcript(host);
    expect(lines(text).length).toBe(round + 1);
    await appendFile(join(host.root, file), record());
    await host.mirror();
  }
});
