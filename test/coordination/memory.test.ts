import { expect, test } from 'vitest';
import { codeOf, World } from './sim/world.ts';

test('nobody overwrites what they have not seen, if they say so', async () => {
  const world = new World(1);
  const [a, b] = [world.actor('a'), world.actor('b')];
  const { version } = await world.run(a.memory.set('plan', { step: 1 }));
  const second = await world.run(b.memory.set('plan', { step: 2 }, { ifVersion: version }));
  expect(second.previous).toBe(version);
  await expect(world.run(a.memory.set('plan', { step: 3 }, { ifVersion: version }))).rejects.toMatchObject({
    code: 'version-differs',
    exitCode: 7,
    details: { current: { value: { step: 2 }, version: second.version } },
  });
  expect(await world.run(codeOf(a.memory.set('plan', 1, { ifAbsent: true })))).toBe('version-differs');
  await world.run(a.memory.delete('plan'));
  expect(await world.run(a.memory.get('plan'))).toBeUndefined();
  await world.run(a.memory.set('plan', 1, { ifAbsent: true }));
  expect(
    (await world.run(a.memory.history('plan'))).map(({ value, deleted }) => (deleted ? 'deleted' : value)),
  ).toEqual([1, 'deleted', { step: 2 }, { step: 1 }]);
});

test('names are listed by whole segments, and two names are two values', async () => {
  const world = new World(2);
  const a = world.actor('a');
  for (const name of ['a.b', 'a/b', 'a/c', 'ab', 'a', 'A', `a/${'x'.repeat(200)}`, '../x/..'])
    await world.run(a.memory.set(name, name));
  expect((await world.run(a.memory.list('a'))).map(({ name }) => name)).toEqual([
    'a',
    'a/b',
    'a/c',
    `a/${'x'.repeat(200)}`,
  ]);
  expect(await world.run(a.memory.list())).toHaveLength(8);
  for (const { name, value } of await world.run(a.memory.list())) expect(value).toBe(name);
});

test('large values come back whole, secrets do not', async () => {
  const world = new World(3);
  const a = world.actor('a');
  const large = { rows: Array.from({ length: 20_000 }, (_, i) => i), key: 'SECRET' };
  await world.run(a.memory.set('large', large));
  expect((await world.run(a.memory.get('large')))?.value).toEqual({ ...large, key: '***' });
});

test('ten writers that each count to twenty give two hundred', async () => {
  const world = new World(4);
  const actors = Array.from({ length: 10 }, (_, i) => world.actor(`a${i}`));
  const count = async (actor: (typeof actors)[number]) => {
    for (let i = 0; i < 20; i++) await actor.memory.update('n', (n) => Number(n ?? 0) + 1);
  };
  await world.run(Promise.all(actors.map(count)));
  expect((await world.run(actors[0]!.memory.get('n')))?.value).toBe(200);
});
