import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, test, vi } from 'vitest';
import { handIn } from '../../src/resume/hand-in.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { withoutWriter } from '../sqlite/writer.ts';
import { event, openclawHosts, openclawImport } from './agents.ts';
import { TestHost } from './host.ts';

/** Calls left until the process is killed; what it has half written stays. */
const fuse = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, calls: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const burn = () => {
    fuse.calls++;
    if (fuse.left-- <= 0) throw new Error('killed');
  };
  return {
    ...real,
    async link(...args: Parameters<typeof real.link>) {
      burn();
      return real.link(...args);
    },
    async rename(...args: Parameters<typeof real.rename>) {
      burn();
      return real.rename(...args);
    },
    async rm(...args: Parameters<typeof real.rm>) {
      burn();
      return real.rm(...args);
    },
    async mkdir(...args: Parameters<typeof real.mkdir>) {
      burn();
      return real.mkdir(...args);
    },
    async open(...args: Parameters<typeof real.open>) {
      burn();
      return real.open(...args);
    },
    async writeFile(...args: Parameters<typeof real.writeFile>) {
      burn();
      return real.writeFile(...args);
    },
    async appendFile(path: string, data: Buffer) {
      if (fuse.left === 0) await real.appendFile(path, data.subarray(0, data.length >> 1));
      burn();
      return real.appendFile(path, data);
    },
  };
});

beforeEach(() => {
  fuse.left = Number.POSITIVE_INFINITY;
});

const samples = join(import.meta.dirname, '../samples');
/** Steps between two kills: claude-code has ten side files and sub-agents. */
const cases = [
  ['claude-code', 'main', '49d9aac8-4336-424d-8f44-ade0771584a6', process.env.CAIRN_LONG ? 1 : 7],
  ['codex', 'paginated-0.169', '01a1fd66-d618-70e0-a801-dddcfc2f5e9a', 1],
  ['codex', 'compaction-subagent-0.169', '01a1fd88-a926-78c2-b671-c8323365614b', 1],
] as const;

describe.each(cases)('%s %s, killed at every step of a restore', (agent, home, session, stride) => {
  it.each(['new', 'older'])('on a host where it is %s: usable, and the same command completes it', async (state) => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, agent, 1);
    await cp(join(samples, agent, home), a.root, { recursive: true });
    await a.mirror();
    const whole = await TestHost.make(store, folder, agent, 2);
    await whole.resume(session);
    const wanted = await whole.files();
    let kills = 0;
    for (let after = 0; ; after += stride) {
      const b = await TestHost.make(store, join(folder, `${state}-${after}`), agent, 2);
      const { cwd } = whole;
      if (state === 'older') await makeOlder(b, whole, wanted);
      const before = await b.files();
      const prepared = await b.prepare(session, { cwd });
      const { carryOut } = await import('../../src/resume/restore.ts');
      fuse.left = after;
      const killed = await carryOut(prepared.context, prepared.plan).then(
        () => false,
        () => true,
      );
      fuse.left = Number.POSITIVE_INFINITY;
      const left = agentFiles(await b.files());
      for (const [path, text] of before) expect(left.get(path)?.startsWith(text), path).toBe(true);
      expectUsable(left, wanted, state, session);
      await b.resume(session, { cwd });
      expect(shown(await b.files())).toEqual(shown(wanted));
      if (!killed) break;
      kills++;
    }
    expect(kills).toBeGreaterThan(5);
  });
});

test.skipIf(withoutWriter)(
  'an import that is killed at one step after the other goes on with the same command',
  async () => {
    const [a, b] = await openclawHosts();
    await a.source.statements(...['a', 'b', 'c'].map((id) => event('s1', id, `event ${id}`)));
    await a.host.mirror();
    const wanted = await a.source.expected();
    let kills = 0;
    for (let after = 0; ; after++) {
      const prepared = await b.host.prepareImport('s1');
      fuse.left = after;
      const killed = await handIn(prepared, async () => {
        fuse.left = Number.POSITIVE_INFINITY; // another process
        await openclawImport(b);
        fuse.left = 0;
      }).then(
        () => false,
        () => true,
      );
      fuse.left = Number.POSITIVE_INFINITY;
      expect(['', wanted]).toContain(await b.source.expected());
      if (!killed) break;
      kills++;
      if (kills > 60) throw new Error('it never comes to its end');
    }
    expect(kills).toBeGreaterThan(5);
    expect(await b.source.expected()).toBe(wanted);
  },
);

/** Each transcript without its last quarter. */
async function makeOlder(host: TestHost, whole: TestHost, wanted: Map<string, string>): Promise<void> {
  const { mkdir, writeFile } = await import('node:fs/promises');
  for (const [path, text] of wanted) {
    if (!path.endsWith('.jsonl')) continue;
    const end = text.lastIndexOf('\n', (text.length * 3) >> 2) + 1;
    await mkdir(join(host.root, path, '..'), { recursive: true });
    await writeFile(join(host.root, path), Buffer.from(text.slice(0, end).replaceAll(whole.root, host.root), 'latin1'));
  }
}

/** No half of a new file, and no transcript before what it rests on; a torn end is one that agents heal. */
function expectUsable(left: Map<string, string>, wanted: Map<string, string>, state: string, session: string): void {
  const whole = neutral(wanted);
  for (const [path, text] of neutral(left)) {
    if (state === 'new') expect(text, path).toBe(whole.get(path));
    else expect(whole.get(path)?.startsWith(text), path).toBe(true);
  }
  const isThere = [...left.keys()].some((path) => path.endsWith(`${session}.jsonl`));
  if (state === 'new' && isThere) expect(left.size).toBe(wanted.size);
}

const agentFiles = (files: Map<string, string>) =>
  new Map([...files].filter(([path]) => !path.startsWith('.cairn-restore-')));
/** Roots differ: they stand in the transcript where long results are named. */
const neutral = (files: Map<string, string>) =>
  new Map([...files].map(([path, text]) => [path, text.replace(/"[^"]*\/root\/projects|\/\S*\/root\/projects/g, '')]));
const shown = (files: Map<string, string>) => neutral(agentFiles(files));
