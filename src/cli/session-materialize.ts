import { readFile, writeFile } from 'node:fs/promises';
import { CairnError, ExitCode } from '../errors.ts';
import type { ExportSource } from '../export/source.ts';
import { type Context, defineCommand } from './command.ts';
import { count } from './text.ts';

export const materializeCommand = defineCommand({
  usage: 'materialize <id> <file>',
  describe: 'Make the Markdown of a session again from its events',
  examples: [['cairn session materialize 49d9aac8 session.md', 'writes what `export --format markdown` writes']],
  epilogue: 'Markdown is a pure function of the events: the same session gives the same bytes on every host.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .positional('file', { type: 'string', demandOption: true, describe: 'File that is written, or replaced' }),
  async run(args, context) {
    const { output } = context;
    const { writeMarkdown } = await import('../export/markdown.ts');
    const { source } = await open(args.id, context);
    const old = await readFile(args.file, 'utf8').catch(() => undefined);
    let text = '';
    for await (const piece of writeMarkdown(source)) text += piece;
    const was = old === undefined ? 'absent' : old === text ? 'identical' : 'different';
    if (was !== 'identical') await writeFile(args.file, text, { mode: 0o600 });
    const bytes = Buffer.byteLength(text);
    if (output.json) await output.object({ file: args.file, bytes, was });
    else await output.line({ absent: 'written', identical: 'was the same to the byte', different: 'replaced' }[was]);
    return undefined;
  },
});

export const reconcileCommand = defineCommand({
  usage: 'reconcile <id> <file>',
  describe: 'Compare a Markdown file with the session that it was made from',
  examples: [
    ['cairn session reconcile 49d9aac8 session.md', 'what is in one and not in the other; exit 1 if anything'],
  ],
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'File that `export` or `materialize` wrote',
      }),
  async run(args, context) {
    const { output } = context;
    const { reconcile } = await import('../export/reconcile.ts');
    const { source } = await open(args.id, context);
    const markdown = await readFile(args.file, 'utf8').catch((cause: Error) => {
      throw new CairnError('not-found', `expected a file ${args.file}, got ${cause.message}`, { cause });
    });
    const { identical, blocks, differences } = await reconcile(source, markdown);
    if (output.json) for (const difference of differences) await output.object({ event: 'difference', ...difference });
    else if (differences.length > 0) {
      await output.table(differences, [
        { title: 'STREAM', cell: ({ stream }) => stream },
        { title: 'EVENT', cell: ({ seq }) => String(seq), align: 'right' },
        { title: 'KIND', cell: ({ kind }) => kind },
        { title: 'IN THE FILE', cell: ({ difference }) => difference },
      ]);
    }
    if (output.json) await output.object({ event: 'done', identical, blocks, differences: differences.length });
    else
      await output.line(
        identical ? `${count(blocks, 'block')}, the same to the byte` : `${count(differences.length, 'difference')}`,
      );
    return identical ? undefined : ExitCode.failed;
  },
});

async function open(id: string, { app: openApp, output, signal }: Context): Promise<{ source: ExportSource }> {
  const { openSources } = await import('./export-sources.ts');
  const app = await openApp();
  const one = { ids: [id], all: false, filter: {}, stream: undefined, kinds: undefined, inline: 1 << 24 };
  for await (const source of openSources(app, { ...one, output, signal })) return { source };
  throw new CairnError('not-found', `expected a session ${id}, found none`);
}
