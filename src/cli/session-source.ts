import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { Harness } from '../harness/types.ts';
import type { EventOptions } from '../sessions/events.ts';
import type { SessionListing } from '../sessions/listing.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import { type Masked, maskEvent } from '../trajectory/mask.ts';
import type { Output } from './output.ts';

/** A session that a command reads events of. */
export interface SessionSource {
  readonly listing: SessionListing;
  readonly harness: Harness | undefined;
  /** Asked for as `ID@e1`. */
  readonly epoch: number | undefined;
  events(options?: EventOptions): AsyncGenerator<RecordEvent>;
}

interface SourceOptions {
  readonly output: Output;
  readonly signal: AbortSignal;
  /** What of events is left out. */
  readonly mask?: readonly Masked[] | undefined;
}

/** Opens `ID`, or one of its epochs as `ID@e1`. @throws CairnError `usage`, `not-found`, `ambiguous` */
export async function openSession(
  app: App,
  wanted: string,
  { output, signal, mask = [] }: SourceOptions,
): Promise<SessionSource> {
  const { resolveSession } = await import('../sessions/resolve.ts');
  const { readEvents } = await import('../sessions/events.ts');
  const [, id = wanted, digits] = /^(.+)@e(\d{1,6})$/.exec(wanted) ?? [];
  const epoch = digits === undefined ? undefined : Number(digits);
  const listing = await resolveSession(app.store, app.project, id, { signal });
  if (epoch !== undefined && ![...listing.streams.values()].flat().some((one) => one.epoch === epoch)) {
    throw new CairnError('not-found', `expected epoch ${epoch} of ${listing.address.session}, found none`, {
      hint: '`cairn session show` lists the epochs of a session',
    });
  }
  const harness = app.harnesses.find(({ name }) => name === listing.address.harness);
  const onFork = (stream: string, read: number, others: readonly number[]) =>
    output.note(`${stream} is forked: epoch ${read} is read, open are also ${others.join(', ')}`);
  const masked = new Set(mask);
  const events = async function* (options?: EventOptions): AsyncGenerator<RecordEvent> {
    for await (const event of whole(options)) yield maskEvent(event, masked);
  };
  const whole = (options?: EventOptions) =>
    readEvents(app.store, listing, harness, {
      signal,
      ...(epoch === undefined ? { onFork } : { epoch }),
      ...options,
    });
  return { listing, harness, epoch, events };
}

/** The streams that `--stream` names: the transcript without it, every stream with `all`. */
export async function wantedStreams(
  listing: SessionListing,
  wanted: string | undefined,
): Promise<(stream: string) => boolean> {
  if (wanted === 'all') return () => true;
  const { pickStream } = await import('../sessions/listing.ts');
  const [picked] = wanted === undefined ? [undefined] : pickStream(listing, wanted);
  if (picked !== undefined) return (stream) => stream === picked;
  const transcripts = [...listing.streams.keys()].filter((name) => name === 'main' || name.startsWith('segment-'));
  // A session may be a sub-agent's alone.
  const [first] = listing.streams.keys();
  return (stream) => (transcripts.length > 0 ? transcripts.includes(stream) : stream === first);
}
