import { readFile } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { Touch } from '../sessions/blame.ts';
import { defineCommand } from './command.ts';
import type { Output } from './output.ts';
import { count } from './text.ts';
import { parseSince } from './values.ts';

export const blameCommand = defineCommand({
  usage: 'blame <file>',
  describe: 'Say which session, and which turn of it, wrote a file or a line',
  examples: [
    ['cairn blame src/login.ts', 'every recorded edit of the file, the newest first'],
    ['cairn blame src/login.ts:42', 'the newest edit that wrote what stands in line 42'],
  ],
  epilogue:
    'From the edits that transcripts record, on all hosts: what was typed by hand or written by a script is in none. Sessions are read whole: --since and --repo make it faster.',
  options: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'File, or file:line' })
      .option('repo', { type: 'string', describe: 'Only sessions whose repository has this in its name' })
      .option('since', { type: 'string', describe: 'Only sessions touched since: 12h, 7d, 2026-11-21' }),
  async run(args, { output, app: open, signal }) {
    const app = await open();
    const [, file = args.file, digits] = /^(.+):(\d+)$/.exec(args.file) ?? [];
    const wanted = await nameInRepository(app, file);
    const line = digits === undefined ? undefined : await lineOf(resolve(app.host.cwd, file), Number(digits));
    const touches = await touching(app, { file: wanted, repo: args.repo, since: args.since }, output, signal);
    const edits = touches.filter(({ edit, failed }) => edit !== undefined && failed === undefined);
    const hits = line === undefined ? edits : edits.filter(({ edit }) => wrote(edit?.text, line)).slice(0, 1);
    for (const touch of output.json ? hits : []) await output.object(touchShape(touch));
    if (!output.json && hits.length > 0) await writeTouches(output, hits);
    if (hits.length === 0) {
      throw new CairnError(
        'not-found',
        `expected an edit of ${wanted}${digits === undefined ? '' : ` that wrote line ${digits}`}, found none in the sessions`,
        {
          hint:
            edits.length > 0
              ? `${count(edits.length, 'edit')} of the file are recorded: \`cairn blame ${file}\``
              : 'the file may have been written by hand, or its session is not mirrored',
        },
      );
    }
    return undefined;
  },
});

/** Edits of a file and commits, the newest first. */
export async function touching(
  app: App,
  wanted: {
    readonly file?: string;
    readonly commit?: string;
    readonly repo?: string | undefined;
    readonly since?: string | undefined;
  },
  output: Output,
  signal: AbortSignal,
): Promise<readonly Touch[]> {
  const { readCatalog } = await import('../sessions/catalog.ts');
  const { selectLines } = await import('../sessions/list.ts');
  const { touchesOf } = await import('../sessions/blame.ts');
  const { isFile } = await import('../trajectory/edits.ts');
  const catalog = await readCatalog(app.store, app.project, { signal });
  for (const problem of catalog.problems) output.note(problem);
  const lines = selectLines(catalog.lines, {
    ...(wanted.repo !== undefined && { repo: wanted.repo }),
    ...(wanted.since !== undefined && { since: parseSince('since', wanted.since, app.runtime.now()) }),
  });
  const touches: Touch[] = [];
  for await (const touch of touchesOf(app.store, lines, {
    project: app.project,
    harness: (name) => app.harnesses.find((harness) => harness.name === name),
    signal,
    onProblem: (line, cause) =>
      output.note(`${line.harness}/${line.session}: ${cause instanceof Error ? cause.message : String(cause)}`),
  })) {
    const { edit, commit } = touch;
    if (edit && wanted.file !== undefined && isFile(edit.path, wanted.file)) touches.push(touch);
    if (
      commit !== undefined &&
      wanted.commit !== undefined &&
      (commit.startsWith(wanted.commit) || wanted.commit.startsWith(commit))
    )
      touches.push(touch);
  }
  return touches.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
}

/** The file below its repository, or as it was given: sessions of other hosts have other folders. */
export async function nameInRepository(app: App, file: string): Promise<string> {
  const path = resolve(app.host.cwd, file);
  const root = (await app.repositoryOf(app.host.cwd))?.root ?? app.host.cwd;
  const below = relative(root, path).replaceAll('\\', '/');
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below;
}

async function lineOf(path: string, number: number): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CairnError('not-found', `expected to read ${path}, got ${cause.code}`, { cause });
  });
  const line = text.split('\n')[number - 1];
  if (line === undefined || line.trim() === '') {
    throw new CairnError(
      'usage',
      `expected a line with text, ${path} has ${line === undefined ? 'no' : 'an empty'} line ${number}`,
    );
  }
  return line;
}

function wrote(text: string | undefined, line: string): boolean {
  return text?.split('\n').some((one) => one.trim() === line.trim()) ?? false;
}

function touchShape({ line, stream, seq, turn, callId, time, tool, edit, commit }: Touch) {
  const { harness, session, host, title } = line;
  return { harness, session, stream, seq, turn, callId, time, tool, path: edit?.path, commit, host, title };
}

async function writeTouches(output: Output, touches: readonly Touch[]): Promise<void> {
  await output.table(touches, [
    { title: 'TIME', cell: ({ time }) => time?.slice(0, 19).replace('T', ' ') ?? '' },
    { title: 'SESSION', cell: ({ line }) => `${line.harness}/${line.session.slice(0, 8)}` },
    { title: 'TURN', cell: ({ turn }) => String(turn), align: 'right' },
    {
      title: 'EVENT',
      cell: ({ seq, stream }) => (stream === 'main' ? String(seq) : `${seq} of ${stream}`),
      align: 'right',
    },
    { title: 'TOOL', cell: ({ tool }) => tool ?? '' },
    { title: 'TITLE', cell: ({ line }) => line.title ?? '', flexible: true },
    { title: 'HOST', cell: ({ line }) => line.host, optional: true },
  ]);
}
