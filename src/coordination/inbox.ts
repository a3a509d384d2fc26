import { CairnError } from '../errors.ts';
import { pathNames } from '../store/keys.ts';
import type { Coordination } from './coordination.ts';
import { ack, clear, type Delivery, fetch, type Received, show } from './delivery.ts';
import {
  broadcast,
  type Channel,
  type Cursor,
  channelLog,
  channelPath,
  cursorRegister,
  parseCursor,
  refOf,
} from './message.ts';
import { channelOf, findMessage, type Receipt, receipts, type SendOptions, type Sent, send } from './messages.ts';
import { listNewest } from './newest.ts';
import { poll, type WaitOptions } from './poll.ts';

export interface InboxOptions {
  /** Only these channels; default the agent's own, `all`, and the topics it reads. */
  readonly channels?: readonly Channel[] | undefined;
  /** Messages a channel at most. Default 100. */
  readonly limit?: number | undefined;
  /** `manual`: what is not acknowledged is handed out again when this process has died. */
  readonly ack?: 'auto' | 'manual' | undefined;
  /** Default 5. */
  readonly attempts?: number | undefined;
}

/** Messages of all channels of one look, the most urgent first. */
export interface Inbox {
  readonly messages: readonly Received[];
  readonly tokens: readonly string[];
  readonly problems: readonly string[];
  /** Removed by retention before they were read. */
  readonly skipped: number;
}

/** The messages of a project. */
export class Messages {
  readonly #c: Coordination;
  /** Where this process last saw its cursors: what lies behind has been read. */
  readonly #positions = new Map<Channel, number>();

  constructor(c: Coordination) {
    this.#c = c;
  }

  send(to: string, text: string, options?: SendOptions): Promise<Sent> {
    return send(this.#c, to, text, options);
  }

  /** Answers the sender of a message, in its thread. @throws CairnError `not-found` */
  async reply(ref: string, text: string, options: SendOptions = {}): Promise<Sent> {
    const { from } = await findMessage(this.#c, ref);
    const channel = ref.slice(0, ref.lastIndexOf('/'));
    return send(this.#c, channel.startsWith('#') ? channel : `@${from}`, text, { ...options, replyTo: ref });
  }

  /**
   * What is new for this agent. With `timeoutMs` it waits for something.
   * @throws CairnError `nothing-to-do`, with `timeoutMs` `timeout`
   */
  async receive(options: InboxOptions & WaitOptions = {}): Promise<Inbox> {
    const channels = options.channels ?? (await this.channels());
    const look = () => this.#look(channels, options);
    if (options.timeoutMs !== undefined) return poll(this.#c, channels.map(channelPath), options, look);
    const found = await look();
    if (found) return found;
    throw new CairnError('nothing-to-do', 'expected new messages, there are none', { hint: '--wait waits for one' });
  }

  async #look(channels: readonly Channel[], options: InboxOptions): Promise<Inbox | undefined> {
    const { limit = 100, ack: mode = 'auto', attempts = 5 } = options;
    const deliveries: Delivery[] = [];
    for (const channel of channels) {
      if (!(await this.#hasMore(channel))) continue;
      const delivery = await fetch(this.#c, channel, { limit, manual: mode === 'manual', attempts });
      if (delivery) deliveries.push(delivery);
      await this.#locate(channel);
    }
    if (deliveries.length === 0) return undefined;
    return {
      messages: deliveries
        .flatMap(({ messages }) => messages)
        .sort((a, b) => (a.prio ?? 2) - (b.prio ?? 2) || a.at - b.at || a.n - b.n),
      tokens: deliveries.flatMap(({ token }) => (token === undefined ? [] : [token])),
      problems: deliveries.flatMap(({ problems }) => problems),
      skipped: deliveries.reduce((sum, { skipped }) => sum + skipped, 0),
    };
  }

  /** One GET: the slot after the last one known to be read is there, or it is not. */
  async #hasMore(channel: Channel): Promise<boolean> {
    const position = this.#positions.get(channel);
    if (position === undefined) return true;
    return (await channelLog(this.#c.space, channel).read(position + 1)) !== undefined;
  }

  /** Remembers where the cursor stands after a look, from what that look has read. */
  async #locate(channel: Channel): Promise<void> {
    const { agent } = await this.#c.me();
    const register = cursorRegister(this.#c.space, agent, channel);
    const known = this.#c.space.known.get(register.path)?.value as Cursor | undefined;
    const log = channelLog(this.#c.space, channel);
    if (known?.inflight) this.#positions.delete(channel);
    else this.#positions.set(channel, Math.max(known?.acked ?? 0, await log.floor()));
  }

  /** Its own inbox, `all`, and each topic that this agent has a cursor on. One LIST. */
  async channels(): Promise<readonly Channel[]> {
    const { agent } = await this.#c.me();
    const channels = new Set<Channel>([`@${agent}`, broadcast]);
    for await (const { path, slot } of listNewest(this.#c.space, 'cursors', parseCursor, [agent])) {
      const channel = slot?.value.channel ?? pathNames(path)[1];
      if (slot?.value.left || typeof channel !== 'string' || !channel.startsWith('#')) continue;
      channels.add(channel);
    }
    return [...channels];
  }

  /** Reads a topic from now on, from its first message that is still there. */
  async subscribe(topic: string): Promise<void> {
    await this.#setLeft(topicOf(topic), undefined);
  }

  /** Reads a topic no more. */
  async leave(topic: string): Promise<void> {
    await this.#setLeft(topicOf(topic), true);
  }

  async #setLeft(channel: Channel, left: true | undefined): Promise<void> {
    const by = await this.#c.me();
    const register = cursorRegister(this.#c.space, by.agent, channel);
    await register.update(
      ({ value }) => (value && value.left === left ? undefined : { acked: 0, ...value, channel, left }),
      {
        by,
        op: left ? 'leave' : 'subscribe',
      },
    );
  }

  ack(token: string, options?: { readonly upto?: number | undefined }) {
    return ack(this.#c, token, options);
  }

  /** Everything there now counts as seen, for this agent alone. */
  async clear(channels?: readonly Channel[]): Promise<void> {
    for (const channel of channels ?? (await this.channels())) await clear(this.#c, channel);
  }

  /** What became of a message. For a broadcast or topic, of the agents named. */
  receipts(ref: string, agents?: readonly string[]): Promise<readonly Receipt[]> {
    return receipts(this.#c, ref, agents);
  }

  /** What could not be delivered to this agent. */
  dead(limit = 100): Promise<readonly Received[]> {
    return this.history(`!${this.#c.agent}`, { limit });
  }

  /** The last messages of a channel, read or not; no cursor is touched. */
  async history(
    channel: Channel,
    options: { readonly limit?: number; readonly thread?: string | undefined } = {},
  ): Promise<readonly Received[]> {
    const { limit = 100, thread } = options;
    const log = channelLog(this.#c.space, channel);
    const from = Math.max((await log.tail()) - limit, await log.floor());
    const found: Received[] = [];
    for (const entry of await log.readFrom(from, limit)) {
      if (!('value' in entry)) continue;
      if (thread !== undefined && refOf(channel, entry.n) !== thread && entry.value.thread !== thread) continue;
      found.push(await show(this.#c, channel, entry));
    }
    return found;
  }

  /** Messages not read yet, by channel; bounded by `most` each. */
  async unread(most = 100): Promise<ReadonlyMap<Channel, number>> {
    const { agent } = this.#c;
    const counts = new Map<Channel, number>();
    for (const channel of [`@${agent}`, broadcast]) {
      const { value } = await cursorRegister(this.#c.space, agent, channel).read();
      const log = channelLog(this.#c.space, channel);
      const behind = (await log.tail()) - Math.max(value?.acked ?? 0, await log.floor());
      if (behind > 0) counts.set(channel, Math.min(behind, most));
    }
    return counts;
  }
}

function topicOf(topic: string): Channel {
  return topic.startsWith('#') ? channelOf(topic) : channelOf(`#${topic}`);
}
