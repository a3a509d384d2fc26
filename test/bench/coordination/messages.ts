import { setTimeout as sleep } from 'node:timers/promises';
import type { BucketStore } from '../../../src/index.ts';
import { type Client, connect, type Place } from './place.ts';

export interface MessageFigures {
  readonly perSecond: number;
  /** Of a plain PUT of the same size without condition, one after the other: what the store itself costs. */
  readonly plainPerSecond: number;
  /** From the moment at which `send` was called to the waiting reader having it, milliseconds. */
  readonly delivery: readonly number[];
  /** Requests of one look at the inbox, by messages already read. */
  readonly look: readonly Look[];
}

interface Look {
  readonly read: number;
  /** Of a reader that has looked before. */
  readonly requests: number;
  /** Of a new process, registering left out. */
  readonly first: number;
  /** In tracecraft's way. */
  readonly reference: number;
}

/** One sender, one reader. */
export async function measureMessages(place: Place, count: number, deliveries: number): Promise<MessageFigures> {
  const [sender, reader] = [await connect(place, 'sender'), await connect(place, 'reader')];
  await sender.project.agents.register();
  await reader.project.agents.register();
  const text = 'x'.repeat(200);

  await sender.project.messages.send('sink', text);
  let start = performance.now();
  for (let i = 0; i < count; i++) await sender.project.messages.send('sink', text);
  const perSecond = (1000 * count) / (performance.now() - start);

  start = performance.now();
  for (let i = 0; i < count; i++) await sender.app.store.overwrite(`plain/${i}.json`, Buffer.from(text.repeat(2)));
  const plainPerSecond = (1000 * count) / (performance.now() - start);

  const delivery: number[] = [];
  for (let i = 0; i < deliveries; i++) {
    const waiting = reader.project.messages.receive({ timeoutMs: 60_000 });
    await sleep(400 + 600 * Math.random());
    start = performance.now();
    await sender.project.messages.send('reader', text);
    await waiting;
    delivery.push(performance.now() - start);
  }

  const look: Look[] = [];
  for (const read of [0, count]) look.push(await measureLook(place, sender, read));
  await sender.project.close();
  await reader.project.close();
  return { perSecond, plainPerSecond, delivery, look };
}

/** A look at an inbox in which nothing is new, after so many messages were read ten at a time. */
async function measureLook(place: Place, sender: Client, read: number): Promise<Look> {
  const agent = `late-${read}`;
  const late = await connect(place, agent);
  for (let i = 0; i < read; i++) await sender.project.messages.send(agent, 'x');
  for (let i = 0; i < read; i += 10) await late.project.messages.receive({ channels: [`@${agent}`], limit: 10 });
  const count = async ({ app, project }: Client) => {
    await project.agents.register();
    const before = app.requests();
    await project.messages.receive().catch(() => {});
    return app.requests() - before;
  };
  await count(late);
  const requests = await count(late);
  await late.project.close();
  const again = await connect(place, agent);
  const first = await count(again);
  const reference = await readAll(again.app.store, `bench/messages/=40${agent}/`);
  await again.project.close();
  return { read, requests, first, reference };
}

/** Tracecraft's way, as a reference: LIST and GET of the whole inbox, each time. Gives the number of requests. */
async function readAll(store: BucketStore, prefix: string): Promise<number> {
  let requests = 1;
  for await (const entry of store.list(prefix)) {
    if (!('key' in entry)) continue;
    requests++;
    await (await store.get(entry.key))?.bytes();
  }
  return requests;
}
