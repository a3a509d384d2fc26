import { expect, test } from 'vitest';
import { channelLog } from '../../src/coordination/message.ts';
import { CairnError } from '../../src/errors.ts';
import { withCount } from '../../src/store/count.ts';
import { slotKey, slotPrefix } from '../../src/store/keys.ts';
import { codeOf, World } from './sim/world.ts';

const texts = (inbox: { readonly messages: readonly { readonly text: string }[] }) =>
  inbox.messages.map(({ text }) => text);

test('an inbox gives each message once, in order; the most urgent first', async () => {
  const world = new World(1);
  const [a, b] = [world.actor('a'), world.actor('b')];
  for (const text of ['one', 'two']) await world.run(a.messages.send('b', text));
  await world.run(a.messages.send('b', 'fire', { prio: 0 }));
  expect(texts(await world.run(b.messages.receive()))).toEqual(['fire', 'one', 'two']);
  await expect(world.run(b.messages.receive())).rejects.toMatchObject({ code: 'nothing-to-do', exitCode: 10 });
  await world.run(a.messages.send('b', 'three SECRET'));
  expect(texts(await world.run(b.messages.receive()))).toEqual(['three ***']);
});

test('every reader has its own view of a broadcast, and nobody hears itself', async () => {
  const world = new World(2);
  const [a, b, c] = [world.actor('a'), world.actor('b'), world.actor('c')];
  await world.run(a.messages.send('all', 'hello'));
  await world.run(b.messages.clear());
  expect(await world.run(codeOf(b.messages.receive()))).toBe('nothing-to-do');
  expect(await world.run(codeOf(a.messages.receive()))).toBe('nothing-to-do');
  expect(texts(await world.run(c.messages.receive()))).toEqual(['hello']);
});

test('topics are read by those who subscribe, replies stay in their thread', async () => {
  const world = new World(3);
  const [a, b] = [world.actor('a'), world.actor('b')];
  const { ref } = await world.run(a.messages.send('#build', 'red?'));
  expect(await world.run(codeOf(b.messages.receive()))).toBe('nothing-to-do');
  await world.run(b.messages.subscribe('build'));
  expect(texts(await world.run(b.messages.receive()))).toEqual(['red?']);
  const reply = await world.run(b.messages.reply(ref, 'green'));
  expect(reply).toMatchObject({ channel: '#build', thread: ref });
  await world.run(a.messages.send('#build', 'unrelated'));
  expect((await world.run(a.messages.history('#build', { thread: ref }))).map(({ text }) => text)).toEqual([
    'red?',
    'green',
  ]);
  await world.run(b.messages.leave('#build'));
  expect(await world.run(b.messages.channels())).toEqual(['@b', 'all']);
});

test('what is unread counts topics, and not what one has said to all', async () => {
  const world = new World(11);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(b.messages.subscribe('build'));
  await world.run(a.messages.send('#build', 'red'));
  await world.run(b.messages.send('all', 'mine'));
  expect(await world.run(b.messages.unread())).toEqual(new Map([['#build', 1]]));
  expect(await world.run(a.messages.unread())).toEqual(new Map([['all', 1]]));
});

test('a look at the inbox costs a new process the same, however much was read one by one', async () => {
  const cost = async (read: number) => {
    const world = new World(12);
    const [a, b] = [world.actor('a'), world.actor('b')];
    await world.run(codeOf(b.messages.receive()));
    for (let i = 0; i < read; i++) {
      await world.run(a.messages.send('b', `${i}`));
      await world.run(b.messages.receive());
    }
    await world.run(b.close());
    const again = world.actor('b');
    await world.run(again.agents.register());
    const counted = withCount(again.space.store);
    let entries = 0;
    const list: typeof counted.list = async function* (...args) {
      for await (const entry of counted.list(...args)) {
        entries++;
        yield entry;
      }
    };
    Object.assign(again.space, { store: { ...counted, list } });
    expect(await world.run(codeOf(again.messages.receive()))).toBe('nothing-to-do');
    const counts = counted.counts();
    return { puts: counts.create.requests, gets: counts.get.requests, lists: counts.list.requests, entries };
  };
  const few = await cost(1);
  expect(few).toMatchObject({ puts: 0, lists: 5 });
  expect(await cost(200)).toEqual(few);
});

test('a channel that cannot be read takes nothing from the others', async () => {
  const world = new World(13);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.messages.send('b', 'hello'));
  await world.run(a.messages.send('all', 'later'));
  const { store } = b.space;
  const broken = slotPrefix('p', 'messages/all');
  const get: typeof store.get = async (key, options) => {
    if (key.startsWith(broken)) throw new CairnError('unavailable', 'no answer');
    return store.get(key, options);
  };
  Object.assign(b.space, { store: { ...store, get } });
  const inbox = await world.run(b.messages.receive());
  expect(texts(inbox)).toEqual(['hello']);
  expect(inbox.problems).toEqual(['no answer']);
  expect(await world.run(codeOf(b.messages.receive()))).toBe('unavailable');
  Object.assign(b.space, { store });
  expect(texts(await world.run(b.messages.receive()))).toEqual(['later']);
});

test('with manual acknowledgement a message comes again, the same, until it is acknowledged', async () => {
  const world = new World(4);
  const [a, b] = [world.actor('a'), world.actor('b', { ttlMs: 30_000 })];
  const sent = await world.run(a.messages.send('b', 'do it', { needAck: true }));
  await world.run(a.messages.send('b', 'and this'));
  const state = async () => (await world.run(a.messages.receipts(sent.ref)))[0]?.state;
  expect(await state()).toBe('stored');
  const first = await world.run(b.messages.receive({ ack: 'manual' }));
  expect(first.messages).toMatchObject([{ id: sent.id, attempts: 1 }, {}]);
  expect(await state()).toBe('fetched');
  b.kill();
  await world.pass(60_000);
  const again = world.actor('b');
  const second = await world.run(again.messages.receive({ ack: 'manual' }));
  expect(second.messages).toMatchObject([{ id: sent.id, attempts: 2 }]);
  await expect(world.run(again.messages.ack(first.tokens[0]!))).rejects.toMatchObject({
    code: 'superseded',
    exitCode: 5,
  });
  await world.run(again.messages.ack(second.tokens[0]!));
  await world.run(again.messages.ack(second.tokens[0]!));
  expect(await state()).toBe('acknowledged');
  expect(texts(await world.run(again.messages.receive({ ack: 'manual' })))).toEqual(['and this']);
});

test('a delivery that another process of the agent holds is not handed out twice', async () => {
  const world = new World(5);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.messages.send('b', 'x'));
  const { process } = await world.run(b.identity.me());
  await world.run(b.messages.receive({ ack: 'manual' }));
  const sibling = world.actor('b');
  Object.assign(sibling.identity, { me: async () => ({ agent: 'b', process: `${process}x` }) });
  // The sibling is another process of the same agent, and the first one lives.
  expect(await world.run(codeOf(sibling.messages.receive({ ack: 'manual' })))).toBe('nothing-to-do');
});

test('what is handed out in vain five times becomes a dead letter with its reason', async () => {
  const world = new World(6);
  const [a, b] = [world.actor('a'), world.actor('b')];
  const { ref } = await world.run(a.messages.send('b', 'poison'));
  await world.run(a.messages.send('b', 'good'));
  for (let attempt = 1; attempt <= 5; attempt++) {
    const { messages } = await world.run(b.messages.receive({ ack: 'manual' }));
    expect(messages[0]).toMatchObject({ text: 'poison', attempts: attempt });
  }
  const next = await world.run(b.messages.receive({ ack: 'manual' }));
  expect(next.messages).toMatchObject([{ text: 'good' }]);
  expect(await world.run(b.messages.dead())).toMatchObject([
    { kind: 'dead', text: 'poison', origin: { ref, attempts: 5 } },
  ]);
  expect(await world.run(a.messages.receipts(ref))).toMatchObject([{ state: 'fetched' }]);
});

test('one bad object does not stop the inbox', async () => {
  const world = new World(7);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.messages.send('b', 'before'));
  const bad = [
    '{"v":1,"n":',
    JSON.stringify({ v: 1, n: 9, w: 'x', at: '', by: { agent: 'm', process: 'm' } }),
    `"${'x'.repeat(2 << 20)}"`,
  ];
  for (const [i, body] of bad.entries()) {
    await world.store.create(slotKey(slotPrefix('p', channelLog(b.space, '@b').path), 2 + i), Buffer.from(body));
  }
  await world.run(a.messages.send('b', 'after'));
  const inbox = await world.run(b.messages.receive());
  expect(texts(inbox)).toEqual(['before', 'after']);
  expect(inbox.problems).toHaveLength(3);
  await expect(world.run(b.messages.receive())).rejects.toMatchObject({ code: 'nothing-to-do' });
});

test('a sender that died and sends again with its key is heard once', async () => {
  const world = new World(8);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(a.messages.send('b', 'once', { idem: 'k' }));
  await world.run(a.messages.send('b', 'other'));
  await world.run(a.messages.send('b', 'once', { idem: 'k' }));
  expect(texts(await world.run(b.messages.receive({ limit: 1 })))).toEqual(['once']);
  expect(texts(await world.run(b.messages.receive()))).toEqual(['other']);
  expect(await world.run(codeOf(b.messages.receive()))).toBe('nothing-to-do');
});

test('a long text lies beside its message', async () => {
  const world = new World(9);
  const [a, b] = [world.actor('a'), world.actor('b')];
  const long = 'line\n'.repeat(40_000);
  await world.run(a.messages.send('b', long));
  const { messages } = await world.run(b.messages.receive());
  expect(messages[0]?.text).toBe(long);
});

test('whoever waits gets it at the next look', async () => {
  const world = new World(10);
  const [a, b] = [world.actor('a'), world.actor('b')];
  await world.run(b.agents.register());
  const start = world.now;
  const [inbox] = await world.run(
    Promise.all([
      b.messages.receive({ timeoutMs: 110_000 }),
      world.suspend(60_000).then(() => a.messages.send('b', 'late')),
    ]),
  );
  expect(texts(inbox)).toEqual(['late']);
  expect(world.now - start).toBeLessThan(60_000 + 13_000);
  await expect(world.run(b.messages.receive({ timeoutMs: 5000 }))).rejects.toMatchObject({ code: 'timeout' });
});
