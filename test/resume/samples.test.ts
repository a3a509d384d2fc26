import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { slugOf } from '../../harnesses/claude-code/restoring.ts';
import { storedSessions } from '../../src/sessions/inventory.ts';
import { listSession } from '../../src/sessions/listing.ts';
import { chooseEpoch, readParts } from '../../src/sessions/reader.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { textOf } from '../sessions/bucket.ts';
import { partsOf, TestHost } from './host.ts';

const samples = join(import.meta.dirname, '../samples');
const homes = [
  ['claude-code', 'main'],
  ['codex', 'paginated-0.169'],
  ['codex', 'compaction-subagent-0.169'],
  ['codex', 'legacy'],
  ['codex', 'edge/compressed'],
] as const;

/** Every stream of every session, as text. */
async function contentOf(store: BucketStore): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  for await (const address of storedSessions(store, 'p')) {
    for (const [stream, epochs] of (await listSession(store, address)).streams) {
      const at = { ...address, stream };
      const { run, others } = await chooseEpoch(store, at, epochs);
      expect(others).toEqual([]);
      content.set(`${address.session}/${stream}`, await textOf(readParts(store, at, run)));
    }
  }
  return content;
}

/** What differs between hosts by design: their folders, and of side files the time and the keyed mark. */
function neutral(content: Map<string, string>, { root, cwd }: TestHost): Map<string, string> {
  const plain = (text: string) =>
    text
      .replace(/"mtime":"[^"]*","mark":"\w+"/g, '')
      .replaceAll(join(root, 'projects', slugOf(cwd)), '/home/dev/.claude/projects/-home-dev-web-app')
      .replace(/"cwd":"[^"]*"/g, '')
      .split('\n')
      .sort()
      .join('\n');
  return new Map([...content].sort().map(([name, text]) => [name, plain(text)]));
}

describe.each(homes)('%s %s, put back on another host', (agent, home) => {
  it('is the same, is not shipped again, and is the same from there', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, agent, 1);
    const b = await TestHost.make(store, folder, agent, 2);
    await cp(join(samples, agent, home), a.root, { recursive: true });
    await a.mirror();
    const before = await contentOf(store);
    for await (const { session } of storedSessions(store, 'p')) {
      await b.resume(session);
      const untouched = await b.files();
      const again = await b.resume(session);
      expect(new Set(again.plan.session.files.map(({ action }) => action))).toEqual(new Set(['same']));
      expect(await b.files()).toEqual(untouched);
    }
    const shipped = await b.mirror();
    expect(partsOf(shipped)).toBe(0);
    expect(await contentOf(store)).toEqual(before);

    const fresh = memoryStore(testRuntime());
    await b.mirror({ store: fresh, state: 'fresh' });
    expect(neutral(await contentOf(fresh), b)).toEqual(neutral(before, b));
  });
});

describe('codex', () => {
  const base = '01a1fd65-a3d9-78c1-a43c-5f0aed69e3f6';
  const fork = '01a1fd66-d618-70e0-a801-dddcfc2f5e9a';

  it('brings the base of a fork, base first', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, 'codex', 1);
    const b = await TestHost.make(store, folder, 'codex', 2);
    await cp(join(samples, 'codex/paginated-0.169'), a.root, { recursive: true });
    await a.mirror();
    const { plan } = await b.resume(fork);
    expect(plan.sessions.map(({ target }) => target.session)).toEqual([base, fork]);
    expect([...(await b.files()).keys()].map((path) => path.slice(-42, -6))).toEqual([base, fork]);
  });

  it('refuses a fork whose base nobody mirrored', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, 'codex', 1);
    await cp(join(samples, 'codex/paginated-0.169'), a.root, { recursive: true });
    for (const path of (await a.files()).keys()) if (path.includes(base)) await rm(join(a.root, path));
    await a.mirror();
    const b = await TestHost.make(store, folder, 'codex', 2);
    await expect(b.resume(fork)).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining(base) });
    expect(await b.files()).toEqual(new Map());
  });

  it('says that the provider of a thread is not configured', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, 'codex', 1);
    await cp(join(samples, 'codex/paginated-0.169'), a.root, { recursive: true });
    await a.mirror();
    const { obstacles } = await a.prepare(base);
    expect(obstacles.map(({ message }) => message).join()).toContain('"fake" is not configured');
  });

  it('leaves an archived thread where it is', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, 'codex', 1);
    await cp(join(samples, 'codex/legacy'), a.root, { recursive: true });
    await a.mirror();
    const [path = ''] = (await a.files()).keys();
    await mkdir(join(a.root, 'archived_sessions'));
    await rename(join(a.root, path), join(a.root, 'archived_sessions', path.split('/').at(-1)!));
    const { plan, obstacles } = await a.resume('0199f2a0-1111-7222-8333-444455556666');
    expect(plan.session.files.map(({ action }) => action)).toEqual(['same']);
    expect(obstacles.map(({ hint }) => hint).join()).toContain('codex unarchive');
  });
});

describe('claude-code', () => {
  const session = '49d9aac8-4336-424d-8f44-ade0771584a6';

  it('names long results where they lie now', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, 'claude-code', 1);
    const b = await TestHost.make(store, folder, 'claude-code', 2);
    await cp(join(samples, 'claude-code/main'), a.root, { recursive: true });
    await a.mirror();
    await b.resume(session);
    const files = await b.files();
    const transcript = files.get(`projects/${slugOf(b.cwd)}/${session}.jsonl`) ?? '';
    const named = [...transcript.matchAll(/"persistedOutputPath":"([^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBe(2);
    for (const path of named) expect([...files.keys()].map((file) => join(b.root, file))).toContain(path);
    expect([...files.keys()].filter((file) => file.includes('/subagents/')).length).toBe(10);
  });

  it('forks: whole, or up to a turn', async () => {
    const folder = await temporaryFolder();
    const store = memoryStore(testRuntime());
    const a = await TestHost.make(store, folder, 'claude-code', 1);
    await cp(join(samples, 'claude-code/main'), a.root, { recursive: true });
    await a.mirror();
    const before = await a.files();
    const whole = await a.resume(session, { fork: true });
    const cut = await a.resume(session, { fork: true, at: 1 });
    const after = await a.files();
    for (const [path, text] of before) expect(after.get(path)).toBe(text);
    const of = ({ plan }: typeof whole) =>
      after
        .get(`projects/${slugOf(plan.session.target.cwd)}/${plan.session.target.session}.jsonl`)
        ?.trimEnd()
        .split('\n') ?? [];
    expect(of(whole).length).toBe(
      before.get(`projects/-home-dev-web-app/${session}.jsonl`)?.trimEnd().split('\n').length,
    );
    const prompts = of(cut).filter((line) => line.includes('"promptSource"') && !line.includes('task-notification'));
    expect(prompts.length).toBe(1);
    expect(of(cut).join()).toContain(`"forkedFrom":{"sessionId":"${session}"`);
    await expect(a.resume(session, { fork: true, at: 99 })).rejects.toMatchObject({ code: 'usage' });
    const events = await a.mirror();
    const shipped = events.flatMap((event) =>
      event.event === 'part' && event.stream === 'main' ? [event.session] : [],
    );
    expect(shipped.sort()).toEqual([whole, cut].map(({ plan }) => plan.session.target.session).sort());
  });
});
