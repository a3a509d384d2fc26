import { CairnError } from '../errors.ts';
import { floorPath } from '../store/keys.ts';
import { type ChangeOptions, type Coordination, change } from './coordination.ts';
import {
  broadcast,
  type Channel,
  channelLog,
  channelPath,
  cursorRegister,
  type Message,
  parseRef,
  refOf,
} from './message.ts';
import type { TaskView } from './task.ts';
import { clean, storeText } from './text.ts';

export interface SendOptions extends ChangeOptions {
  readonly subject?: string | undefined;
  /** A message that this one answers: `@bob/12`. */
  readonly replyTo?: string | undefined;
  readonly thread?: string | undefined;
  /** 0 is the most urgent, 4 the least. */
  readonly prio?: number | undefined;
  readonly needAck?: boolean | undefined;
}

/** A message that is stored. */
export interface Sent {
  readonly id: string;
  readonly ref: string;
  readonly channel: Channel;
  readonly n: number;
  readonly thread: string | undefined;
}

/** What is known of a message's way. It never says more. */
export interface Receipt {
  readonly agent: string;
  /** `fetched`: handed out, whether anybody looked or not. `acknowledged`: the recipient said so. */
  readonly state: 'stored' | 'fetched' | 'acknowledged';
}

/** The channel that a recipient means: an agent, `all`, `#topic`. @throws CairnError `usage` */
export function channelOf(to: string): Channel {
  if (to === '' || to === '@' || to === '#')
    throw new CairnError('usage', `expected an agent, all, or #topic, got ${JSON.stringify(to)}`);
  return to === broadcast || to.startsWith('@') || to.startsWith('#') ? to : `@${to}`;
}

/**
 * Sends a message. When this returns it is stored, behind everything that was sent there before.
 * @throws CairnError `unknown`, `not-found` for a message that is answered and is not there
 */
export async function send(c: Coordination, to: string, text: string, options: SendOptions = {}): Promise<Sent> {
  const channel = channelOf(to);
  const write = await change(c, 'send', channel, options);
  const answered = options.replyTo === undefined ? undefined : await findMessage(c, options.replyTo);
  const message: Message = {
    from: write.by.agent,
    to: channel.startsWith('@') ? channel.slice(1) : undefined,
    kind: 'text',
    thread: options.thread ?? answered?.thread ?? options.replyTo,
    replyTo: options.replyTo,
    subject: clean(c, options.subject),
    body: await storeText(c, text),
    prio: options.prio,
    needAck: options.needAck,
    idem: options.idem === undefined ? undefined : true,
  };
  return append(c, channel, message, write);
}

export async function append(
  c: Coordination,
  channel: Channel,
  message: Message,
  write: Awaited<ReturnType<typeof change>>,
): Promise<Sent> {
  const { n, w } = await channelLog(c.space, channel).append(message, write);
  await c.bells.ring(channelPath(channel));
  return { id: w, ref: refOf(channel, n), channel, n, thread: message.thread };
}

/** @throws CairnError `not-found`, `corrupt` */
export async function findMessage(c: Coordination, ref: string): Promise<Message> {
  const { channel, n } = parseRef(ref);
  const entry = await channelLog(c.space, channel).read(n);
  if (entry === undefined) throw new CairnError('not-found', `expected a message ${ref}, got none`);
  if ('problem' in entry) throw new CairnError('corrupt', entry.problem);
  return entry.value;
}

/** What became of a message, by the cursor of its recipient, or for a broadcast of the agents named. */
export async function receipts(
  c: Coordination,
  ref: string,
  agents: readonly string[] = [],
): Promise<readonly Receipt[]> {
  const { channel, n } = parseRef(ref);
  await findMessage(c, ref);
  const names = channel.startsWith('@') ? [channel.slice(1)] : agents;
  return Promise.all(
    names.map(async (agent) => {
      const { value } = await cursorRegister(c.space, agent, channel).read();
      if (value?.confirmed?.some(([from, to]) => from <= n && n <= to))
        return { agent, state: 'acknowledged' as const };
      const fetched = value !== undefined && (value.acked >= n || (value.inflight?.upto ?? 0) >= n);
      return { agent, state: fetched ? ('fetched' as const) : ('stored' as const) };
    }),
  );
}

/** Tells an agent of a task that is offered to it: a hint, the offer itself stands in the task. */
export async function notifyOffer(c: Coordination, task: TaskView): Promise<void> {
  if (task.to === undefined) return;
  const channel = channelOf(`@${task.to}`);
  // The same offer gives the same id, however often it is repeated.
  const write = await change(c, 'send', channel, { idem: `offer:${floorPath(task.name)}:${task.version}` });
  const { handoff } = task;
  const body = [`${task.name}: ${task.title}`, handoff?.note, handoff?.next && `next: ${handoff.next}`]
    .filter(Boolean)
    .join('\n');
  const message: Message = {
    from: write.by.agent,
    to: task.to,
    kind: 'offer',
    body,
    idem: true,
    task: { name: task.name, epoch: task.epoch },
  };
  await append(c, channel, message, write);
}
