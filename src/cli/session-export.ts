import { CairnError } from '../errors.ts';
import type { ExportSource } from '../export/source.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import { defineCommand } from './command.ts';
import { type TrainingFormat, trainingFormats } from './export-training.ts';
import { maskOption } from './mask-option.ts';
import {
  facts,
  filterSessions,
  labelOption,
  minTurnsOption,
  modelOption,
  toolOption,
  withAll,
} from './session-filter.ts';
import { count, formatBytes } from './text.ts';
import { parseSince } from './values.ts';

const formats = ['cairn', 'jsonl', 'markdown', 'html', ...trainingFormats, 'parquet'] as const;

function isTraining(format: (typeof formats)[number]): format is TrainingFormat {
  return trainingFormats.some((one) => one === format);
}

export const exportCommand = defineCommand({
  usage: 'export [ids..]',
  describe: 'Write sessions in a format for other programs',
  examples: [
    ['cairn session export 49d9aac8 --format markdown > session.md', 'to read'],
    ['cairn session export 49d9aac8 --format html -o session.html', 'one page that needs nothing else'],
    ['cairn session export 49d9aac8 --format markdown --follow', 'grows while the session does'],
    ['cairn session export --all --format parquet --to s3://lake/agents', 'tables for DuckDB, Spark, Athena'],
    ['cairn session export --all --label verdict=success --format openai -o train.jsonl', 'for fine-tuning'],
    ['cairn session export 49d9aac8 --format cairn -o session.tar', 'with its sub-agents, to be imported elsewhere'],
    ['cairn session export --all --to s3://other/prefix', 'the whole project, into another bucket or folder'],
  ],
  epilogue:
    'What is exported was redacted when it was mirrored. jsonl is what docs/events.schema.json says, behind a line that names the session; `cairn session import` takes it back. html runs no script and loads nothing. openai, anthropic and atif are for training: a session a line as chat messages or as an ATIF trajectory (and each sub-agent as one more); what cannot be said is left out and counted, and --strict refuses it. parquet is described in docs/analysis.md. cairn copies objects as they are stored, each proven by its chain: of sessions that are named, with what they depend on and their sub-agents, into one tar file or another bucket; with --all, --to and no filter everything that the project has, tasks and messages too. What is there already is passed over; exit 1 where something else stands in its place.',
  options: (yargs) =>
    yargs
      .positional('ids', { type: 'string', array: true, describe: 'Ids, unique beginnings, or harness/id' })
      .option('format', { choices: formats, describe: 'What to write; default cairn with --to' })
      .option('all', { type: 'boolean', describe: 'Every session that the filters leave' })
      .option('harness', { type: 'string', array: true, describe: 'With --all: only sessions of this agent' })
      .option('repo', { type: 'string', describe: 'With --all: only where the repository has this in its name' })
      .option('host', { type: 'string', describe: 'With --all: only from hosts with this in their name' })
      .option('since', { type: 'string', describe: 'With --all: only what was touched since: 12h, 7d, 2026-11-21' })
      .option('label', withAll(labelOption))
      .option('model', withAll(modelOption))
      .option('min-turns', withAll(minTurnsOption))
      .option('tool', withAll(toolOption))
      .option('max-messages', {
        type: 'number',
        describe: 'openai, anthropic, atif: only sessions of so many messages or fewer',
      })
      .option('stream', { type: 'string', describe: 'A stream, or a unique beginning; default all transcripts' })
      .option('kind', { type: 'string', array: true, describe: 'jsonl: only events of this kind' })
      .option('mask', maskOption)
      .option('output', { type: 'string', alias: 'o', describe: 'File to write; default standard output' })
      .option('payloads', {
        type: 'string',
        describe: 'jsonl: folder for what is large or no text, a file by its hash',
      })
      .option('to', { type: 'string', describe: 'parquet, cairn: folder, or s3://bucket/prefix' })
      .option('to-project', { type: 'string', describe: 'cairn: name of the project there; default the same' })
      .option('single-writer', {
        type: 'boolean',
        default: false,
        describe: 'cairn: for a store that ignores conditions: promise that nobody else writes',
      })
      .option('strict', {
        type: 'boolean',
        describe: 'openai, anthropic, atif: refuse a session that cannot be said in full',
      })
      .option('follow', { type: 'boolean', alias: 'f', describe: 'markdown: go on while the session grows' }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const { openSources } = await import('./export-sources.ts');
    const format = args.format ?? (args.to === undefined ? undefined : 'cairn');
    const ids = (args.ids ?? []).map(String);
    if (format === undefined) {
      throw new CairnError('usage', 'expected --format, got none', { hint: `choose ${formats.join(', ')}` });
    }
    if (ids.length === 0 && !args.all) {
      throw new CairnError('usage', 'expected sessions to export, got none', { hint: 'give ids, or --all' });
    }
    if ((format === 'html' || format === 'markdown') && (args.all || ids.length > 1)) {
      throw new CairnError('usage', `expected one session for ${format}, got several`, {
        hint: 'export them one by one',
      });
    }
    if (format === 'parquet' && args.to === undefined) {
      throw new CairnError('usage', 'expected --to with a folder or bucket for parquet, got none');
    }
    const app = await open();
    const since = args.since === undefined ? undefined : parseSince('since', args.since, app.runtime.now());
    const sources = openSources(app, {
      ids,
      all: args.all ?? false,
      filter: {
        ...(args.harness && { harness: args.harness }),
        ...(args.repo !== undefined && { repo: args.repo }),
        ...(args.host !== undefined && { host: args.host }),
        ...(since !== undefined && { since }),
        ...facts(args),
      },
      choose: (lines) => filterSessions(lines, { label: args.label, tool: args.tool }, context),
      stream: args.stream,
      kinds: args.kind,
      mask: args.mask,
      // Texts are wanted in full where nothing lies beside the file.
      inline: isTraining(format) || format === 'html' || format === 'markdown' ? 1 << 24 : undefined,
      output,
      signal,
    });
    if (format === 'cairn') {
      if (args.mask)
        throw new CairnError('usage', 'expected no --mask with cairn: objects are copied as they are stored');
      const { exportObjects } = await import('./export-objects.ts');
      const filters = [args.harness, args.repo, args.host, since, args.label, args.model, args.tool, args.minTurns];
      const whole = ids.length === 0 && args.to !== undefined && filters.every((filter) => filter === undefined);
      return await exportObjects(app, whole ? undefined : sources, args, context);
    }
    if (format === 'parquet') return exportTables(args.to ?? '', sources, context, app.runtime);
    const { openSink } = await import('./export-sink.ts');
    const sink = await openSink(output, args.output);
    let [sessions, skipped] = [0, 0];
    const lost = new Map<string, number>();
    try {
      for await (const source of sources) {
        sessions++;
        if (isTraining(format)) {
          const { trainingLines } = await import('./export-training.ts');
          const { lines, lost: left } = await trainingLines(format, source, {
            strict: args.strict ?? false,
            maxMessages: args.maxMessages,
          });
          if (lines.length === 0) skipped++;
          for (const line of lines) await sink.write(line);
          for (const [reason, times] of Object.entries(left)) lost.set(reason, (lost.get(reason) ?? 0) + times);
          continue;
        }
        if (format === 'markdown' && args.follow) {
          const { followMarkdown } = await import('./export-follow.ts');
          await followMarkdown(app, source, sink, signal);
          continue;
        }
        for await (const piece of await pieces(format, source, args.payloads)) await sink.write(piece);
      }
    } finally {
      await sink.close();
    }
    if (sessions === 0) output.note('no session matches');
    if (skipped > 0) output.note(`${count(skipped, 'session')} left out by the filters`);
    if (lost.size > 0)
      output.note(`left out: ${[...lost].map(([reason, times]) => `${times} × ${reason}`).join(', ')}`);
    if (args.output !== undefined)
      output.note(`${count(sessions - skipped, 'session')}, ${formatBytes(sink.bytes())} in ${args.output}`);
    return undefined;
  },
});

async function pieces(
  format: 'jsonl' | 'markdown' | 'html',
  source: ExportSource,
  payloads: string | undefined,
): Promise<AsyncIterable<string>> {
  if (format === 'html') return (await import('../export/html.ts')).writeHtml(source);
  if (format === 'markdown') return (await import('../export/markdown.ts')).writeMarkdown(source);
  const { writeJsonl } = await import('../export/jsonl.ts');
  if (payloads === undefined) return writeJsonl(source);
  const { withPayloads } = await import('./export-sink.ts');
  return writeJsonl(withPayloads(source, payloads));
}

async function exportTables(
  to: string,
  sources: AsyncIterable<ExportSource & { readonly line: CatalogLine }>,
  { output }: Parameters<Parameters<typeof defineCommand>[0]['run']>[1],
  runtime: import('../runtime.ts').Runtime,
): Promise<undefined> {
  const { TableWriter } = await import('../export/parquet.ts');
  const { openTarget } = await import('./export-sink.ts');
  const target = await openTarget(to, runtime);
  try {
    const writer = new TableWriter(target);
    for await (const source of sources) await writer.add(source, source.line);
    const { files } = await writer.finish();
    const sum = (of: (file: (typeof files)[number]) => number) => files.reduce((total, file) => total + of(file), 0);
    const summary = {
      files: files.length,
      rows: sum(({ rows }) => rows),
      bytes: sum(({ bytes }) => bytes),
      to: target.url,
    };
    if (output.json) await output.object(summary);
    else
      await output.line(
        `${count(summary.rows, 'row')} in ${count(summary.files, 'file')}, ${formatBytes(summary.bytes)}: ${target.url}`,
      );
  } finally {
    await target.close();
  }
  return undefined;
}
