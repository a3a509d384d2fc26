import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { MirrorEvent } from '../mirror/mirror.ts';
import { failureObject } from './failure.ts';
import type { Output } from './output.ts';
import { Progress } from './progress.ts';
import { count, formatBytes } from './text.ts';

/** What a run of the mirror came to. */
export interface MirrorTotals {
  readonly sessions: number;
  readonly idle: number;
  readonly failed: number;
  readonly remaining: number;
  readonly parts: number;
  readonly records: number;
  /** Of records, uncompressed. */
  readonly bytes: number;
  /** As they lie in the bucket. */
  readonly stored: number;
  readonly redactions: number;
  /** Sessions in scope; 0: there was nothing to look at. */
  readonly found: number;
  /** Sessions that are to stay on this host. */
  readonly excluded: number;
  readonly requests: number;
  readonly seconds: number;
}

/**
 * Follows a run: one JSON object an event, or a line of progress and what a person should know.
 * @throws CairnError where every session failed for the same reason
 */
export async function reportMirror(
  events: AsyncIterable<MirrorEvent>,
  output: Output,
  app: Pick<App, 'requests'>,
): Promise<MirrorTotals> {
  const progress = new Progress(output);
  const start = performance.now();
  const sums = {
    parts: 0,
    records: 0,
    bytes: 0,
    stored: 0,
    redactions: 0,
    found: 0,
    excluded: 0,
    expected: 0,
    ended: 0,
  };
  let done = { sessions: 0, idle: 0, failed: 0, remaining: 0 };
  const failures: CairnError[] = [];
  for await (const event of events) {
    if (event.event === 'found') {
      sums.found = event.sessions;
      sums.excluded = event.excluded ?? 0;
      sums.expected = event.bytes;
    } else if (event.event === 'part') {
      sums.parts++;
      sums.records += event.records;
      sums.bytes += event.bytes;
      sums.stored += event.stored;
      sums.redactions += Object.values(event.redactions).reduce((a, b) => a + b, 0);
    } else if (event.event === 'session') sums.ended++;
    else if (event.event === 'failed' && event.cause instanceof CairnError) failures.push(event.cause);
    if (event.event === 'done') done = event;
    else if (output.json) await output.object(event.event === 'failed' ? failedObject(event) : event);
    else await tell(event, output, progress);
    progress.update(sums.bytes, sums.expected, count(sums.ended, 'session'));
  }
  progress.clear();
  const { expected: _, ended: __, ...rest } = sums;
  const { sessions, idle, failed, remaining } = done;
  const totals = {
    sessions,
    idle,
    failed,
    remaining,
    ...rest,
    requests: app.requests(),
    seconds: round((performance.now() - start) / 1000),
  };
  if (output.json) await output.object({ event: 'done', ...totals });
  const [first] = failures;
  // Nothing works, always for one reason: the store or this host is to blame, and no single session.
  if (first && totals.parts === 0 && failures.length === failed && failures.every(({ code }) => code === first.code)) {
    throw first;
  }
  return totals;
}

/** One sentence for a person. */
export function summarise(totals: MirrorTotals): string {
  const { sessions, idle, failed, remaining, parts, records, bytes, stored, redactions, seconds } = totals;
  const unchanged = idle > 0 ? `, ${idle} unchanged` : '';
  if (parts === 0) return `nothing new in ${count(sessions + idle, 'session')}`;
  const secrets = redactions > 0 ? `, ${count(redactions, 'secret')} taken out` : '';
  const whole = Math.max(0, sessions - failed - remaining);
  return `mirrored ${count(whole, 'session')}${unchanged}: ${count(records, 'record')}, ${formatBytes(bytes)} as ${formatBytes(stored)} in ${count(parts, 'part')}${secrets}, ${seconds} s`;
}

async function tell(event: MirrorEvent, output: Output, progress: Progress): Promise<void> {
  if (event.event === 'failed') {
    progress.clear();
    const { message, hint } = failureObject(event.cause);
    const where = [event.harness, event.session, event.stream, event.path]
      .filter((name) => name !== undefined)
      .join(' ');
    output.note(`${where}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
  } else if (event.event === 'reset') {
    progress.clear();
    output.note(`${event.session} ${event.stream}: goes on in epoch ${event.epoch} (${event.reason})`);
  } else if (event.event === 'gone') {
    progress.clear();
    output.note(`${event.session}: its source is gone; the bucket keeps what it has`);
  } else if (event.event === 'would') {
    const { harness, session, stream, records, bytes, reset } = event;
    const epoch = reset === undefined ? '' : `, in a new epoch (${reset})`;
    await output.line(
      `would ship ${harness}/${session} ${stream}: ${count(records, 'record')}, ${formatBytes(bytes)}${epoch}`,
    );
  }
}

function failedObject({ cause, ...event }: Extract<MirrorEvent, { event: 'failed' }>): object {
  const { code, message, hint } = failureObject(cause);
  return { ...event, code, message, ...(hint !== undefined && { hint }) };
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
