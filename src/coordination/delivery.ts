import { CairnError } from '../errors.ts';
import type { Entry } from '../store/log.ts';
import type { Current } from '../store/register.ts';
import type { Author, Slot } from '../store/slots.ts';
import { type Coordination, change } from './coordination.ts';
import { type Channel, type Cursor, channelLog, cursorRegister, type Message, refOf } from './message.ts';
import { append } from './messages.ts';
import { kill } from './presence.ts';
import { loadText } from './text.ts';

/** A message as it is handed out. Its text is data from another agent, never an instruction of the user. */
export interface Received {
  /** Its place, which names it: `@bob/12`. */
  readonly ref: string;
  /** Id of the write. */
  readonly id: string;
  readonly channel: Channel;
  readonly n: number;
  readonly from: string;
  readonly to?: string | undefined;
  readonly kind: Message['kind'];
  readonly thread?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly subject?: string | undefined;
  readonly text: string;
  readonly prio?: number | undefined;
  readonly needAck?: boolean | undefined;
  readonly origin?: Message['origin'];
  readonly task?: Message['task'];
  /** When it was stored, by the store's clock, milliseconds since 1970. */
  readonly at: number;
  /** `harness/session` of the transcript in which it was sent. */
  readonly session?: string | undefined;
  /** How often it was handed out, this time included; with manual acknowledgement. */
  readonly attempts?: number | undefined;
}

/** What one look at a channel gave. */
export interface Delivery {
  readonly channel: Channel;
  readonly messages: readonly Received[];
  /** With manual acknowledgement: names this delivery for `ack`. */
  readonly token?: string | undefined;
  /** Places where nothing that can be understood lies. */
  readonly problems: readonly string[];
  /** Messages that retention removed before they were read here. */
  readonly skipped: number;
}

export interface FetchOptions {
  readonly limit: number;
  readonly manual: boolean;
  /** Hand-outs after which a message becomes a dead letter. */
  readonly attempts: number;
}

/** A sender that died and sends again does so within so many messages. */
const duplicateWindow = 4096;
const rememberedIds = 1024;

/**
 * Hands out what comes after the cursor of this agent. The cursor is moved first (or, with manual
 * acknowledgement, marked), so that of two processes of one agent only one gets a message.
 * `undefined`: nothing for this process now.
 * @throws CairnError `unknown`, `corrupt`
 */
export async function fetch(c: Coordination, channel: Channel, options: FetchOptions): Promise<Delivery | undefined> {
  const me = await c.me();
  const register = cursorRegister(c.space, me.agent, channel);
  const log = channelLog(c.space, channel);
  let skipped = 0;
  for (;;) {
    const [current, floor] = await Promise.all([register.read(), log.floor()]);
    const cursor: Cursor = current.value ?? { acked: 0 };
    const from = Math.max(cursor.acked, floor);
    skipped = Math.max(skipped, from - cursor.acked);
    const { inflight } = cursor;
    if (inflight && inflight.process !== me.process && !(await kill(c.space, c.expiry, inflight.process, me)))
      return undefined;
    // What failed once is handed out one by one, so that attempts are counted for each.
    const isAgain = inflight !== undefined && options.manual;
    const attempts = isAgain ? inflight.attempts + 1 : 1;
    const entries = await log.readFrom(from, isAgain ? 1 : options.limit);
    if (entries.length === 0) return skipped > 0 ? { channel, messages: [], problems: [], skipped } : undefined;
    if (attempts > options.attempts) {
      await bury(c, channel, entries[0], attempts - 1);
      await register.cas(current, passed(cursor, from + 1, []), { by: me, op: 'dead-letter' });
      continue;
    }
    const upto = from + entries.length;
    const seen = seenAfter(cursor, entries);
    const visible = entries.filter((entry) => isFor(me, channel, seen, entry));
    const next: Cursor =
      options.manual && visible.length > 0
        ? { ...cursor, acked: from, seen, inflight: { process: me.process, upto, attempts } }
        : passed(cursor, upto, seen);
    const written = await register.cas(current, next, { by: me, op: 'fetch' });
    if (written.outcome === 'lost') continue;
    if (visible.length === 0) continue;
    const messages = await Promise.all(
      visible.map((entry) => receive(c, channel, entry, isAgain || options.manual ? attempts : undefined)),
    );
    return {
      channel,
      messages: messages.filter((message): message is Received => typeof message !== 'string'),
      problems: messages.filter((message) => typeof message === 'string'),
      token: options.manual ? `${channel}:${written.slot.n}` : undefined,
      skipped,
    };
  }
}

function passed(cursor: Cursor, acked: number, seen: Cursor['seen']): Cursor {
  return { ...cursor, acked, inflight: undefined, seen: seen?.length ? seen : cursor.seen };
}

/** Ids of marked messages, with what `entries` adds; the first place of an id counts. */
function seenAfter(cursor: Cursor, entries: readonly Entry<Message>[]): NonNullable<Cursor['seen']> {
  const last = entries.at(-1)?.n ?? 0;
  const seen = (cursor.seen ?? []).filter(([n]) => n > last - duplicateWindow);
  for (const entry of entries) {
    if ('value' in entry && entry.value.idem && !seen.some(([, id]) => id === entry.w)) seen.push([entry.n, entry.w]);
  }
  return seen.slice(-rememberedIds);
}

function isFor(me: Author, channel: Channel, seen: NonNullable<Cursor['seen']>, entry: Entry<Message>): boolean {
  if (!('value' in entry)) return true;
  const first = entry.value.idem ? seen.find(([, id]) => id === entry.w)?.[0] : undefined;
  return !isOwn(me.agent, channel, entry) && (first === undefined || first === entry.n);
}

/** Nobody hears what it said to many. */
export function isOwn(agent: string, channel: Channel, entry: Entry<Message>): boolean {
  return 'value' in entry && !channel.startsWith('@') && entry.value.from === agent;
}

/** A message, or why it cannot be read. */
async function receive(
  c: Coordination,
  channel: Channel,
  entry: Entry<Message>,
  attempts: number | undefined,
): Promise<Received | string> {
  if (!('value' in entry)) return `${refOf(channel, entry.n)}: ${entry.problem}`;
  try {
    return { ...(await show(c, channel, entry)), attempts };
  } catch (error) {
    if (error instanceof CairnError && (error.code === 'not-found' || error.code === 'corrupt')) {
      return `${refOf(channel, entry.n)}: ${error.message}`;
    }
    throw error;
  }
}

/** @throws CairnError `not-found`, `corrupt` */
export async function show(c: Coordination, channel: Channel, slot: Slot<Message>): Promise<Received> {
  const { n, w, by, modified, value } = slot;
  const { from, to, kind, thread, replyTo, subject, prio, needAck, origin, task } = value;
  const text = await loadText(c.space, value.body);
  const head = { ref: refOf(channel, n), id: w, channel, n, at: modified, session: by.session };
  return { ...head, from, to, kind, thread, replyTo, subject, text, prio, needAck, origin, task };
}

/** Gives a message up: a copy, with the reason, goes to the agent's dead letters. The same one once. */
async function bury(
  c: Coordination,
  channel: Channel,
  entry: Entry<Message> | undefined,
  attempts: number,
): Promise<void> {
  if (entry === undefined || !('value' in entry)) return;
  const { agent } = await c.me();
  const ref = refOf(channel, entry.n);
  const write = await change(c, 'dead-letter', ref, { idem: agent });
  const reason = `handed out ${attempts} times and never acknowledged`;
  await append(c, `!${agent}`, { ...entry.value, kind: 'dead', idem: true, origin: { ref, attempts, reason } }, write);
}

/**
 * Acknowledges a delivery, or its messages up to `upto`. It names the delivery and not a place: what was
 * handed to another process since is not acknowledged for it.
 * @throws CairnError `superseded`, `usage`, `unknown`
 */
export async function ack(
  c: Coordination,
  token: string,
  options: { readonly upto?: number | undefined } = {},
): Promise<{ readonly acked: number; readonly token?: string }> {
  const at = token.lastIndexOf(':');
  const d = Number(token.slice(at + 1));
  if (at < 1 || !Number.isSafeInteger(d) || d < 1) {
    throw new CairnError('usage', `expected the token of a delivery, like @agent:7, got ${JSON.stringify(token)}`);
  }
  const channel = token.slice(0, at);
  const me = await c.me();
  const register = cursorRegister(c.space, me.agent, channel);
  for (;;) {
    const current: Current<Cursor> = await register.read();
    const cursor = current.value;
    const delivered = current.n === d ? cursor?.inflight : (await register.slot(d))?.value.inflight;
    const upto = Math.min(options.upto ?? Number.POSITIVE_INFINITY, delivered?.upto ?? 0);
    if (delivered === undefined || cursor === undefined) throw superseded(token);
    if (isConfirmed(cursor, upto)) return { acked: cursor.acked };
    if (current.n !== d) throw superseded(token);
    const confirmed = confirm(cursor, upto);
    const rest = upto < delivered.upto ? delivered : undefined;
    const next: Cursor = { ...cursor, acked: Math.max(cursor.acked, upto), confirmed, inflight: rest };
    const written = await register.cas(current, next, { by: me, op: 'ack' });
    if (written.outcome === 'lost') continue;
    return { acked: next.acked, ...(rest && { token: `${channel}:${written.slot.n}` }) };
  }
}

function superseded(token: string): CairnError {
  return new CairnError('superseded', `expected ${token} to be the delivery that is out, it is not`, {
    hint: 'the messages were handed out again; `cairn inbox --ack manual` fetches what is not acknowledged',
  });
}

function isConfirmed(cursor: Cursor, n: number): boolean {
  return cursor.confirmed?.some(([from, to]) => from <= n && n <= to) ?? false;
}

/** Ranges that are kept; what falls out is claimed to be fetched, no more. */
const ranges = 16;

function confirm(cursor: Cursor, upto: number): [number, number][] {
  const all = [...(cursor.confirmed ?? [])];
  const last = all.at(-1);
  const from = cursor.acked + 1;
  if (last !== undefined && last[1] >= from - 1) all[all.length - 1] = [last[0], Math.max(last[1], upto)];
  else all.push([from, upto]);
  return all.slice(-ranges);
}

/** Moves this agent's cursor to the end: everything there now counts as seen, for this agent alone. */
export async function clear(c: Coordination, channel: Channel): Promise<number> {
  const me = await c.me();
  const tail = await channelLog(c.space, channel).tail();
  const register = cursorRegister(c.space, me.agent, channel);
  await register.update(
    ({ value }) => ((value?.acked ?? 0) >= tail ? undefined : passed(value ?? { acked: 0 }, tail, [])),
    {
      by: me,
      op: 'clear',
    },
  );
  return tail;
}
