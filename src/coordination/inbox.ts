import { CairnError } from '../errors.ts';
import { folderName, pathNames, prefixPath, slotFolderPrefix } from '../store/keys.ts';
import { Register } from '../store/register.ts';
import type { Coordination } from './coordination.ts';
import { ack, clear, fetch, isOwn, type Received, show } from './delivery.ts';
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
    const lookAt = async (channel: Channel) => {
      if (!(await this.#hasMore(channel))) return undefined;
      const delivery = await fetch(this.#c, channel, { limit, manual: mode === 'manual', attempts });
      await this.#locate(channel);
      return delivery;
    };
    const looked = await Promise.allSettled(channels.map(lookAt));
    const deliveries = looked.flatMap((look) => (look.status === 'fulfilled' ? (look.value ?? []) : []));
    const failures = looked.flatMap((look) => (look.status === 'rejected' ? [look.reason] : []));
    // What one channel gave has been passed: it is not thrown away because another failed.
    const fatal = failures.find((failure) => deliveries.length === 0 || !(failure instanceof CairnError));
    if (fatal !== undefined) throw fatal;
    if (deliveries.length === 0) return undefined;
    return {
      messages: deliveries
        .flatMap(({ messages }) => messages)
        .sort((a, b) => (a.prio ?? 2) - (b.prio ?? 2) || a.at - b.at || a.n - b.n),
      tokens: deliveries.flatMap(({ token }) => (token === undefined ? [] : [token])),
      problems: [...deliveries.flatMap(({ problems }) => problems), ...failures.map(({ message }) => message)],
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

  /**
   * Its own inbox, `all`, and each topic that this agent reads: one LIST of the folders of its cursors, and a look at
   * the cursor of each topic. However much was read, there are no more of them.
   */
  async channels(): Promise<readonly Channel[]> {
    const { space, agent } = this.#c;
    const own: readonly Channel[] = [`@${agent}`, broadcast];
    const topics: Promise<Channel | undefined>[] = [];
    for await (const entry of space.store.list(slotFolderPrefix(space.project, 'cursors', agent), { delimiter: '/' })) {
      if (!('prefix' in entry)) continue;
      const name = folderName(entry.prefix);
      if (name === undefined || name.startsWith('#')) topics.push(this.#topic(prefixPath(space.project, entry.prefix)));
    }
    const read = (await Promise.all(topics)).filter((topic) => topic !== undefined);
    return [...own, ...read];
  }

  /** The topic that a cursor is on, where it is read still. */
  async #topic(path: string): Promise<Channel | undefined> {
    const { value } = await new Register(this.#c.space, path, parseCursor).read();
    const channel = value?.channel ?? pathNames(path)[1];
    return value && !value.left && typeof channel === 'string' && channel.startsWith('#') ? channel : undefined;
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

  /** Messages not read yet, by channel; bounded by `most` each. Registers nobody. */
  async unread(most = 100): Promise<ReadonlyMap<Channel, number>> {
    const { space, agent } = this.#c;
    const count = async (channel: Channel) => {
      const log = channelLog(space, channel);
      const [{ value }, floor] = await Promise.all([cursorRegister(space, agent, channel).read(), log.floor()]);
      const entries = await log.readFrom(Math.max(value?.acked ?? 0, floor), most);
      return [channel, entries.filter((entry) => !isOwn(agent, channel, entry)).length] as const;
    };
    const counts = await Promise.all((await this.channels()).map(count));
    return new Map(counts.filter(([, behind]) => behind > 0));
  }
}

function topicOf(topic: string): Channel {
  return topic.startsWith('#') ? channelOf(topic) : channelOf(`#${topic}`);
}
