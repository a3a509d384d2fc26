import { CairnError } from '../errors.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import { defineCommand } from './command.ts';
import { eventText, jsonText, outputText } from './event-text.ts';
import { maskOption } from './mask-option.ts';
import { kinds, writeEvent } from './session-events.ts';
import { openSession, wantedStreams } from './session-source.ts';
import { checkCount } from './values.ts';

export const replayCommand = defineCommand({
  usage: 'replay <id>',
  describe: 'Step through a session, event by event; nothing is executed',
  examples: [
    ['cairn session replay 49d9aac8', 'forwards and back by key'],
    ['cairn session replay 49d9aac8 --from 120 --only tool_call --only tool_result', 'the calls from there on'],
    ['cairn session replay 49d9aac8 --speed 20 | jq -r .kind', 'as it went, twenty times as fast'],
    ['cairn session replay 49d9aac8 --serve', 'a model endpoint that gives the recorded answers again'],
  ],
  epilogue:
    'On a terminal: space or → next, ← back, t next prompt, c next call, e next error, g a number, / a word, n again, q quit. Piped: one event a line, the same every time.',
  options: (yargs) =>
    yargs
      .positional('id', {
        type: 'string',
        demandOption: true,
        describe: 'Id, unique beginning, or harness/id; @e1 behind it: that epoch',
      })
      .option('stream', { type: 'string', describe: 'Another stream than the transcript' })
      .option('from', { type: 'number', alias: 'offset', default: 0, describe: 'Begin at this event' })
      .option('to', { type: 'number', describe: 'End behind this event' })
      .option('limit', { type: 'number', describe: 'At most so many' })
      .option('only', {
        choices: kinds,
        array: true,
        describe: 'Only events of this kind; may be given more than once',
      })
      .option('view', {
        choices: ['full', 'context'] as const,
        default: 'full' as const,
        describe: 'context: what the model still sees at the end, after rewinds and compactions',
      })
      .option('speed', { type: 'number', describe: 'Write with the pauses that there were, so many times as fast' })
      .option('mask', maskOption)
      .option('serve', { type: 'boolean', describe: 'Serve the recorded answers to a client on this host' })
      .option('port', { type: 'number', describe: 'Port to serve on; default any' }),
  async run(args, { output, stdin, app: open, signal }) {
    const from = checkCount('from', args.from, 0) ?? 0;
    const to = checkCount('to', args.to, 0) ?? Number.POSITIVE_INFINITY;
    const limit = checkCount('limit', args.limit, 1) ?? Number.POSITIVE_INFINITY;
    const { speed } = args;
    if (speed !== undefined && !(speed > 0)) {
      throw new CairnError('usage', `expected --speed as a number above 0, got ${speed}`);
    }
    const app = await open();
    const source = await openSession(app, args.id, { output, signal, mask: args.mask });
    const wants = await wantedStreams(source.listing, args.stream);
    if (args.serve) {
      const { serveRecording } = await import('./replay-server.ts');
      const isTranscript = (stream: string) => stream !== 'files' && stream !== 'file-history';
      const served = args.stream === undefined ? isTranscript : wants;
      return serveRecording(source.events({ wants: served, inline: Number.POSITIVE_INFINITY }), {
        output,
        signal,
        port: checkCount('port', args.port, 0, 65_535),
      });
    }
    const isWanted = ({ seq, kind }: RecordEvent) =>
      seq >= from && seq <= to && (args.only === undefined || args.only.some((one) => one === kind));
    const isStepped = output.stdout.isTTY && stdin.isTTY && !output.json && speed === undefined;
    if (isStepped || args.view === 'context') {
      const events = await collect(source.events({ wants, inline: 4096 }));
      const { contextOf } = await import('../trajectory/context.ts');
      const chosen = (args.view === 'context' ? contextOf(events) : events).filter(isWanted).slice(0, limit);
      if (!isStepped) for (const event of chosen) await writeEvent(output, event);
      else if (chosen.length === 0) output.note('no event matches');
      else {
        const { stepThrough } = await import('./stepper.ts');
        await stepThrough(chosen, { output, stdin, signal, shown: eventLines });
      }
      return undefined;
    }
    let written = 0;
    let before: number | undefined;
    for await (const event of source.events({ wants })) {
      if (!isWanted(event)) continue;
      const at = event.time === undefined ? Number.NaN : Date.parse(event.time);
      if (speed !== undefined && before !== undefined && at > before)
        await app.runtime.sleep((at - before) / speed, signal);
      if (signal.aborted) break;
      before = Number.isNaN(at) ? before : at;
      await writeEvent(output, event);
      if (++written >= limit) break;
    }
    return undefined;
  },
});

async function collect(events: AsyncIterable<RecordEvent>): Promise<RecordEvent[]> {
  const collected: RecordEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

/** An event in full, but for what stands elsewhere. */
function eventLines(event: RecordEvent): string {
  if (event.kind === 'tool_call') return `${event.tool}\n\n${JSON.stringify(event.input, undefined, 2)}`;
  if (event.kind === 'tool_result') {
    const facts = [
      event.error && 'failed',
      event.exitCode !== undefined && `exit ${event.exitCode}`,
      event.durationMs !== undefined && `${event.durationMs} ms`,
    ];
    return `${facts.filter(Boolean).join(', ')}\n${outputText(event.output)}`;
  }
  if (event.kind === 'state' || event.kind === 'attachment')
    return jsonText(event.kind === 'state' ? event.value : event.content);
  return eventText(event).text;
}
