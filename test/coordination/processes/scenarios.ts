import { expect } from 'vitest';
import type { Message } from '../../../src/coordination/message.ts';
import { parseMessage } from '../../../src/coordination/message.ts';
import { openProject, systemRuntime, thisHost } from '../../../src/index.ts';
import { Log } from '../../../src/store/log.ts';
import { openStore } from '../../../src/store/open.ts';
import { withRetry } from '../../../src/store/retry.ts';
import { slotSpace } from '../../../src/store/slots.ts';
import { lines, Member, type Place } from './fleet.ts';

/** How large a run is. */
export interface Size {
  readonly processes: number;
  readonly tasks: number;
  readonly messages: number;
  readonly writers: number;
  readonly increments: number;
}

/** The project as the test itself sees it, for looking. */
async function observer(place: Place) {
  const host = thisHost();
  return openProject(
    { bucket: place.bucket, project: 'p', agent: 'observer' },
    { ...host, home: place.home, env: { ...host.env, ...place.env, CAIRN_STATE: `${place.home}/observer` } },
  );
}

/** Has the store looked at, once, so that not every process does. */
export async function prepare(place: Place): Promise<void> {
  const project = await observer(place);
  await project.close();
}

/** Clocks of the processes are off by up to an hour. */
function skew(i: number): number {
  return ((i % 5) - 2) * 1_800_000;
}

/** Many take tasks while some are killed: one winner an epoch, and every task is completed once. */
export async function claims(place: Place, size: Size): Promise<void> {
  const project = await observer(place);
  for (let i = 0; i < size.tasks; i++) await project.tasks.add(`t${i}`);
  const start = (i: number, life: number) =>
    new Member(place, { role: 'worker', agent: `w${i}-${life}`, skewMs: skew(i) });
  const all: Member[] = [];
  const run = async (i: number) => {
    for (let life = 0; ; life++) {
      const member = start(i, life);
      all.push(member);
      // A third of them dies once, some time after it has won something.
      if (i % 3 === 0 && life === 0) {
        await Promise.race([member.until('won'), member.ended]);
        setTimeout(() => member.kill('SIGKILL'), Math.random() * 30);
      }
      const { code, signal } = await member.ended;
      if (signal === 'SIGKILL') continue;
      if (code !== 0) throw new Error(member.stderr);
      return;
    }
  };
  await Promise.all(Array.from({ length: size.processes }, (_, i) => run(i)));
  const won = lines(all, 'won');
  expect(new Set(won).size).toBe(won.length);
  const completed = lines(all, 'completed').map((line) => line.split(' ')[0]);
  expect(new Set(completed).size).toBe(completed.length);
  const told = new Map(lines(all, 'completed').map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
  for (let i = 0; i < size.tasks; i++) {
    const log = await project.tasks.log(`t${i}`);
    expect(log[0]).toMatchObject({ state: 'done', op: 'complete' });
    expect(log.filter(({ state }) => state === 'done')).toHaveLength(1);
    expect(log.map(({ version }) => version)).toEqual(log.map((_, at) => log.length - at));
    const epoch = told.get(`t${i}`);
    if (epoch !== undefined) expect(log[0]?.epoch).toBe(epoch);
  }
  expect(all.length).toBeGreaterThan(size.processes);
  await project.close();
}

/** A process that was stopped for longer than its time to live finishes nothing. */
export async function zombie(place: Place): Promise<void> {
  const project = await observer(place);
  await project.tasks.add('z');
  const holder = new Member(place, { role: 'holder', agent: 'zombie', task: 'z', ttlMs: 2000 });
  expect(await holder.until('won')).toBe('won z 1');
  holder.kill('SIGSTOP');
  const takenAt = await claimWhenFree(project);
  expect(takenAt).toBe(2);
  holder.kill('SIGCONT');
  holder.goOn();
  await Promise.race([holder.until('outcome'), holder.until('session-lost'), holder.ended]);
  await holder.ended;
  expect(lines([holder], 'outcome').filter((outcome) => outcome === 'completed')).toEqual([]);
  await project.tasks.complete('z', { epoch: 2 });
  expect((await project.tasks.log('z')).map(({ epoch, op }) => `${op} ${epoch}`)).toEqual([
    'complete 2',
    'claim 2',
    'claim 1',
    'add 0',
  ]);
  await project.close();
}

async function claimWhenFree(project: Awaited<ReturnType<typeof observer>>): Promise<number> {
  for (;;) {
    try {
      return (await project.tasks.claim('z')).epoch;
    } catch (error) {
      if ((error as { code?: string }).code !== 'held') throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Many send to one, some are killed on the way: no gap, nothing twice, what was acknowledged is there and read once. */
export async function messages(place: Place, size: Size): Promise<void> {
  const senders = Array.from(
    { length: size.processes },
    (_, i) => new Member(place, { role: 'sender', agent: `s${i}`, count: size.messages, skewMs: skew(i) }),
  );
  for (const [i, sender] of senders.entries()) {
    if (i % 4 === 0)
      void sender.until('sent').then(
        () => sender.kill('SIGKILL'),
        () => {},
      );
  }
  await Promise.all(senders.map(({ ended }) => ended));
  const runtime = systemRuntime();
  const store = withRetry(await openStore(place.bucket, { env: { ...process.env, ...place.env }, runtime }), {
    runtime,
  });
  const log = new Log<Message>(
    slotSpace({ store, runtime, project: 'p', ordered: true, verify: 'always' }),
    'messages/reader'.replace('reader', '=40reader'),
    parseMessage,
  );
  const entries = await log.readFrom(0, 1_000_000);
  expect(entries.length).toBe(await log.tail());
  const texts = entries.map((entry) => ('value' in entry ? String(entry.value.body) : entry.problem));
  expect(new Set(texts).size).toBe(texts.length);
  const sent = lines(senders, 'sent');
  expect(sent.filter((text) => !texts.includes(text))).toEqual([]);
  expect(sent.length).toBeGreaterThan(size.messages);
  const reader = new Member(place, { role: 'reader', agent: 'reader', count: texts.length });
  await reader.finish();
  expect(lines([reader], 'got')).toEqual(texts);
  await store.close();
}

/** Many writers count in one value: no update is lost. */
export async function counter(place: Place, size: Size): Promise<void> {
  const each = Math.ceil(size.writers / size.processes);
  const members = Array.from({ length: size.processes }, (_, i) => {
    const writers = Math.min(each, size.writers - i * each);
    return new Member(place, {
      role: 'counter',
      agent: `c${i}`,
      writers: Math.max(0, writers),
      count: size.increments,
      ttlMs: 60_000,
    });
  });
  await Promise.all(members.map((member) => member.finish()));
  const project = await observer(place);
  expect((await project.memory.get('counter'))?.value).toBe(size.writers * size.increments);
  await project.close();
}
