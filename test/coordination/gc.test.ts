import { expect, test } from 'vitest';
import type { Collected } from '../../src/coordination/gc.ts';
import { type Actor, codeOf, World } from './sim/world.ts';

const day = 86_400_000;

async function collect(actor: Actor, dryRun = false): Promise<Collected[]> {
  const found: Collected[] = [];
  for await (const one of actor.gc({ dryRun })) found.push(one);
  return found;
}

async function keys(world: World, prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of world.store.list(`p/${prefix}`)) count++;
  return count;
}

test('old versions go a day after they were superseded, floors first; the value and its history go on', async () => {
  const world = new World(1);
  const a = world.actor('a');
  for (let i = 0; i < 130; i++) await world.run(a.memory.set('k', i));
  expect(await world.run(collect(a))).toEqual([]);
  await world.pass(day + 1000);
  await world.run(a.memory.set('k', 'last'));
  const would = await world.run(collect(a, true));
  expect(would).toMatchObject([{ path: 'memory/k', removed: 30, cause: 'superseded' }]);
  expect(await keys(world, 'memory/')).toBe(131);
  const [first, second] = await world.run(Promise.all([collect(a), collect(a)]));
  expect([...first, ...second].length).toBeGreaterThan(0);
  expect(await keys(world, 'memory/')).toBe(101);
  expect(await keys(world, 'floors/')).toBe(1);
  expect((await world.run(a.memory.get('k')))?.value).toBe('last');
  expect((await world.run(a.memory.set('k', 'next'))).version).toMatch(/^132\./);
});

test('a writer that slept while its slot was made and collected does not win it', async () => {
  const world = new World(2);
  const [a, b] = [world.actor('a'), world.actor('b')];
  const { Register } = await import('../../src/store/register.ts');
  const register = new Register(a.space, 'memory/k', (value) => value as object);
  await world.run(b.memory.set('k', 'first'));
  const seen = await world.run(register.read());
  for (let i = 0; i < 110; i++) await world.run(b.memory.set('k', i));
  await world.pass(day + 1000);
  await world.run(b.memory.set('k', 'last'));
  await world.run(collect(b));
  const written = await world.run(
    register.cas(seen, { name: 'k', val: 'stale' }, { by: { agent: 'a', process: 'a' } }),
  );
  expect(written.outcome).toBe('lost');
  expect((await world.run(b.memory.get('k')))?.value).toBe('last');
});

test('messages go when all have read them; who comes back late is told how many are gone', async () => {
  const world = new World(3);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => world.actor(name, { ttlMs: day })) as [Actor, Actor, Actor];
  await world.run(c.agents.register());
  for (let i = 0; i < 10; i++) await world.run(a.messages.send('all', `m${i}`));
  await world.run(b.messages.receive());
  await world.pass(2 * day);
  // c has not read, and has been seen a moment ago.
  expect((await world.run(collect(a))).filter(({ path }) => path === 'messages/all')).toEqual([]);
  c.kill();
  await world.pass(8 * day);
  await world.run(a.messages.send('all', 'new'));
  await world.run(a.messages.clear());
  await world.pass(8 * day);
  expect((await world.run(collect(a))).find(({ path }) => path === 'messages/all')).toMatchObject({
    removed: 10,
    cause: 'read',
  });
  const late = world.actor('c');
  const inbox = await world.run(late.messages.receive());
  expect(inbox.messages.map(({ text }) => text)).toEqual(['new']);
  expect(inbox.skipped).toBe(10);
});

test('a process dead for a week is removed, and learns it when it wakes', async () => {
  const world = new World(4);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.tasks.add('t'));
  await world.run(a.tasks.claim('t'));
  const { process } = await world.run(a.identity.me());
  a.kill();
  await world.pass(120_000);
  await world.run(b.tasks.claim('t'));
  await world.pass(8 * day);
  expect((await world.run(collect(b))).map(({ cause }) => cause)).toContain('dead');
  const { Heartbeat } = await import('../../src/coordination/presence.ts');
  const record = {
    agent: 'a',
    host: 'h',
    boot: 'b',
    pid: 1,
    started: '0',
    ttlMs: 90_000,
    beatMs: 30_000,
    mode: 'attached' as const,
  };
  const zombie = new Heartbeat(b.space, process, record, 3);
  expect(await world.run(zombie.beat())).toBe('lost');
});

test('a task that has ended keeps its last slot, and its epochs never start again', async () => {
  const world = new World(5);
  const a = world.actor('a');
  await world.run(a.tasks.add('t'));
  for (let i = 0; i < 3; i++) {
    await world.run(a.tasks.claim('t'));
    await world.run(a.tasks.release('t'));
  }
  await world.run(a.tasks.claim('t'));
  await world.run(a.tasks.complete('t'));
  await world.pass(9 * day);
  await world.run(a.memory.set('now', 1));
  await world.run(collect(a));
  expect(await keys(world, 'tasks/')).toBe(1);
  expect(await world.run(codeOf(a.tasks.add('t')))).toBe('exists');
  expect(await world.run(codeOf(a.tasks.claim('t')))).toBe('terminal');
  expect(await world.run(a.tasks.log('t'))).toHaveLength(1);
});

test('a blob without a reference is condemned, then removed; who stores it again meanwhile gets another place', async () => {
  const world = new World(6);
  const a = world.actor('a');
  const large = 'x'.repeat(100_000);
  await world.run(a.memory.set('k', large));
  for (let i = 0; i < 102; i++) await world.run(a.memory.set('k', i));
  await world.pass(day + 1000);
  await world.run(a.memory.set('k', 'last'));
  await world.run(collect(a));
  const blobs = () => keys(world, 'blobs/');
  expect(await blobs()).toBe(1);
  expect((await world.run(collect(a))).map(({ cause }) => cause)).not.toContain('unreferenced');
  await world.run(a.memory.set('again', large));
  expect(await blobs()).toBe(2);
  await world.pass(day + 1000);
  expect((await world.run(collect(a))).map(({ cause }) => cause)).toContain('unreferenced');
  expect(await blobs()).toBe(1);
  expect((await world.run(a.memory.get('again')))?.value).toBe(large);
});
