import { expect, test } from 'vitest';
import { codeOf, World } from './sim/world.ts';

test('of many that claim one wins, claiming again is no error, the loser learns who holds it', async () => {
  const world = new World(1);
  const actors = ['a', 'b', 'c', 'd'].map((name) => world.actor(name));
  await world.run(actors[0]!.tasks.add('t', { title: 'the task' }));
  const codes = await world.run(Promise.all(actors.map((actor) => codeOf(actor.tasks.claim('t')))));
  expect(codes.sort()).toEqual(['held', 'held', 'held', 'ok']);
  const { task } = await world.run(actors[0]!.tasks.why('t'));
  const winner = actors.find(({ agent }) => agent === task.agent)!;
  expect(await world.run(winner.tasks.claim('t'))).toMatchObject({ epoch: 1, already: true });
  const loser = actors.find(({ agent }) => agent !== task.agent)!;
  await expect(world.run(loser.tasks.claim('t'))).rejects.toMatchObject({
    code: 'held',
    exitCode: 3,
    details: { agent: winner.agent },
  });
});

test('a task that nobody beats for is taken in two writes, and the late holder is refused', async () => {
  const world = new World(2);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.tasks.add('t'));
  const { epoch } = await world.run(a.tasks.claim('t'));
  a.kill();
  await world.pass(50_000);
  expect(await world.run(codeOf(b.tasks.claim('t')))).toBe('held');
  await world.pass(60_000);
  expect(await world.run(b.tasks.claim('t'))).toMatchObject({ epoch: epoch + 1, already: false });
  const [process] = (await world.run(b.agents.list({ dead: true }))).filter(({ state }) => state === 'dead');
  expect(process).toMatchObject({ agent: 'a' });
});

test('a stopped process that wakes is told that it was declared dead, and finishes nothing', async () => {
  const world = new World(3);
  const [a, b] = [world.actor('a', { ttlMs: 30_000 }), world.actor('b')];
  await world.run(a.tasks.add('t'));
  const claim = await world.run(a.tasks.claim('t'));
  // A second process of the same program, which does not hear of time passing: the first one as it was.
  const { process } = await world.run(a.identity.me());
  a.kill();
  await world.pass(60_000);
  await world.run(b.tasks.claim('t'));
  const zombie = world.actor('a');
  Object.assign(zombie.identity, { me: async () => ({ agent: 'a', process }) });
  await expect(world.run(zombie.tasks.complete('t', { epoch: claim.epoch }))).rejects.toMatchObject({
    code: 'lost',
    exitCode: 3,
  });
  await world.run(b.tasks.complete('t', { epoch: claim.epoch + 1, result: 'b did it' }));
  expect(await world.run(codeOf(zombie.tasks.complete('t', { epoch: claim.epoch })))).toBe('lost');
  expect(await world.run(codeOf(a.tasks.claim('t').catch(() => zombie.tasks.claim('t'))))).toBe('terminal');
});

test('release keeps the epoch, fail --retry opens it, done stays done', async () => {
  const world = new World(4);
  const a = world.actor('a');
  await world.run(a.tasks.add('t'));
  expect((await world.run(a.tasks.claim('t'))).epoch).toBe(1);
  expect(await world.run(a.tasks.release('t'))).toMatchObject({ state: 'open', epoch: 1, holder: undefined });
  expect((await world.run(a.tasks.claim('t'))).epoch).toBe(2);
  await world.run(a.tasks.progress('t', { note: 'half, with SECRET' }));
  expect(await world.run(a.tasks.fail('t', { reason: 'flaky', retry: true }))).toMatchObject({
    state: 'open',
    note: 'half, with ***',
    attempts: 2,
  });
  const { epoch } = await world.run(a.tasks.claim('t'));
  await world.run(a.tasks.complete('t', { epoch, result: 'ok' }));
  expect(await world.run(codeOf(a.tasks.complete('t', { epoch })))).toBe('ok');
  expect(await world.run(codeOf(a.tasks.fail('t', { epoch })))).toBe('terminal');
  expect(await world.run(codeOf(a.tasks.claim('t')))).toBe('terminal');
  const log = await world.run(a.tasks.log('t'));
  expect(log.map(({ op }) => op)).toEqual([
    'complete',
    'claim',
    'fail',
    'progress',
    'claim',
    'release',
    'claim',
    'add',
  ]);
});

test('a hand-off is one write: read, declined, accepted; the message about it may be lost', async () => {
  const world = new World(5);
  const [a, b, c] = [world.actor('a'), world.actor('b'), world.actor('c')];
  await world.run(a.tasks.add('t'));
  const { epoch } = await world.run(a.tasks.claim('t'));
  const git = { branch: 'main', commit: 'abc', changed: ['x.ts', 'new file'] };
  await world.run(a.tasks.handoff('t', { epoch, to: 'b', note: 'parser is done', next: 'write the tests', git }));
  expect(await world.run(b.tasks.show('t'))).toMatchObject({
    state: 'offered',
    to: 'b',
    handoff: { from: 'a', next: 'write the tests', git },
  });
  expect(await world.run(codeOf(c.tasks.claim('t')))).toBe('held');
  expect(await world.run(codeOf(c.tasks.decline('t')))).toBe('lost');
  const { messages } = await world.run(b.messages.receive());
  expect(messages).toMatchObject([{ kind: 'offer', from: 'a', task: { name: 't' } }]);
  await world.run(b.tasks.decline('t', { reason: 'no time' }));
  expect(await world.run(c.tasks.claim('t'))).toMatchObject({ epoch: 2 });
  await world.run(c.tasks.handoff('t', { to: 'b', note: 'again', offerMs: 1000 }));
  await world.pass(2000);
  expect(await world.run(a.tasks.claim('t'))).toMatchObject({ epoch: 3 });
  await world.run(a.tasks.handoff('t', { to: 'b', note: 'last' }));
  expect(await world.run(b.tasks.accept('t'))).toMatchObject({ epoch: 4, task: { handoff: { note: 'last' } } });
});

test('dependencies block, next goes by priority and age, wait tells what is stuck', async () => {
  const world = new World(6);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.tasks.add('base'));
  await world.run(a.tasks.add('top', { deps: ['base'], prio: 0 }));
  await world.run(a.tasks.add('other', { prio: 3 }));
  expect(await world.run(a.tasks.why('top'))).toMatchObject({ verdict: 'blocked', by: ['base'] });
  await expect(world.run(a.tasks.claim('top'))).rejects.toMatchObject({ code: 'blocked', exitCode: 6 });
  const { task } = await world.run(a.tasks.next());
  expect(task.name).toBe('base');
  expect((await world.run(b.tasks.next())).task.name).toBe('other');
  const waiting = world.run(
    Promise.all([
      b.tasks.wait(['base'], { timeoutMs: 60_000 }),
      world.suspend(3000).then(() => a.tasks.complete('base')),
    ]),
  );
  expect((await waiting)[0]).toMatchObject([{ state: 'done' }]);
  expect((await world.run(a.tasks.next())).task.name).toBe('top');
  await world.run(a.tasks.block('top', { reason: 'needs a key' }));
  await expect(world.run(b.tasks.wait(['top']))).rejects.toMatchObject({ code: 'blocked' });
  await expect(world.run(b.tasks.wait(['other'], { timeoutMs: 0 }))).rejects.toMatchObject({
    code: 'timeout',
    exitCode: 124,
  });
  await expect(world.run(b.tasks.show('none'))).rejects.toMatchObject({ code: 'not-found' });
});

test('a holder that lives and does nothing loses the task after the longest hold', async () => {
  const world = new World(7);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.tasks.add('t', { maxHoldMs: 600_000 }));
  await world.run(a.tasks.claim('t'));
  await world.pass(400_000);
  await world.run(a.tasks.progress('t'));
  await world.pass(400_000);
  expect(await world.run(codeOf(b.tasks.claim('t')))).toBe('held');
  await world.pass(300_000);
  expect(await world.run(b.tasks.claim('t'))).toMatchObject({ epoch: 2 });
  expect(await world.run(codeOf(a.tasks.complete('t', { epoch: 1 })))).toBe('lost');
});

test('a person may steal from the living: two writes, a reason, in the log', async () => {
  const world = new World(8);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.tasks.add('t'));
  await world.run(a.tasks.claim('t'));
  expect(await world.run(codeOf(b.tasks.steal('t', { reason: 'now' })))).toBe('held');
  expect(await world.run(b.tasks.steal('t', { reason: 'it is urgent', force: true }))).toMatchObject({ epoch: 2 });
  await world.pass(100_000);
  expect(a.identity.lost.aborted).toBe(true);
  expect((await world.run(b.tasks.log('t')))[0]).toMatchObject({
    op: 'steal',
    reason: 'it is urgent',
    by: { agent: 'b' },
  });
});

test('closing frees everything at once; a name is one live process', async () => {
  const world = new World(9);
  const [a, again, b] = [world.actor('a'), world.actor('a'), world.actor('b')];
  await world.run(a.tasks.add('t'));
  await world.run(a.tasks.claim('t'));
  await expect(world.run(again.agents.register())).rejects.toMatchObject({ code: 'name-in-use', exitCode: 5 });
  await world.run(a.close());
  expect(await world.run(b.tasks.claim('t'))).toMatchObject({ epoch: 2 });
  await world.run(world.actor('a').agents.register());
});

test('the same idempotency key has one effect', async () => {
  const world = new World(10);
  const a = world.actor('a');
  for (let i = 0; i < 2; i++) {
    await world.run(a.tasks.add('t', {}, { idem: 'k1' }));
    expect((await world.run(a.tasks.claim('t', { idem: 'k2' }))).epoch).toBe(1);
    await world.run(a.tasks.progress('t', { note: 'x', idem: 'k3' }));
    await world.run(a.memory.update('n', (n) => Number(n ?? 0) + 1, { idem: 'k4' }));
  }
  expect(await world.run(a.tasks.log('t'))).toHaveLength(3);
  expect((await world.run(a.memory.get('n')))?.value).toBe(1);
  expect(await world.run(codeOf(a.tasks.add('t')))).toBe('exists');
  const b = world.actor('b');
  await world.run(a.tasks.handoff('t', { to: 'b' }));
  await world.run(b.tasks.decline('t', { idem: 'k5' }));
  await world.run(a.tasks.claim('t'));
  expect(await world.run(b.tasks.decline('t', { idem: 'k5' }))).toMatchObject({ state: 'open', version: 5 });
  expect(await world.run(a.tasks.show('t'))).toMatchObject({ state: 'held', version: 6 });
});
