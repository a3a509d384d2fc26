import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { claudeCode } from '../../harnesses/claude-code.ts';
import { discoverRoot } from '../../src/mirror/discover.ts';
import { deletionOf, guardSession } from '../../src/mirror/guard.ts';
import type { CatalogLine } from '../../src/mirror/meta.ts';
import { planPrune, pruneSessions } from '../../src/mirror/prune.ts';
import { requestBudget } from '../../src/mirror/request-budget.ts';
import { addUsage, readUsage } from '../../src/mirror/usage.ts';
import { readCatalog } from '../../src/sessions/catalog.ts';
import { dependenciesOf, sessionId } from '../../src/sessions/lineage.ts';
import { withCount } from '../../src/store/count.ts';
import { sessionPrefix } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { mirror, mirrorRun, temporaryFolder, testRuntime } from './rig.ts';

const day = 86_400_000;
const id = (n: number) => `${String(n).padStart(8, '0')}-2222-4333-8444-555555555555`;
const line = (n: number, text: number | string) =>
  `${JSON.stringify({ type: 'user', sessionId: id(n), message: { role: 'user', content: `${text}` } })}\n`;

let folder: string;
let bucket: BucketStore;
let runtime: ReturnType<typeof testRuntime>;

beforeEach(async () => {
  folder = await temporaryFolder();
  runtime = testRuntime('w', Date.now() + 3_600_000);
  bucket = memoryStore(runtime);
});

function fileOf(n: number): string {
  const file = join(folder, 'home/.claude/projects/-w', `${id(n)}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

const rig = () => ({ store: bucket, home: join(folder, 'home'), stateFolder: join(folder, 'state'), runtime });
const root = () => join(folder, 'home/.claude');

async function guard(n: number) {
  const { state } = await mirrorRun(rig());
  const run = { exists: async () => true, extras: false, report: () => {} };
  const { found } = await discoverRoot(run, claudeCode, root());
  const one = found.find(({ ref }) => ref.id === id(n))!;
  return guardSession({ store: bucket, project: 'p', state, runtime }, one);
}

describe('guard', () => {
  it('a session is safe when all of it is in the bucket, and not when it was never mirrored or grew', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    expect(await guard(1)).toMatchObject({ safe: false, reason: 'it was never mirrored to this bucket' });
    await mirror(rig());
    expect(await guard(1)).toMatchObject({ safe: true });
    appendFileSync(fileOf(1), line(1, 1));
    expect(await guard(1)).toMatchObject({ safe: false, reason: 'main: it grew since it was mirrored' });
  });

  it('the bucket is asked: a part that is missing or another in its place is found', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    await mirror(rig());
    appendFileSync(fileOf(1), line(1, 1));
    await mirror(rig());
    const address = { project: 'p', harness: 'claude-code', session: id(1) };
    const keys: string[] = [];
    for await (const entry of bucket.list(sessionPrefix(address))) if ('key' in entry) keys.push(entry.key);
    const [first = '', second = ''] = keys.filter((key) => key.includes('/part-'));
    const bytes = await (await bucket.get(second))!.bytes();
    await bucket.overwrite(second, await (await bucket.get(first))!.bytes());
    expect(await guard(1)).toMatchObject({ safe: false, reason: 'main: the bucket has other parts in its place' });
    await bucket.overwrite(second, bytes);
    expect(await guard(1)).toMatchObject({ safe: true });
    await bucket.remove(first);
    expect(await guard(1)).toMatchObject({ safe: false, reason: 'main: the bucket lacks parts of it' });
  });

  it("knows when the agent deletes: by its settings, else by the agent's default", async () => {
    const found = {
      harness: claudeCode,
      root: root(),
      ref: { harness: 'claude-code', id: id(1), modified: 5 * day, streams: [], lineage: [] },
    };
    mkdirSync(root(), { recursive: true });
    expect(deletionOf(found)).toBe(35 * day);
    writeFileSync(join(root(), 'settings.json'), JSON.stringify({ cleanupPeriodDays: 7 }));
    expect(deletionOf(found)).toBe(12 * day);
  });
});

const sessionLine = (n: number, ageDays: number, bases: readonly number[], harness = 'codex'): CatalogLine => {
  const at = new Date(1000 * day - ageDays * day).toISOString();
  return {
    harness,
    session: String(n),
    state: 'active',
    host: 'h',
    mirror: 'm',
    turns: 0,
    records: 0,
    bytes: 0,
    agents: 0,
    unknown: 0,
    redactions: 0,
    updatedAt: at,
    endedAt: at,
    lineage: bases.map((base) => ({ kind: 'base', session: String(base) })),
  };
};

describe('prune', () => {
  it('whatever is wished: nothing at work goes, nothing that is needed by what stays, and the newest stay', () => {
    const project = fc
      .array(fc.record({ age: fc.integer({ min: 0, max: 200 }), bases: fc.array(fc.nat(11), { maxLength: 3 }) }), {
        maxLength: 12,
      })
      .map((sessions) => sessions.map(({ age, bases }, n) => sessionLine(n, age, bases)));
    fc.assert(
      fc.property(project, fc.integer({ min: 1, max: 150 }), fc.nat(4), (lines, days, keepLast) => {
        const { remove, keep } = planPrune(lines, { before: (1000 - days) * day, keepLast, now: 1000 * day });
        const going = new Set(remove.map(sessionId));
        const { dependsOn } = dependenciesOf(lines);
        for (const one of lines) {
          if (going.has(sessionId(one))) continue;
          for (const base of dependsOn(sessionId(one))) expect(going.has(base)).toBe(false);
        }
        for (const { updatedAt } of remove) expect(Date.parse(updatedAt)).toBeLessThan((1000 - days) * day);
        expect(lines.length - going.size).toBeGreaterThanOrEqual(Math.min(keepLast, lines.length));
        const old = lines.filter(({ updatedAt }) => Date.parse(updatedAt) < (1000 - days) * day);
        expect(remove.length + keep.length).toBe(old.length);
      }),
    );
  });

  it('an old session goes, whole, with its blobs; it is no longer listed and not mirrored again', async () => {
    writeFileSync(fileOf(1), line(1, 0));
    const side = fileOf(1).replace('.jsonl', '/tool-results/large.txt');
    mkdirSync(dirname(side), { recursive: true });
    writeFileSync(side, 'x'.repeat(100_000));
    await mirror(rig());
    writeFileSync(fileOf(2), line(2, 0));
    runtime.time += 100 * day;
    await mirror(rig());
    const { lines } = await readCatalog(bucket, 'p');
    const wish = { before: runtime.now() - 90 * day, keepLast: 0, now: runtime.now() };
    const { remove } = planPrune(lines, wish);
    expect(remove.map(({ session }) => session)).toEqual([id(1)]);
    const { state } = await mirrorRun(rig());
    const pruned = [];
    for await (const one of pruneSessions(bucket, 'p', state, runtime, remove)) pruned.push(one);
    expect(pruned).toMatchObject([{ objects: 4 }]);
    const left = [];
    for await (const entry of bucket.list('p/sessions/')) if ('key' in entry) left.push(entry.key);
    expect(left.length).toBe(2);
    expect(left.every((key) => key.includes(id(2)))).toBe(true);
    expect((await readCatalog(bucket, 'p')).lines.map(({ session }) => session)).toEqual([id(2)]);
    runtime.time += day;
    expect((await mirror(rig())).at(-1)).toMatchObject({ sessions: 0 });
    // Changed again, it is mirrored again, from its start.
    appendFileSync(fileOf(1), line(1, 1));
    await mirror(rig());
    rmSync(side);
    expect((await readCatalog(bucket, 'p')).lines.map(({ session }) => session).sort()).toEqual([id(1), id(2)]);
  });
});

describe('metering', () => {
  it('adds up by day what was asked of the bucket, across runs', async () => {
    const store = withCount(bucket);
    runtime.time = Date.parse('2026-11-20T23:00:00Z');
    await store.overwrite('a', Buffer.alloc(10));
    const before = store.counts();
    await addUsage(folder, runtime, before);
    await store.get('a');
    runtime.time += 2 * 3_600_000;
    await addUsage(folder, runtime, store.counts(), before, { sessionMs: 3_600_000, activeMs: 1_800_000 });
    const days = await readUsage(folder);
    expect(days['2026-11-20']).toMatchObject({ overwrite: { requests: 1, bytesUp: 10 }, get: { requests: 0 } });
    expect(days['2026-11-21']).toMatchObject({ overwrite: { requests: 0 }, get: { requests: 1 }, sessionHours: 1 });
  });

  it('no hour has more requests than its budget, and those of one piece of work', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 5000 }),
        fc.array(fc.record({ cost: fc.integer({ min: 1, max: 5 }), idle: fc.nat(600_000) }), { maxLength: 300 }),
        (perHour, pieces) => {
          let now = 0;
          const budget = requestBudget(perHour, () => now);
          const spent: { at: number; cost: number }[] = [];
          for (const { cost, idle } of pieces) {
            now += idle + budget.waitMs();
            expect(budget.waitMs()).toBe(0);
            budget.spend(cost);
            spent.push({ at: now, cost });
          }
          for (const { at } of spent) {
            const hour = spent.filter((one) => one.at > at - 3_600_000 && one.at <= at);
            expect(hour.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(perHour + 5);
          }
        },
      ),
    );
  });
});
