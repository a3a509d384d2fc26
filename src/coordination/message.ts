import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { slotPath } from '../store/keys.ts';
import { Log } from '../store/log.ts';
import { Register } from '../store/register.ts';
import type { SlotSpace } from '../store/slots.ts';
import { bodySchema } from './text.ts';

const messageSchema = v.looseObject({
  from: v.string(),
  to: v.optional(v.string()),
  kind: v.picklist(['text', 'offer', 'dead', 'system']),
  /** Reference of the first message of the thread. */
  thread: v.optional(v.string()),
  replyTo: v.optional(v.string()),
  subject: v.optional(v.string()),
  body: bodySchema,
  /** 0 is the most urgent, 4 the least; default 2. */
  prio: v.optional(v.number()),
  needAck: v.optional(v.boolean()),
  /** Sent with an idempotency key: a sender that died and sent again may have put it there twice. */
  idem: v.optional(v.boolean()),
  /** Of a dead letter: where it stood, and why it was given up. */
  origin: v.optional(v.looseObject({ ref: v.string(), attempts: v.number(), reason: v.string() })),
  task: v.optional(v.looseObject({ name: v.string(), epoch: v.number() })),
});

export type Message = v.InferOutput<typeof messageSchema>;
export const parseMessage = (value: unknown): Message => v.parse(messageSchema, value);

const cursorSchema = v.looseObject({
  /** Everything up to this number has been passed. */
  acked: v.number(),
  /** Handed out and not acknowledged: `acked + 1` to `upto`. */
  inflight: v.optional(v.looseObject({ process: v.string(), upto: v.number(), attempts: v.number() })),
  /** Ranges that were acknowledged by name, ascending; what was passed otherwise was only fetched. */
  confirmed: v.optional(v.array(v.tuple([v.number(), v.number()]))),
  /** Ids of marked messages that were passed, with their number. */
  seen: v.optional(v.array(v.tuple([v.number(), v.string()]))),
  /** The topic is read no more. */
  left: v.optional(v.boolean()),
});

/** What one agent has read of one channel. */
export type Cursor = v.InferOutput<typeof cursorSchema>;
export const parseCursor = (value: unknown): Cursor => v.parse(cursorSchema, value);

/** `@agent`: its inbox. `all`: everyone. `#topic`. `!agent`: what could not be delivered to it. */
export type Channel = string;

export const broadcast: Channel = 'all';

export function channelPath(channel: Channel): string {
  return slotPath({ folder: 'messages', names: [channel] });
}

const logs = new WeakMap<SlotSpace, Map<Channel, Log<Message>>>();

/** The log of a channel; one process remembers where it ends and begins. */
export function channelLog(space: SlotSpace, channel: Channel): Log<Message> {
  const known = logs.get(space) ?? new Map<Channel, Log<Message>>();
  logs.set(space, known);
  const log = known.get(channel) ?? new Log(space, channelPath(channel), parseMessage);
  known.set(channel, log);
  return log;
}

export function cursorRegister(space: SlotSpace, agent: string, channel: Channel): Register<Cursor> {
  return new Register(space, slotPath({ folder: 'cursors', names: [agent, channel] }), parseCursor);
}

/** A message's place, which names it: `@bob/12`. */
export function refOf(channel: Channel, n: number): string {
  return `${channel}/${n}`;
}

/** @throws CairnError `usage` */
export function parseRef(ref: string): { readonly channel: Channel; readonly n: number } {
  const at = ref.lastIndexOf('/');
  const n = Number(ref.slice(at + 1));
  if (at > 0 && Number.isSafeInteger(n) && n > 0) return { channel: ref.slice(0, at), n };
  throw new CairnError('usage', `expected a message like @agent/12, got ${JSON.stringify(ref)}`);
}
