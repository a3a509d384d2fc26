import { expect, test } from 'vitest';
import { readEvents } from '../../src/coordination/events.ts';
import { slotKey, slotPrefix } from '../../src/store/keys.ts';
import { all } from '../harness/support.ts';
import { World } from './sim/world.ts';

test('what agents did is told in its order, with who, where and in which transcript', async () => {
  const world = new World(1);
  const [a, b] = [world.actor('a', { session: 'codex/019a' }), world.actor('b')];
  await world.run(a.tasks.add('t'));
  await world.run(a.tasks.claim('t'));
  await world.run(a.memory.set('k', 1));
  await world.run(a.messages.send('b', 'look'));
  await world.run(b.messages.receive());
  await world.pass(2000);
  const since = world.now;
  await world.run(a.tasks.handoff('t', { to: 'b' }));
  await world.run(b.tasks.accept('t'));
  await world.run(b.tasks.complete('t', { epoch: 2 }));
  await world.run(b.memory.delete('k'));
  await world.run(a.close());
  const broken = slotKey(slotPrefix('p', 'tasks/t'), 9);
  await world.run(world.store.create(broken, Buffer.from('{')));

  const events = await world.run(all(readEvents(a.space)));
  const told = events.map((event) => `${event.kind} ${event.op} ${event.by.agent} ${event.by.session ?? ''}`.trim());
  expect(told.filter((line) => line.startsWith('task'))).toEqual([
    'task add a codex/019a',
    'task claim a codex/019a',
    'task handoff a codex/019a',
    'task claim b',
    'task complete b',
  ]);
  expect(told.filter((line) => !line.startsWith('task'))).toEqual([
    'agent open a codex/019a',
    'memory set a codex/019a',
    'message send a codex/019a',
    'agent open b',
    'read fetch b',
    'message send a codex/019a',
    'memory delete b',
    'agent closed a codex/019a',
  ]);
  const read = events.find(({ kind }) => kind === 'read');
  const message = events.find(({ kind }) => kind === 'message');
  expect(message).toMatchObject({ channel: '@b', n: 1, message: { from: 'a', body: 'look' } });
  expect(read).toMatchObject({ agent: 'b', channel: '@b', upto: 1 });
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((x, y) => x - y));

  const late = await world.run(all(a.events({ since })));
  expect(late).toEqual(events.filter(({ at }) => at >= since - (since % 1000)));
  expect(late.length).toBeLessThan(events.length);
});
