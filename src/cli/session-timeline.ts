import type { SharedStep } from '../sessions/shared-steps.ts';
import type { TimelineEntry, TimelineStream } from '../sessions/timeline.ts';
import type { EventKind, RecordEvent } from '../trajectory/events.ts';
import { defineCommand } from './command.ts';
import { eventText, firstLine } from './event-text.ts';
import type { Output } from './output.ts';
import { count, truncate, visible, widthOf } from './text.ts';
import { checkCount, parseSince } from './values.ts';

/** What of a session is shown unless --kind says otherwise: what was said and done. */
const shownKinds = ['message', 'tool_call', 'subagent_spawn', 'subagent_return', 'error', 'compaction', 'session_end'];

export const timelineCommand = defineCommand({
  usage: 'timeline',
  describe: 'Show what all agents did, in one order',
  examples: [
    ['cairn session timeline --since 2h', 'sessions of all hosts and the steps between them'],
    ['cairn session timeline --kind coordination --since 7d', 'claims, messages, hand-offs, shared values'],
    ['cairn session timeline --repo web-app --kind message --json', 'what was said in one repository'],
  ],
  epilogue:
    'A session stands in its own order, and so does each task, channel and value; a message stands before the step by which it was read, a sub-agent after its start. Everything else goes by time: ORDER is `store` for the clock of the store, `host` for the clock of the host that wrote the session, `cause` where the time says earlier than what led to it. --agent takes steps of this agent only.',
  options: (yargs) =>
    yargs
      .option('since', { type: 'string', default: '1d', describe: 'Since: 12h, 7d, 2026-11-21' })
      .option('until', { type: 'string', describe: 'Until: 1h, 2026-11-21T10:00Z' })
      .option('harness', { type: 'string', array: true, describe: 'Only sessions of this agent' })
      .option('repo', { type: 'string', describe: 'Only where the repository has this in its name' })
      .option('host', { type: 'string', describe: 'Only from hosts with this in their name' })
      .option('kind', {
        type: 'string',
        array: true,
        describe: 'Only events of this kind; coordination: what agents share',
      })
      .option('limit', {
        type: 'number',
        alias: 'n',
        describe: 'At most so many, the newest; default 200 in a terminal',
      }),
  async run(args, { output, app: open, signal }) {
    const { readCatalog } = await import('../sessions/catalog.ts');
    const { selectLines } = await import('../sessions/list.ts');
    const { readSteps } = await import('../sessions/shared-steps.ts');
    const { orderTimeline } = await import('../sessions/timeline.ts');
    const limit = checkCount('limit', args.limit, 1) ?? (output.json ? Number.POSITIVE_INFINITY : 200);
    const app = await open();
    const now = app.runtime.now();
    const since = parseSince('since', args.since, now);
    const until = args.until === undefined ? Number.POSITIVE_INFINITY : parseSince('until', args.until, now);
    const kinds = new Set<string>(args.kind ?? [...shownKinds, 'coordination' satisfies EventKind]);
    const { lines, problems } = await readCatalog(app.store, app.project, { signal });
    for (const problem of problems) output.note(problem);
    const chosen = selectLines(lines, {
      since,
      ...(args.harness && { harness: args.harness }),
      ...(args.repo !== undefined && { repo: args.repo }),
      ...(args.host !== undefined && { host: args.host }),
    });
    const streams: TimelineStream[] = [];
    const wantsSessions = [...kinds].some((kind) => kind !== 'coordination');
    for (const { harness, session } of wantsSessions ? chosen : []) {
      streams.push(
        ...(await streamsOf(app, { project: app.project, harness, session }, { since, until, kinds, signal })),
      );
    }
    const steps: readonly SharedStep[] = kinds.has('coordination')
      ? await readSteps(app.store, app.project, { runtime: app.runtime, since, until, signal }, (problem) =>
          output.note(problem),
        )
      : [];
    const own = args.agent === undefined ? steps : steps.filter(({ event }) => event.agent === args.agent);
    const entries = [...orderTimeline(streams, own)];
    const shown = entries.slice(-limit);
    for (const entry of shown) {
      if (output.json) await output.object(entry);
      else await show(entry, output);
    }
    if (entries.length === 0) output.note('nothing happened in this time');
    if (shown.length < entries.length)
      output.note(`the last ${shown.length} of ${count(entries.length, 'event')}: give --limit for more`);
    return undefined;
  },
});

interface Window {
  readonly since: number;
  readonly until: number;
  readonly kinds: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Events of a session within the time: one without a time goes with the one before it. */
async function streamsOf(
  app: import('../app.ts').App,
  address: { readonly project: string; readonly harness: string; readonly session: string },
  { since, until, kinds, signal }: Window,
): Promise<TimelineStream[]> {
  const { listSession } = await import('../sessions/listing.ts');
  const { readEvents } = await import('../sessions/events.ts');
  const listing = await listSession(app.store, address, { signal });
  const harness = app.harnesses.find(({ name }) => name === address.harness);
  const streams = new Map<string, RecordEvent[]>();
  const times = new Map<string, number>();
  const wants = (stream: string) => stream !== 'files' && stream !== 'file-history';
  for await (const event of readEvents(app.store, listing, harness, { signal, wants })) {
    const { stream } = event.at;
    const own = Date.parse(event.time ?? '');
    if (!Number.isNaN(own)) times.set(stream, own);
    const time = times.get(stream) ?? Number.NEGATIVE_INFINITY;
    if (!kinds.has(event.kind) || time < since || time >= until) continue;
    const events = streams.get(stream);
    if (events) events.push(event);
    else streams.set(stream, [event]);
  }
  const { harness: name, session } = address;
  return [...streams].map(([stream, events]) => ({ harness: name, session, stream, events }));
}

async function show(entry: TimelineEntry, output: Output): Promise<void> {
  const { event, time, order } = entry;
  const { label, text } = eventText(event);
  const who =
    'session' in entry
      ? `${entry.harness}/${entry.session.slice(0, 8)}`
      : `@${event.kind === 'coordination' ? (event.agent ?? '') : ''}`;
  const clock = (time ?? '').replace('T', ' ').slice(5, 19).padEnd(14);
  const name = truncate(visible(who), 22);
  const head = `${clock} ${order.padEnd(5)} ${name}${' '.repeat(22 - widthOf(name))} ${truncate(visible(label), 9).padEnd(9)}`;
  const width = (output.stdout.columns ?? Number.POSITIVE_INFINITY) - head.length - 1;
  const shared = event.kind === 'coordination';
  await output.line(
    `${output.style(shared ? 'yellow' : 'dim', head)} ${truncate(visible(firstLine(text)), Math.max(width, 10))}`,
  );
}
