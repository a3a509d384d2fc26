import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { ImportedSession } from '../export/import.ts';
import { isAbsent } from '../store/file-errors.ts';
import { encodeName } from '../store/keys.ts';
import { defineCommand } from './command.ts';
import { readInput } from './input-file.ts';
import { checkTrust, writeOptions } from './mirror-options.ts';
import { count } from './text.ts';

export const importCommand = defineCommand({
  usage: 'import <files..>',
  describe: 'Take sessions from files, or from another bucket',
  examples: [
    ['cairn session import session.jsonl', 'what `export --format jsonl` wrote, here or elsewhere'],
    ['cairn session import session.jsonl --payloads media', 'with what its events refer to'],
    ['my-agent | cairn session import -', 'from standard input'],
    ['my-agent | cairn session import - --append nightly-7', 'one event a line, behind those that are there'],
    ['cairn session import session.tar', 'what `export --format cairn` wrote: equal to the last byte'],
    ['cairn session import s3://other/prefix', 'the whole project of another bucket'],
  ],
  epilogue:
    'An imported session is one of the agent `imported`, under its old id; its events are the same, but for where they lie. Run twice it is there once; a longer export of it adds what is new. --append takes events alone, as they come, and writes them behind those of the session on this host, which is made when it is not there: what is given twice is there twice. An archive or a bucket is copied as it is stored, each part proven by its chain: sessions keep their agents and ids, and what was redacted there is redacted here; nothing that is here is replaced. The sessions that agents keep on this host are not imported but mirrored: `cairn session mirror --all --since 30d`.',
  options: (yargs) =>
    writeOptions(yargs)
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Files; - for standard input; s3://… or file://…: a bucket',
      })
      .option('from-project', { type: 'string', describe: 'Of a bucket: name of the project there; default the same' })
      .option('payloads', { type: 'string', describe: 'Folder that `export --payloads` wrote' })
      .option('append', {
        type: 'string',
        describe: 'Events without a line that names the session: behind those of this one',
      })
      .conflicts('append', ['dry-run', 'payloads', 'from-project'])
      .option('dry-run', { type: 'boolean', describe: 'Tell what would be imported; change nothing' }),
  async run(args, { output, app: open, signal, stdin }) {
    const { prepareMirror } = await import('../app.ts');
    const { isSessionName, readExport } = await import('../export/import.ts');
    const { mirrorOnce } = await import('../mirror/mirror.ts');
    const { reportMirror } = await import('./mirror-report.ts');
    const app = await open();
    const { importObjects } = await import('./export-objects.ts');
    const { append } = args;
    if (append !== undefined && !isSessionName(append)) {
      throw new CairnError('usage', `expected the id of a session to append to, got ${JSON.stringify(append)}`);
    }
    const files: string[] = [];
    for (const name of (args.files ?? []).map(String)) {
      if (append !== undefined || !(await importObjects(app, name, args, { output, signal }))) files.push(name);
    }
    if (files.length === 0) return undefined;
    checkTrust(app.store.url, args.redact, args.yesITrustThisBucket);
    const harness = app.harnesses.find(({ name }) => name === 'imported');
    const [root] = harness?.roots(app.environment) ?? [];
    if (root === undefined) throw new CairnError('internal', 'expected a place for imported sessions, found none');
    const ship = async (session: string, events: number) => {
      const run = await prepareMirror(app, {
        harness: ['imported'],
        session: `imported/${session}`,
        redact: args.redact,
        singleWriter: args.singleWriter,
        signal,
      });
      const totals = await reportMirror(mirrorOnce(run), output, app);
      if (totals.failed > 0) throw new CairnError('incomplete', `expected to import ${session}, but it failed`);
      if (!output.json)
        await output.line(
          `imported/${session}: ${count(events, 'event')}${totals.parts === 0 ? ', there already' : ''}`,
        );
    };
    const { appendEvents, appendFolder } = await import('./import-append.ts');
    const inBucket = (session: string) => isImported(app, session, signal);
    const folder = append === undefined ? undefined : await appendFolder(root, append, inBucket);
    for (const file of files) {
      const bytes = readInput(file, stdin, signal);
      if (append !== undefined && folder !== undefined) {
        let events = 0;
        try {
          await appendEvents(folder, bytes, file, () => events++);
        } finally {
          if (events > 0) await ship(append, events);
        }
        continue;
      }
      for await (const session of readExport(bytes, file)) {
        const { head, events, streams } = session;
        if (args.dryRun) {
          if (output.json)
            await output.object({
              event: 'would',
              session: head.session,
              from: head.harness,
              streams: streams.size,
              events,
            });
          else
            await output.line(
              `${head.harness}/${head.session}: ${count(events, 'event')} in ${count(streams.size, 'stream')}`,
            );
          continue;
        }
        await place(root, session, args.payloads);
        await ship(head.session, events);
      }
    }
    return undefined;
  },
});

async function isImported(app: App, session: string, signal: AbortSignal): Promise<boolean> {
  const { listSession } = await import('../sessions/listing.ts');
  const listing = await listSession(app.store, { project: app.project, harness: 'imported', session }, { signal });
  return listing.objects > 0;
}

/** Lays a session down where its harness finds it: the mirror takes it from there, as any other. */
async function place(root: string, { head, streams }: ImportedSession, payloads: string | undefined): Promise<void> {
  const folder = join(root, encodeName(`${head.harness} ${head.session}`));
  const files = payloads === undefined ? [] : await payloadFiles(payloads);
  await mkdir(join(folder, 'files'), { recursive: true, mode: 0o700 });
  for (const path of files) await copyFile(path, join(folder, 'files', basename(path)));
  for (const [stream, lines] of streams) {
    await writeFile(join(folder, `${encodeURIComponent(stream)}.jsonl`), lines.map((line) => `${line}\n`).join(''), {
      mode: 0o600,
    });
  }
}

/** What `export --payloads` wrote: files by their hash. @throws CairnError `not-found`, `denied` */
async function payloadFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    const code = isAbsent(cause) ? 'not-found' : 'denied';
    throw new CairnError(code, `expected a folder of payloads at ${folder}, got ${cause.code ?? cause}`, {
      cause,
      hint: 'it is what `cairn session export --payloads` wrote',
    });
  });
  return entries
    .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
    .map(({ name }) => join(folder, name));
}
