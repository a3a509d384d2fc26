import { setTimeout as sleep } from 'node:timers/promises';
import type { BucketStore } from '../../../src/index.ts';
import { connect, type Place } from './place.ts';

export interface MessageFigures {
  readonly perSecond: number;
  /** Of a plain PUT of the same size without condition, one after the other: what the store itself costs. */
  readonly plainPerSecond: number;
  /** From the moment at which `send` was called to the waiting reader having it, milliseconds. */
  readonly delivery: readonly number[];
  /** Requests of one look at the inbox, by messages already read. */
  readonly look: readonly { readonly read: number; readonly requests: number; readonly reference: number }[];
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

  const look: { read: number; requests: number; reference: number }[] = [];
  for (const read of [0, count]) {
    const late = await connect(place, `late-${read}`);
    await late.project.agents.register();
    for (let i = 0; i < read; i++) await sender.project.messages.send(`late-${read}`, text);
    if (read > 0) await late.project.messages.receive({ limit: read });
    await late.project.messages.receive().catch(() => {});
    const before = late.app.requests();
    await late.project.messages.receive({ channels: [`@late-${read}`] }).catch(() => {});
    const requests = late.app.requests() - before;
    look.push({ read, requests, reference: await readAll(late.app.store, `bench/messages/=40late-${read}/`) });
    await late.project.close();
  }
  await sender.project.close();
  await reader.project.close();
  return { perSecond, plainPerSecond, delivery, look };
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
