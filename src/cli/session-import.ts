import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CairnError } from '../errors.ts';
import type { ImportedSession } from '../export/import.ts';
import { encodeName } from '../store/keys.ts';
import { defineCommand } from './command.ts';
import { checkTrust, writeOptions } from './mirror-options.ts';
import { count } from './text.ts';

export const importCommand = defineCommand({
  usage: 'import <files..>',
  describe: 'Take sessions from files of events into the bucket',
  examples: [
    ['cairn session import session.jsonl', 'what `export --format jsonl` wrote, here or elsewhere'],
    ['cairn session import session.jsonl --payloads media', 'with what its events refer to'],
    ['my-agent | cairn session import -', 'from standard input'],
  ],
  epilogue:
    'An imported session is one of the agent `imported`, under its old id; its events are the same, but for where they lie. Run twice it is there once. The sessions that agents keep on this host are not imported but mirrored: `cairn session mirror --all --since 30d`.',
  options: (yargs) =>
    writeOptions(yargs)
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Files; - for standard input' })
      .option('payloads', { type: 'string', describe: 'Folder that `export --payloads` wrote' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would be imported; change nothing' }),
  async run(args, { output, app: open, signal, stdin }) {
    const { prepareMirror } = await import('../app.ts');
    const { readExport } = await import('../export/import.ts');
    const { mirrorOnce } = await import('../mirror/mirror.ts');
    const { reportMirror } = await import('./mirror-report.ts');
    const app = await open();
    checkTrust(app.store.url, args.redact, args.yesITrustThisBucket);
    const harness = app.harnesses.find(({ name }) => name === 'imported');
    const [root] = harness?.roots(app.environment) ?? [];
    if (root === undefined) throw new CairnError('internal', 'expected a place for imported sessions, found none');
    for (const file of (args.files ?? []).map(String)) {
      const input = file === '-' ? stdin : createReadStream(file);
      const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
      // A file that cannot be read is told by its stream, not by its lines.
      const failed = new Promise<never>((_, reject) => {
        input.on('error', (cause: Error) =>
          reject(new CairnError('not-found', `expected to read ${file}, got ${cause.message}`, { cause })),
        );
      });
      failed.catch(() => {});
      const sessions = readExport(lines, file);
      for (;;) {
        const next = await Promise.race([sessions.next(), failed]);
        if (next.done) break;
        const { head, events, streams } = next.value;
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
        await place(root, next.value, args.payloads);
        const run = await prepareMirror(app, {
          harness: ['imported'],
          session: `imported/${head.session}`,
          redact: args.redact,
          singleWriter: args.singleWriter,
          signal,
        });
        const totals = await reportMirror(mirrorOnce(run), output, app);
        if (totals.failed > 0) throw new CairnError('incomplete', `expected to import ${head.session}, but it failed`);
        if (!output.json)
          await output.line(
            `imported/${head.session}: ${count(events, 'event')}${totals.parts === 0 ? ', there already' : ''}`,
          );
      }
    }
    return undefined;
  },
});

/** Lays a session down where its harness finds it: the mirror takes it from there, as any other. */
async function place(root: string, { head, streams }: ImportedSession, payloads: string | undefined): Promise<void> {
  const folder = join(root, encodeName(`${head.harness} ${head.session}`));
  await mkdir(join(folder, 'files'), { recursive: true, mode: 0o700 });
  for (const name of payloads === undefined ? [] : await readdir(payloads)) {
    if (/^[0-9a-f]{64}$/.test(name)) await copyFile(join(payloads ?? '', name), join(folder, 'files', name));
  }
  for (const [stream, lines] of streams) {
    await writeFile(join(folder, `${encodeURIComponent(stream)}.jsonl`), lines.map((line) => `${line}\n`).join(''), {
      mode: 0o600,
    });
  }
}
