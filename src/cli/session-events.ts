import type { EventKind, RecordEvent } from '../trajectory/events.ts';
import { defineCommand } from './command.ts';
import { eventText, firstLine } from './event-text.ts';
import { maskOption } from './mask-option.ts';
import type { Output } from './output.ts';
import { openSession, wantedStreams } from './session-source.ts';
import { truncate, visible } from './text.ts';
import { checkCount, parseSize } from './values.ts';

/** Kinds of events that a record can carry. */
export const kinds: readonly Exclude<EventKind, 'coordination'>[] = [
  'session_start',
  'session_end',
  'message',
  'thinking',
  'tool_call',
  'tool_result',
  'decision',
  'usage',
  'model_change',
  'state',
  'compaction',
  'rewind',
  'subagent_spawn',
  'subagent_return',
  'attachment',
  'error',
  'unknown',
];

export const eventsCommand = defineCommand({
  usage: 'events <id>',
  describe: 'Write what happened in a session as typed events',
  examples: [
    ['cairn session events 49d9aac8 --limit 20', 'the first twenty'],
    ['cairn session events 49d9aac8 --kind tool_call --turn 3', 'what was called in the third turn'],
    ['cairn session events 49d9aac8 --mask output --mask names', 'without what tools gave back and who was where'],
    [
      'cairn session events 49d9aac8 --stream all --json',
      'sub-agents and side files too, as docs/events.schema.json says',
    ],
  ],
  epilogue:
    'An event keeps its number when the session grows. Large texts and all media are references with hash, size and place: `cairn session payload` writes what they stand for.',
  options: (yargs) =>
    yargs
      .positional('id', {
        type: 'string',
        demandOption: true,
        describe: 'Id, unique beginning, or harness/id; @e1 behind it: that epoch',
      })
      .option('stream', {
        type: 'string',
        describe: 'A stream, or a unique beginning; all: every stream; default the transcript',
      })
      .option('kind', {
        choices: kinds,
        array: true,
        describe: 'Only events of this kind; may be given more than once',
      })
      .option('turn', { type: 'number', describe: 'Only this turn; 0: before the first prompt' })
      .option('call', { type: 'string', describe: 'Only a tool call with this id, and what it led to' })
      .option('from', { type: 'number', default: 0, describe: 'From this event on' })
      .option('limit', { type: 'number', alias: 'n', describe: 'At most so many' })
      .option('mask', maskOption)
      .option('inline', { type: 'string', describe: 'Texts up to this size stand in the event; default 32KiB' }),
  async run(args, { output, app: open, signal }) {
    const from = checkCount('from', args.from, 0) ?? 0;
    const limit = checkCount('limit', args.limit, 1);
    const turn = checkCount('turn', args.turn, 0);
    const inline = args.inline === undefined ? undefined : parseSize('inline', args.inline);
    const source = await openSession(await open(), args.id, { output, signal, mask: args.mask });
    const wants = await wantedStreams(source.listing, args.stream);
    let written = 0;
    for await (const event of source.events({ wants, ...(inline !== undefined && { inline }) })) {
      if (event.seq < from || (turn !== undefined && event.turn !== turn)) continue;
      if (args.kind && !args.kind.some((kind) => kind === event.kind)) continue;
      if (args.call !== undefined && !('callId' in event && event.callId === args.call)) continue;
      await writeEvent(output, event);
      if (++written === limit) break;
    }
    if (written === 0) output.note('no event matches');
    return undefined;
  },
});

/** As JSON, or as one line. */
export async function writeEvent(output: Output, event: RecordEvent): Promise<void> {
  if (output.json) return output.object(event);
  const { label, text } = eventText(event);
  const place = event.at.stream === 'main' ? '' : `${event.at.stream} `;
  const head = `${place}${String(event.seq).padStart(5)}  ${String(event.turn).padStart(3)}  ${label.padEnd(9)}`;
  const width = (output.stdout.columns ?? Number.POSITIVE_INFINITY) - head.length - 1;
  const shown = truncate(visible(firstLine(text)), Math.max(width, 10));
  const failed = event.kind === 'error' || (event.kind === 'tool_result' && event.error);
  const prompt = event.kind === 'message' && event.prompt;
  return output.line(
    `${output.style('dim', head)} ${failed ? output.style('red', shown) : prompt ? output.style('bold', shown) : shown}`,
  );
}
