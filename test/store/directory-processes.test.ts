import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { directoryStore } from '../../src/store/directory.ts';
import { parseSlot } from '../../src/store/keys.ts';
import { readLogBody } from './log-body.ts';
import { testRuntime } from './runtime.ts';

const repository = resolve(import.meta.dirname, '../..');
let base: string;

/** Compiles the worker as the package is compiled: Node 20 runs no TypeScript. */
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'cairn-processes-'));
  const settings = {
    extends: join(repository, 'tsconfig.json'),
    compilerOptions: {
      rootDir: repository,
      outDir: join(base, 'built'),
      typeRoots: [join(repository, 'node_modules/@types')],
    },
    include: [],
    files: [join(repository, 'test/store/directory-worker.ts')],
  };
  await mkdir(join(base, 'built'));
  await writeFile(join(base, 'tsconfig.json'), JSON.stringify(settings));
  await writeFile(join(base, 'built/package.json'), '{"type":"module"}');
  await symlink(join(repository, 'node_modules'), join(base, 'node_modules'));
  await promisify(execFile)(join(repository, 'node_modules/.bin/tsc'), ['-p', base]);
}, 60_000);
afterAll(() => rm(base, { recursive: true }));

interface Ack {
  readonly slot: number;
  readonly w: string;
}

/** Runs a worker to its end, or kills it when it has acknowledged `killAfter` appends. */
async function runWorker(root: string, name: string, count: number, killAfter?: number): Promise<Ack[]> {
  const worker = spawn(
    process.execPath,
    [join(base, 'built/test/store/directory-worker.js'), root, name, String(count)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<number | null>((done) => worker.once('close', done));
  const acks: Ack[] = [];
  for await (const line of createInterface({ input: worker.stdout })) {
    const [slot, w = ''] = line.split(' ');
    acks.push({ slot: Number(slot), w });
    if (acks.length === killAfter) worker.kill('SIGKILL');
  }
  expect(await ended).toBe(killAfter === undefined ? 0 : null);
  return acks;
}

it('holds one log for 16 processes, 6 of which are killed: no gap, nothing twice, nothing half, nothing lost', async () => {
  const root = join(base, 'bucket');
  const finishing = Array.from({ length: 10 }, (_, i) => runWorker(root, `finishing${i}`, 12));
  const killed = Array.from({ length: 6 }, (_, i) => runWorker(root, `killed${i}`, 1000, 2 * i + 1));
  const acks = (await Promise.all([...finishing, ...killed])).flat();

  const store = directoryStore(root, testRuntime());
  const log = new Map<number, string>();
  for await (const entry of store.list('')) {
    const key = 'key' in entry ? entry.key : '';
    const slot = parseSlot('log/', key);
    expect(slot, `a key of the log, got ${key}`).toBeDefined();
    const bytes = await (await store.get(key))?.bytes();
    log.set(slot ?? 0, readLogBody(bytes ?? new Uint8Array()).w);
  }
  expect([...log.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: log.size }, (_, i) => i + 1));
  expect(new Set(log.values()).size).toBe(log.size);
  for (const { slot, w } of acks) expect(log.get(slot)).toBe(w);
  expect(acks.length).toBeGreaterThanOrEqual(10 * 12 + 36);
  expect(log.size - acks.length).toBeLessThanOrEqual(6); // made, and killed before it could say so
  expect((await readdir(join(root, '.tmp'))).length).toBeLessThanOrEqual(6);
}, 120_000);
