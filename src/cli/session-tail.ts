import type { App } from '../app.ts';
import type { FollowFrom } from '../sessions/follow.ts';
import type { SessionListing } from '../sessions/listing.ts';
import { defineCommand } from './command.ts';
import type { Output } from './output.ts';
import { visibleLines } from './text.ts';
import { checkCount, parseDuration } from './values.ts';

export const tailCommand = defineCommand({
  usage: 'tail <id>',
  describe: 'Write the last records of a session, and follow it',
  examples: [
    ['cairn session tail 49d9aac8 -n 3', 'the last three records'],
    ['cairn session tail 49d9aac8 -f', 'and those that another host writes from now on'],
    ['cairn session tail 49d9aac8 -f --stream all --json', 'of sub-agents too, each with its stream'],
  ],
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .option('lines', { type: 'number', alias: 'n', default: 10, describe: 'Records to begin with' })
      .option('follow', { type: 'boolean', alias: 'f', describe: 'Go on until the session ends, or Ctrl-C' })
      .option('stream', {
        type: 'string',
        describe: 'A stream, or a unique beginning; all: every stream; default the transcript',
      })
      .option('poll', { type: 'string', default: '10s', describe: 'Longest pause between two looks' }),
  async run(args, { output, app: open, signal }) {
    const { resolveSession } = await import('../sessions/resolve.ts');
    const { pickStream } = await import('../sessions/listing.ts');
    const count = checkCount('lines', args.lines, 0) ?? 10;
    const pollMs = parseDuration('poll', args.poll);
    const app = await open();
    const listing = await resolveSession(app.store, app.project, args.id, { signal });
    const wanted = args.stream === undefined || args.stream === 'all' ? undefined : pickStream(listing, args.stream)[0];
    const wants = (stream: string) => {
      if (wanted !== undefined) return stream === wanted;
      // A thread that goes on in another file is still the transcript.
      return args.stream === 'all' || stream === 'main' || stream.startsWith('segment-');
    };
    const printer = new Printer(output);
    const { from, ended } = await begin(app, listing, wants, count, printer, signal);
    if (!args.follow) return undefined;
    if (ended) {
      output.note('the session has ended');
      return undefined;
    }
    const { followSession } = await import('../sessions/follow.ts');
    const { store, runtime } = app;
    try {
      for await (const news of followSession(store, listing.address, {
        runtime,
        from,
        wants,
        pollMs,
        ring: true,
        signal,
      })) {
        if (news.event === 'part' && news.piece.lines) await printer.print(news.stream, news.piece.lines);
        else if (news.event === 'epoch') output.note(`${news.stream} goes on in epoch ${news.epoch} (${news.reason})`);
        else if (news.event === 'ended' || news.event === 'gone') output.note(`the session is ${news.event}`);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return undefined;
  },
});

/** Writes the end of every wanted stream; gives where each goes on. */
async function begin(
  app: App,
  listing: SessionListing,
  wants: (stream: string) => boolean,
  count: number,
  printer: Printer,
  signal: AbortSignal,
): Promise<{ from: ReadonlyMap<string, FollowFrom>; ended: boolean }> {
  const { readTail } = await import('../sessions/tail.ts');
  const from = new Map<string, FollowFrom>();
  let ended = false;
  for (const [stream, epochs] of listing.streams) {
    if (!wants(stream)) continue;
    const { lines, last } = await readTail(app.store, { ...listing.address, stream }, epochs, count, { signal });
    for (const line of lines) await printer.print(stream, line);
    from.set(stream, { epoch: last.epoch, seq: last.seq + 1, chain: last.chain });
    if (stream === 'main') ended = last.event !== undefined;
  }
  return { from, ended };
}

/** Records as they are; with `--json` each with its stream; between streams a heading on a terminal. */
class Printer {
  readonly #output: Output;
  #stream = '';

  constructor(output: Output) {
    this.#output = output;
  }

  async print(stream: string, lines: Uint8Array): Promise<void> {
    const output = this.#output;
    if (output.strict) {
      for (const line of Buffer.from(lines).toString('utf8').split('\n').slice(0, -1)) {
        await output.object({ stream, ...parsed(line) });
      }
    } else if (output.stdout.isTTY) {
      if (this.#stream !== stream && (this.#stream !== '' || stream !== 'main')) {
        await output.line(output.style('bold', `==> ${stream} <==`));
      }
      await output.write(visibleLines(Buffer.from(lines).toString('utf8')));
    } else await output.write(lines);
    this.#stream = stream;
  }
}

/** A line that is no JSON is given as text. */
function parsed(line: string): { readonly record: unknown } | { readonly text: string } {
  try {
    return { record: JSON.parse(line) };
  } catch {
    return { text: line };
  }
}
