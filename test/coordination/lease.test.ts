import { expect, test } from 'vitest';
import { codeOf, World } from './sim/world.ts';

const session = 'codex/019a';

test('one process has a lease; who is dead loses it, who lives only to force, and then finds its epoch passed', async () => {
  const world = new World(1);
  const [a, b, c] = [world.actor('a'), world.actor('b'), world.actor('c')];
  expect(await world.run(a.leases.holder(session))).toBeUndefined();
  const first = await world.run(a.leases.take(session, { note: 'resumed with SECRET' }));
  expect(first).toMatchObject({ name: session, epoch: 1, agent: 'a', note: 'resumed with ***' });
  expect(await world.run(a.leases.take(session))).toMatchObject({ epoch: 1 });
  expect(await world.run(b.leases.holder(session))).toMatchObject({ agent: 'a', epoch: 1 });
  await expect(world.run(b.leases.take(session))).rejects.toMatchObject({ code: 'held', details: { agent: 'a' } });
  a.kill();
  await world.pass(60_000);
  expect(await world.run(codeOf(b.leases.take(session)))).toBe('held');
  await world.pass(60_000);
  expect(await world.run(c.leases.holder(session))).toBeUndefined();
  expect(await world.run(b.leases.take(session))).toMatchObject({ agent: 'b', epoch: 2 });
  expect(await world.run(c.leases.take(session, { force: true }))).toMatchObject({ agent: 'c', epoch: 3 });
  await world.run(b.leases.release(session));
  expect(await world.run(b.leases.holder(session))).toMatchObject({ agent: 'c', epoch: 3 });
  await world.run(c.leases.release(session));
  expect(await world.run(b.leases.take(session))).toMatchObject({ agent: 'b', epoch: 4 });
  await world.run(b.close());
  expect(await world.run(c.leases.holder(session))).toBeUndefined();
});

test('of many that take a lease at once one succeeds', async () => {
  const world = new World(2);
  const actors = Array.from({ length: 12 }, (_, i) => world.actor(`a${i}`));
  const codes = await world.run(Promise.all(actors.map((one) => codeOf(one.leases.take(session)))));
  expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  expect(codes.filter((code) => code === 'held')).toHaveLength(11);
});
